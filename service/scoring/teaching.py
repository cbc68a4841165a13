"""How much a review of a call would teach about the rules: most where the machine was least sure."""

from __future__ import annotations

from collections.abc import Iterator

from service.scoring.results import Evidence, Scorecard
from service.scoring.rulings import Rulings

#: A hit by example this close to its threshold is in doubt; similarities are rounded to a thousandth or so.
SIMILARITY_REACH = 0.1
#: An adherence this close to the pass mark may be on its other side by one item.
ADHERENCE_REACH = 0.1
#: Mean word probability from which a recognizer is sure, and where it is guessing.
SURE, GUESSING = 0.85, 0.55


def teaches(scorecard: Scorecard, rulings: Rulings, *, confidence: float | None = None) -> float:
    """0..1: the greatest of how unsure the recognizer was, how near a hit is to its threshold, and how near the adherence
    is to the pass mark. `confidence` is the mean word probability, None where nothing measured it. 0 where nobody spoke.
    """
    if scorecard.no_speech:
        return 0.0
    doubts = [_near(found, rulings) for found in _decided_by_example(scorecard)]
    if scorecard.adherence is not None and rulings.pass_mark is not None:
        doubts.append(_closeness(abs(scorecard.adherence - rulings.pass_mark), ADHERENCE_REACH))
    if confidence is not None:
        doubts.append(min(max((SURE - confidence) / (SURE - GUESSING), 0.0), 1.0))
    return max(doubts, default=0.0)


def _decided_by_example(scorecard: Scorecard) -> Iterator[Evidence]:
    for item in scorecard.items:
        yield from item.evidence
    for objection in scorecard.objections:
        yield from objection.evidence
        yield from objection.outcome_evidence
        for step in objection.steps:
            yield from step.evidence
    for violation in scorecard.violations:
        yield from violation.evidence


def _near(evidence: Evidence, rulings: Rulings) -> float:
    threshold = rulings.thresholds.get(evidence.rule)
    if evidence.similarity is None or threshold is None:
        return 0.0
    return _closeness(evidence.similarity - threshold, SIMILARITY_REACH)


def _closeness(distance: float, reach: float) -> float:
    return max(0.0, 1.0 - distance / reach) if distance >= 0 else 0.0
