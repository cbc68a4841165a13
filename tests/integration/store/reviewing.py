"""Scored calls as reviewers meet them: a small pack's rulings, and scorecards with places."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.scoring.override import Override
from service.scoring.policy import Condition, FlagRule, PointsRow, Policy
from service.scoring.results import (
    Evidence,
    Flag,
    ItemResult,
    ItemStatus,
    ObjectionResult,
    Outcome,
    Scorecard,
    Step,
    StepResult,
    ViolationResult,
)
from service.scoring.rulings import Rulings
from service.scoring.transcript import Transcript, Utterance
from service.store.database import Database
from service.store.records_reviews import Decision, NewReview, ReviewedCall
from tests.fixtures.samples import NOW, sample_call, sample_scorecard

PRICE, TERMS = {"ru": "Цена", "en": "Price"}, {"ru": "Условия", "en": "Terms"}
RULINGS = Rulings(
    critical_cap=0.6,
    pass_mark=0.75,
    policy=Policy(
        episode_turns=10,
        repeat_turns=12,
        handled=Condition(all_of=("argument",), any_of=("acknowledge", "clarify"), outcome_not=("rejected",)),
        argumentation=(
            PointsRow(
                4.0, Condition(all_of=("argument", "acknowledge"), outcome=("accepted",)), {"ru": "а", "en": "a"}
            ),
            PointsRow(2.0, Condition(all_of=("argument",)), {"ru": "б", "en": "b"}),
            PointsRow(0.0, Condition(), {"ru": "в", "en": "c"}),
        ),
    ),
    types={"price": PRICE, "terms": TERMS, "timing": {"ru": "Время", "en": "Timing"}},
    violations={"overpromise": ({"ru": "Обещание", "en": "Overpromise"}, "high")},
    flags=(
        FlagRule("critical_missed", "high"),
        FlagRule("violation", "from_violation"),
        FlagRule("low_adherence", "medium", 0.5),
        FlagRule("low_confidence", "low", 0.5),
    ),
)
TEXT = Transcript(
    "ru", tuple(Utterance("agent" if at % 2 == 0 else "customer", f"реплика {at}") for at in range(12)), "given"
)
REVIEWER, COLLEAGUE = "user:01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77", "key:cs_1a2b3c4d"


def item(name: str, status: ItemStatus = "met", *, weight: float = 1.0, critical: bool = False) -> ItemResult:
    points = {"met": 1.0, "partial": 0.5, "missed": 0.0}.get(status)
    title = {"ru": name, "en": name}
    return ItemResult(name, title, status, points, weight, critical, {"ru": "р", "en": "r"}, ())


def objection(
    at: int,
    kind: str = "price",
    *,
    steps: tuple[Step, ...] = ("argument",),
    outcome: Outcome = "neutral",
    quote: str = "дорого",
) -> ObjectionResult:
    judged = RULINGS.judge(steps, outcome)
    assert judged is not None
    return ObjectionResult(
        id=f"o{at}",
        type=kind,
        title=RULINGS.types[kind],
        evidence=(Evidence(at, None, None, quote, f"objections/{kind}", "дорого"),),
        repeats=(),
        steps=tuple(StepResult(step, ()) for step in steps),
        outcome=outcome,
        outcome_evidence=(),
        handled=judged[0],
        points=judged[1].points,
        reason={"ru": "р", "en": "r"},
    )


def card(
    *,
    items: tuple[ItemResult, ...] = (
        item("greeting"),
        item("company", "missed", critical=True),
        item("closing", "partial"),
    ),
    ledger: tuple[ObjectionResult, ...] = (objection(3), objection(7, "terms")),
    violations: tuple[str, ...] = (),
    flags: tuple[Flag, ...] = (),
    version: str = "1.0.0",
    **changes: Any,
) -> Scorecard:
    """A scorecard whose figures follow from its parts, as the machine's do."""
    found = tuple(
        ViolationResult(name, *RULINGS.violations[name], reason={"ru": "р", "en": "r"}, evidence=())
        for name in violations
    )
    weight = sum(one.weight for one in items if one.points is not None)
    points = sum(one.weight * one.points for one in items if one.points is not None)
    if any(one.critical and one.status == "missed" for one in items):
        points = min(points, RULINGS.critical_cap * weight)
    return replace(
        sample_scorecard(pack_version=version),
        transcript_sha256=TEXT.sha256(),
        items=items,
        objections=ledger,
        objections_total=len(ledger),
        objections_handled=sum(one.handled for one in ledger),
        argumentation=sum(one.points for one in ledger) / len(ledger) if ledger else None,
        violations=found,
        flags=flags,
        adherence=round(points / weight, 6) if weight else None,
        adherence_points=points,
        adherence_weight=weight,
        **changes,
    )


FLAGGED = (
    Flag("critical_missed", "high", {"ru": "Пропущено важное: company.", "en": "Critical item missed: company."}),
)


def score(database: Database, call_id: UUID, scorecard: Scorecard, *, now: datetime = NOW, **more: Any) -> None:
    """Score the call, again if it was scored."""
    with database.transaction() as tx:
        if tx.calls.get(call_id).status == "scored":
            tx.calls.rescore(call_id, now=now)
        tx.rulings.keep(scorecard.pack_sha256, RULINGS, now=now)
        assert tx.calls.claim(call_id, "score", token="s", now=now, lease_s=60) is not None
        assert tx.scorecards.save(call_id, scorecard, token="s", now=now, **more)


def reviewable(
    database: Database,
    external_id: str = "call-1",
    scorecard: Scorecard | None = None,
    *,
    now: datetime = NOW,
    **changes: Any,
) -> UUID:
    """A scored call with a transcript; `changes` are fields of NewCall."""
    confidence = changes.pop("confidence", None)
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(external_id, **changes), now=now, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=now, lease_s=60)
        assert tx.transcripts.save(call.id, TEXT, token="t", now=now)
    score(database, call.id, card() if scorecard is None else scorecard, now=now, confidence=confidence)
    return call.id


def decided(
    database: Database, call_id: UUID, *overrides: Override, reviewer: str = REVIEWER, **changes: Any
) -> ReviewedCall:
    """A review by somebody who has just looked at the call; `changes` are fields of NewReview."""
    now = changes.pop("now", NOW + timedelta(minutes=1))
    with database.transaction() as tx:
        seen = tx.reviews.get(call_id, now=now)
        fields: dict[str, Any] = {
            "scorecard_id": seen.scorecard_id,
            "version": seen.version,
            "verdict": "corrected" if overrides else "confirmed",
            "decisions": tuple(Decision(override, "слышно в записи") for override in overrides),
        }
        return tx.reviews.submit(call_id, NewReview(**(fields | changes)), reviewer=reviewer, now=now)
