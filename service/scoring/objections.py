"""Objection episodes -> the ledger: steps, outcome, handled, points by the pack's table, and why in words."""

from __future__ import annotations

from collections.abc import Sequence

from service.scoring.dialogue import Dialogue
from service.scoring.episode import Episode
from service.scoring.episodes import episodes
from service.scoring.hits import Hits
from service.scoring.pack import Pack
from service.scoring.policy import Condition, PointsRow, Policy
from service.scoring.results import STEPS, ObjectionResult, Outcome, Step, StepResult, Text
from service.scoring.wording import OUTCOME, STEP_DONE, STEP_MISSING, listed, number

#: An objection after which the customer never spoke again, or never reacted, was neither accepted nor refused.
SILENT_OUTCOME: Outcome = "neutral"


def objections(dialogue: Dialogue, hits: Hits, pack: Pack) -> tuple[ObjectionResult, ...]:
    """The ledger of one call, in the order the objections were voiced; ids `o1`, `o2` ..."""
    return tuple(
        _result(f"o{index}", episode, pack.policy) for index, episode in enumerate(episodes(dialogue, hits, pack), 1)
    )


def mean_points(ledger: Sequence[ObjectionResult]) -> float | None:
    """Argumentation of the call, 0..5; None without objections, never 0."""
    return sum(objection.points for objection in ledger) / len(ledger) if ledger else None


def _result(objection_id: str, episode: Episode, policy: Policy) -> ObjectionResult:
    taken = frozenset(episode.steps)
    outcome = episode.outcome or SILENT_OUTCOME
    handled = policy.handled.holds(taken, outcome)
    row = next(row for row in policy.argumentation if row.condition.holds(taken, outcome))
    return ObjectionResult(
        id=objection_id,
        type=episode.type.type,
        title=episode.type.rule.title,
        evidence=tuple(hit.evidence for hit in episode.opening),
        repeats=tuple(hit.evidence for hit in episode.repeats),
        steps=tuple(
            StepResult(step, tuple(hit.evidence for hit in episode.steps[step])) for step in STEPS if step in taken
        ),
        outcome=outcome,
        outcome_evidence=tuple(hit.evidence for hit in episode.outcome_hits),
        handled=handled,
        points=row.points,
        reason=_reason(row, taken, outcome, handled, policy.handled),
    )


def _reason(row: PointsRow, taken: frozenset[Step], outcome: Outcome, handled: bool, rule: Condition) -> Text:
    """Points and why, what was done and what was missing, what came of it, and whether it counts as handled."""
    done = listed(STEP_DONE[step] for step in STEPS if step in taken)
    missing = listed(STEP_MISSING[step] for step in STEPS if step not in taken)
    why_not = _why_not(rule, taken, outcome)
    ru = [f"{number(row.points, 'ru')} из 5: {row.reason['ru']}."]
    en = [f"{number(row.points, 'en')} of 5: {row.reason['en']}."]
    if taken:
        ru.append(f"Было: {done['ru']}.")
        en.append(f"Done: {done['en']}.")
    if taken and missing["en"]:
        ru.append(f"Не было: {missing['ru']}.")
        en.append(f"Missing: {missing['en']}.")
    ru.append(f"Итог: {OUTCOME[outcome]['ru']}.")
    en.append(f"In the end {OUTCOME[outcome]['en']}.")
    ru.append("Возражение отработано." if handled else f"Возражение не отработано: {why_not['ru']}.")
    en.append("Counts as handled." if handled else f"Not handled: {why_not['en']}.")
    return {"ru": " ".join(ru), "en": " ".join(en)}


def _why_not(rule: Condition, taken: frozenset[Step], outcome: Outcome) -> Text:
    """What the policy's `handled` asks for and did not get."""
    reasons = [_no(step) for step in rule.all_of if step not in taken]
    if rule.any_of and taken.isdisjoint(rule.any_of):
        wanted = [STEP_MISSING[step] for step in rule.any_of]
        reasons.append(
            {
                "ru": "нет ни " + ", ни ".join(step["ru"] for step in wanted),
                "en": "neither " + " nor ".join(step["en"] for step in wanted),
            }
        )
    if outcome in rule.outcome_not or (rule.outcome and outcome not in rule.outcome):
        reasons.append(OUTCOME[outcome])
    return (
        listed(reasons) if reasons else {"ru": "условия пакета не выполнены", "en": "the pack's conditions do not hold"}
    )


def _no(step: Step) -> Text:
    return {
        "ru": f"нет {STEP_MISSING[step]['ru']}",
        "en": f"no {STEP_MISSING[step]['en'].removeprefix('an ').removeprefix('a ')}",
    }
