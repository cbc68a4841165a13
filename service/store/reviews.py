"""Reviews: what people decide about a scorecard, one at a time, and what counts after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from service.scoring.errors import (
    DecisionProblem,
    DecisionsInvalid,
    ReviewConflict,
    ReviewOutdated,
    ScorecardNotReady,
)
from service.scoring.override import Override
from service.scoring.override_checks import Scene, problems_of
from service.scoring.overrides_objections import place
from service.scoring.results import Scorecard
from service.store import effective, override_rows, queue_rows, review_marks
from service.store.effective import Judged
from service.store.models import calls
from service.store.models_reviews import reviews
from service.store.override_rows import Row
from service.store.records_reviews import Decision, NewReview, Origin, Review, ReviewedCall
from service.store.transcripts import TranscriptRepository
from service.store.types import new_id


class ReviewRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, call_id: UUID, *, now: datetime) -> ReviewedCall:
        """The call's scorecard with people's word on it. Raises ScorecardNotReady, StoredTextDamaged."""
        judged = self._judged(call_id)
        return self._reviewed(call_id, judged, now)

    def submit(
        self, call_id: UUID, new: NewReview, *, reviewer: str, now: datetime, origin: Origin = "review"
    ) -> ReviewedCall:
        """Take in a review: its decisions hold from now on, KPIs follow in this transaction, the claim on the call ends.

        Decisions replace earlier ones on the same points; what a review does not mention stays as it was. `reviewer` is
        named as the audit log names people. After a decision on a dispute (`origin`) the call waits for its review as before.

        Raises:
            ScorecardNotReady: there is nothing to review yet.
            ReviewOutdated: the call was scored anew since the reviewer looked.
            ReviewConflict: somebody else reviewed it meanwhile.
            CallClaimed: somebody else is at it now.
            DecisionsInvalid: decisions that cannot be applied; nothing is stored.
        """
        self._lock(call_id)
        judged = self._judged(call_id)
        place_in_queue = queue_rows.get(self._connection, call_id)
        self._check_current(call_id, new, judged)
        queue_rows.check_free(place_in_queue, reviewer, now)
        decisions = tuple(_placed(decision, judged.machine) for decision in new.decisions)
        withdrawn = self._check_decisions(call_id, replace(new, decisions=decisions), judged)
        review_id = new_id()
        self._connection.execute(
            insert(reviews).values(
                id=review_id,
                call_id=call_id,
                version=new.version + 1,
                scorecard_id=judged.scorecard_id,
                reviewer=reviewer,
                verdict=new.verdict,
                origin=origin,
                comment=new.comment,
                lot_ppm=place_in_queue.lot_ppm,
                created_at=now,
            )
        )
        replaced = {override_rows.about(decision.override) for decision in decisions}
        ended = [row for row in judged.rows if row.id in withdrawn or override_rows.about(row.override) in replaced]
        override_rows.end(self._connection, ended, now=now)
        for decision in decisions:
            override_rows.add(
                self._connection,
                call_id,
                review_id,
                decision.override,
                machine=machine_said(judged.machine, decision.override),
                reason=decision.reason,
                transcript_sha256=judged.machine.transcript_sha256,
            )
        judged = self._judged(call_id)
        effective.count(self._connection, call_id, judged, now=now)
        # One disputed point says nothing about the others; it corrects the marks of a call that was looked at as a whole.
        whole = origin == "review" or review_marks.has(self._connection, judged.scorecard_id)
        if whole and new.verdict != "unusable":
            review_marks.write(self._connection, call_id, judged, lot_ppm=place_in_queue.lot_ppm, now=now)
        if origin == "review":
            queue_rows.reviewed(self._connection, call_id, now)
        return self._reviewed(call_id, judged, now)

    def recount(self, call_id: UUID, *, now: datetime) -> None:
        """Let the call count by today's overrides and switches, for example after a rule was switched off."""
        self._lock(call_id)
        judged = effective.current(self._connection, call_id)
        if judged is not None:
            effective.count(self._connection, call_id, judged, now=now)

    def _lock(self, call_id: UUID) -> None:
        """Whoever else reviews, scores or erases this call waits here until we are done."""
        self._connection.execute(select(calls.c.id).where(calls.c.id == call_id).with_for_update())

    def _judged(self, call_id: UUID) -> Judged:
        judged = effective.current(self._connection, call_id)
        if judged is None:
            raise ScorecardNotReady("the call has no scorecard yet, so there is nothing to review")
        return judged

    def _check_current(self, call_id: UUID, new: NewReview, judged: Judged) -> None:
        if new.scorecard_id != judged.scorecard_id:
            raise ReviewOutdated(
                "the call was scored anew since you looked at it; look at what changed, then send your review with the new "
                "scorecard_id"
            )
        version = self._version(call_id)
        if new.version != version:
            raise ReviewConflict(
                f"somebody reviewed this call since you looked at it: it is at version {version}, you sent {new.version}; look at "
                "what they decided, then send what you still want to change with the new version"
            )

    def _check_decisions(self, call_id: UUID, new: NewReview, judged: Judged) -> set[UUID]:
        """The ids to withdraw, after checking everything."""
        transcript = TranscriptRepository(self._connection).get(call_id)
        utterances = None if transcript is None else len(transcript.utterances)
        scene = Scene(judged.machine, judged.rulings, utterances)
        found = list(problems_of([decision.override for decision in new.decisions], scene))
        found += _of_verdict(new, judged.rows)
        if found:
            raise DecisionsInvalid(found)
        return set(new.withdraw)

    def _version(self, call_id: UUID) -> int:
        latest = select(func.max(reviews.c.version)).where(reviews.c.call_id == call_id)
        return int(self._connection.execute(latest).scalar_one() or 0)

    def _reviewed(self, call_id: UUID, judged: Judged, now: datetime) -> ReviewedCall:
        statement = select(reviews).where(reviews.c.call_id == call_id).order_by(reviews.c.version)
        history = tuple(
            Review(
                id=row.id,
                version=row.version,
                scorecard_id=row.scorecard_id,
                reviewer=row.reviewer,
                verdict=row.verdict,
                origin=row.origin,
                comment=row.comment,
                created_at=row.created_at,
                current=row.scorecard_id == judged.scorecard_id,
            )
            for row in self._connection.execute(statement)
        )
        claim = queue_rows.claim_of(queue_rows.get(self._connection, call_id), now)
        return ReviewedCall(
            call_id=call_id,
            scorecard_id=judged.scorecard_id,
            version=history[-1].version if history else 0,
            machine=judged.machine,
            effective=judged.effective,
            overrides=tuple(row.shown(state) for row, state in zip(judged.rows, judged.states, strict=True)),
            not_counted=judged.not_counted,
            reviews=history,
            claimed_by=None if claim is None else claim[0],
            claimed_until=None if claim is None else claim[1],
        )


