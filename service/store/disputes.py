"""Disputes: a rep or a manager says that a point is wrong, a QA lead upholds or rejects it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, exists, insert, select, update

from service.scoring.errors import DecisionsInvalid, DisputeStateWrong, DisputeUnknown, ScorecardNotReady
from service.scoring.override import Override, override_from_dict
from service.scoring.override_checks import Scene, problems_of
from service.store import effective, override_rows
from service.store.models import calls, reps
from service.store.models_reviews import disputes, erasures
from service.store.records_reviews import Decision, Dispute, DisputeState, NewReview
from service.store.reviews import ReviewRepository
from service.store.transcripts import TranscriptRepository
from service.store.types import new_id


class DisputeRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, call_id: UUID, wish: Override, *, argument: str, by: str, now: datetime) -> Dispute:
        """Dispute the point that `wish` would decide. The score stays as it is until a QA lead has decided.

        Raises:
            ScorecardNotReady: there is nothing to dispute yet.
            DecisionsInvalid: the wish is about nothing that is there, or says too little.
            DisputeStateWrong: the point is disputed already.
        """
        self._lock_call(call_id)
        judged = effective.current(self._connection, call_id)
        if judged is None:
            raise ScorecardNotReady("the call has no scorecard yet, so there is nothing to dispute")
        transcript = TranscriptRepository(self._connection).get(call_id)
        scene = Scene(judged.machine, judged.rulings, None if transcript is None else len(transcript.utterances))
        if found := problems_of([wish], scene):
            raise DecisionsInvalid(found)
        about = override_rows.about(wish)
        already = select(disputes.c.id).where(
            disputes.c.call_id == call_id, disputes.c.about == about, disputes.c.state == "open"
        )
        if self._connection.execute(already).first() is not None:
            raise DisputeStateWrong("this point is disputed already; wait for the decision")
        dispute_id = new_id()
        self._connection.execute(
            insert(disputes).values(
                id=dispute_id,
                call_id=call_id,
                scorecard_id=judged.scorecard_id,
                about=about,
                wish=wish.to_dict(),
                argument=argument,
                raised_by=by,
                raised_at=now,
                state="open",
            )
        )
        return self.get(dispute_id)

    def decide(self, dispute_id: UUID, *, uphold: bool, answer: str, by: str, now: datetime) -> Dispute:
        """Uphold: the wish becomes an override with `answer` as its reason. Reject: nothing changes but the dispute.

        Raises:
            DisputeUnknown, DisputeStateWrong: there is none, or it is decided.
            DecisionsInvalid: the call was scored anew and the point is gone; it can only be rejected.
            CallClaimed: another reviewer is at the call.
        """
        # The call first, as everybody does who writes about it: two that wait for each other would wait for ever.
        self._lock_call(self.get(dispute_id).call_id)
        dispute = self.get(dispute_id, lock=True)
        if dispute.state != "open":
            raise DisputeStateWrong(f"this dispute was decided already: {dispute.state}")
        review_id = self._apply(dispute, answer, by, now) if uphold else None
        values = {
            "state": "upheld" if uphold else "rejected",
            "decided_by": by,
            "decided_at": now,
            "answer": answer,
            "review_id": review_id,
        }
        self._connection.execute(update(disputes).where(disputes.c.id == dispute_id).values(values))
        return self.get(dispute_id)

    def get(self, dispute_id: UUID, *, lock: bool = False) -> Dispute:
        """Raises DisputeUnknown."""
        statement = select(disputes).where(disputes.c.id == dispute_id)
        row = self._connection.execute(statement.with_for_update() if lock else statement).one_or_none()
        if row is None:
            raise DisputeUnknown(f"no dispute has the id {dispute_id}")
        return _dispute(row)

    def list(
        self,
        *,
        state: DisputeState | None = None,
        call_id: UUID | None = None,
        team_id: UUID | None = None,
        rep_id: UUID | None = None,
        rep: str | None = None,
        limit: int = 100,
        after: UUID | None = None,
        newest_first: bool = False,
    ) -> tuple[Dispute, ...]:
        """Oldest first, so that nobody waits for ever, unless told otherwise; `after` is the last id of the page before, `rep` an
        external id. Not those of erased calls.
        """
        erased = exists().where(erasures.c.call_id == disputes.c.call_id, erasures.c.call_at.is_not(None))
        statement = (
            select(disputes)
            .join(calls, calls.c.id == disputes.c.call_id)
            .join(reps, reps.c.id == calls.c.rep_id)
            .where(~erased)
            .order_by(disputes.c.id.desc() if newest_first else disputes.c.id)
            .limit(limit)
        )
        columns = (
            (disputes.c.state, state),
            (disputes.c.call_id, call_id),
            (reps.c.team_id, team_id),
            (reps.c.id, rep_id),
            (reps.c.external_id, rep),
        )
        statement = statement.where(*(column == value for column, value in columns if value is not None))
        if after is not None:
            statement = statement.where(disputes.c.id < after if newest_first else disputes.c.id > after)
        return tuple(_dispute(row) for row in self._connection.execute(statement))

    def _lock_call(self, call_id: UUID) -> None:
        self._connection.execute(select(calls.c.id).where(calls.c.id == call_id).with_for_update())

    def _apply(self, dispute: Dispute, answer: str, by: str, now: datetime) -> UUID:
        reviews = ReviewRepository(self._connection)
        seen = reviews.get(dispute.call_id, now=now)
        new = NewReview(
            scorecard_id=seen.scorecard_id,
            version=seen.version,
            verdict="corrected",
            decisions=(Decision(dispute.wish, answer),),
        )
        return reviews.submit(dispute.call_id, new, reviewer=by, now=now, origin="dispute").reviews[-1].id


def _dispute(row: Row[tuple[Any, ...]]) -> Dispute:
    return Dispute(
        id=row.id,
        call_id=row.call_id,
        scorecard_id=row.scorecard_id,
        wish=override_from_dict(row.wish),
        argument=row.argument,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        answer=row.answer,
        review_id=row.review_id,
    )
