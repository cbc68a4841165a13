"""A scorecard that people have gone through, as labels: what they let stand or decided counts as what they say."""

from __future__ import annotations

from service.scoring.labels import LabelledCall, LabelledObjection
from service.scoring.results import ItemResult, Scorecard
from service.scoring.scorecard import CallContext
from service.scoring.transcript import Transcript


def labels_of(call_id: str, reviewed: Scorecard, transcript: Transcript, context: CallContext) -> LabelledCall:
    """`reviewed` is the scorecard that counts after a review. Places of objections are utterances, not turns.

    Items that take no part in the figure are left out: nobody said whether they were met.
    """
    return LabelledCall(
        id=call_id,
        pack_id=reviewed.pack_id,
        direction=context.direction,
        role=context.role,
        transcript=transcript,
        items={item.id: _met(item) for item in reviewed.items if item.points is not None},
        objections=tuple(
            LabelledObjection(
                id=found.id,
                type=found.type,
                turn=found.evidence[0].utterance,
                steps=frozenset(step.step for step in found.steps),
                outcome=found.outcome,
                handled=found.handled,
                points=found.points,
            )
            for found in reviewed.objections
            if found.evidence
        ),
        violations=frozenset(violation.id for violation in reviewed.violations),
    )


def _met(item: ItemResult) -> bool:
    return item.status == "met"