def machine_said(machine: Scorecard, override: Override) -> dict[str, Any]:
    """The machine's verdict on the point that an override decides: plain data without a word of the call; empty if it said nothing."""
    if override.kind == "item":
        return next(
            ({"status": item.status, "points": item.points} for item in machine.items if item.id == override.target), {}
        )
    if override.kind.startswith("violation"):
        return {"found": any(found.id == override.target for found in machine.violations)}
    for found in machine.objections:
        if found.type == override.target and override.kind != "objection_added" and place(found) == override.utterance:
            steps = [step.step for step in found.steps]
            verdict = {"outcome": found.outcome, "handled": found.handled, "points": found.points}
            return {"id": found.id, "type": found.type, "steps": steps} | verdict
    return {}


def changes(before: Scorecard, after: Scorecard) -> dict[str, Any]:
    """What a new scorecard says otherwise: packs, and per script item, objection and violation what was and what is."""
    return {
        "pack": {"before": f"{before.pack_id} {before.pack_version}", "now": f"{after.pack_id} {after.pack_version}"},
        "items": _differing({i.id: i.status for i in before.items}, {i.id: i.status for i in after.items}),
        "objections": _differing(_ledger(before), _ledger(after)),
        "violations": _differing({v.id: "found" for v in before.violations}, {v.id: "found" for v in after.violations}),
    }


def _ledger(scorecard: Scorecard) -> dict[str, str]:
    return {f"{found.type} at {place(found)}": found.outcome for found in scorecard.objections}


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [{"id": name, "before": before.get(name), "now": after.get(name)} for name in names]


def _placed(decision: Decision, machine: Scorecard) -> Decision:
    """A decision about the only objection of a type need not say where; it is stored with the place all the same."""
    override = decision.override
    if override.utterance is not None or override.kind not in {"objection_changed", "objection_removed"}:
        return decision
    places = [place(found) for found in machine.objections if found.type == override.target]
    return replace(decision, override=replace(override, utterance=places[0])) if len(places) == 1 else decision


def _of_verdict(new: NewReview, rows: Sequence[Row]) -> list[DecisionProblem]:
    known = {row.id for row in rows}
    if any(withdrawn not in known for withdrawn in new.withdraw):
        return [DecisionProblem(0, "withdraw", "names an override that does not hold on this call")]
    if new.verdict != "corrected" and (new.decisions or new.withdraw):
        return [DecisionProblem(0, "verdict", f"must be 'corrected' where points are decided, found {new.verdict!r}")]
    if new.verdict == "corrected" and not new.decisions and not new.withdraw:
        return [
            DecisionProblem(0, "verdict", "is 'corrected' but nothing is; send a decision, or confirm the scorecard")
        ]
    blank = [index for index, decision in enumerate(new.decisions) if not decision.reason.strip()]
    return [DecisionProblem(index, "reason", "is needed: the rep will read why") for index in blank]
