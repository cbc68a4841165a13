"""Calibration: several reviewers judge the same calls without seeing each other's sheets, or the machine's, until it is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, delete, exists, insert, select, update

from service.scoring.errors import CalibrationStateWrong, CalibrationUnknown, ScorecardNotReady
from service.scoring.raters import Verdict
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings
from service.scoring.stored_scorecard import scorecard_from_dict
from service.store import content
from service.store.models import scorecards
from service.store.models_reviews import calibration_calls, calibration_sheets, calibrations
from service.store.rulings import RulingsRepository
from service.store.types import new_id


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one reviewer said about one call: rule (`script/greeting` ...) -> verdict; `argumentation` holds points 0..5."""

    call_id: UUID
    reviewer: str
    verdicts: Mapping[str, Verdict]
    comment: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Calibration:
    """`handed_in` are (call, reviewer) of the sheets there are; what is in them is told once it is closed."""

    id: UUID
    title: str
    created_by: str
    created_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    calls: tuple[UUID, ...]
    handed_in: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a reviewer has to judge of one call; `machine` must not be shown while the calibration is open."""

    call_id: UUID
    machine: Scorecard
    rulings: Rulings


class CalibrationRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, title: str, call_ids: Sequence[UUID], *, by: str, now: datetime) -> Calibration:
        """A set of scored calls to be judged. Raises ScorecardNotReady, naming the first call that is not scored."""
        calibration_id = new_id()
        ids: dict[UUID, UUID] = {}
        for call_id in call_ids:
            current = select(scorecards.c.id).where(scorecards.c.call_id == call_id, scorecards.c.current)
            scorecard_id = self._connection.execute(current).scalar_one_or_none()
            if scorecard_id is None:
                raise ScorecardNotReady(f"call {call_id} has no scorecard yet; take calls that are scored")
            ids[call_id] = scorecard_id
        values = {"id": calibration_id, "title": title, "created_by": by, "created_at": now}
        self._connection.execute(insert(calibrations).values(values))
        rows = [
            {"calibration_id": calibration_id, "call_id": call_id, "position": position, "scorecard_id": scorecard_id}
            for position, (call_id, scorecard_id) in enumerate(ids.items())
        ]
        self._connection.execute(insert(calibration_calls), rows)
        return self.get(calibration_id)

    def get(self, calibration_id: UUID, *, lock: bool = False) -> Calibration:
        """Raises CalibrationUnknown."""
        statement = select(calibrations).where(calibrations.c.id == calibration_id)
        row = self._connection.execute(statement.with_for_update() if lock else statement).one_or_none()
        if row is None:
            raise CalibrationUnknown(f"no calibration has the id {calibration_id}")
        return self._calibration(row)

    def list(self, *, limit: int = 100, after: UUID | None = None) -> tuple[Calibration, ...]:
        """Newest first; `after` is the last id of the page before."""
        statement = select(calibrations).order_by(calibrations.c.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(calibrations.c.id < after)
        return tuple(self._calibration(row) for row in self._connection.execute(statement).all())

    def form(self, calibration_id: UUID, call_id: UUID) -> Form:
        """Raises CalibrationUnknown, also for a call that is not in it."""
        statement = (
            select(scorecards.c.sha256, scorecards.c.content, scorecards.c.pack_sha256)
            .join(calibration_calls, calibration_calls.c.scorecard_id == scorecards.c.id)
            .where(calibration_calls.c.calibration_id == calibration_id, calibration_calls.c.call_id == call_id)
        )
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise CalibrationUnknown(f"no calibration {calibration_id} has the call {call_id}")
        machine = scorecard_from_dict(content.unpack(row.sha256, row.content))
        return Form(call_id, machine, RulingsRepository(self._connection).get(row.pack_sha256))

    def hand_in(
        self,
        calibration_id: UUID,
        call_id: UUID,
        *,
        reviewer: str,
        verdicts: Mapping[str, Verdict],
        comment: str,
        now: datetime,
    ) -> None:
        """One's own sheet; again replaces it while the calibration is open. Raises CalibrationUnknown, CalibrationStateWrong."""
        calibration = self.get(calibration_id, lock=True)
        if calibration.closed_at is not None:
            raise CalibrationStateWrong(
                "the calibration is closed; its sheets are known and cannot be changed any more"
            )
        if call_id not in calibration.calls:
            raise CalibrationUnknown(f"no calibration {calibration_id} has the call {call_id}")
        key = {"calibration_id": calibration_id, "call_id": call_id, "reviewer": reviewer}
        same = [calibration_sheets.c[name] == value for name, value in key.items()]
        self._connection.execute(delete(calibration_sheets).where(*same))
        values = key | {"verdicts": dict(verdicts), "comment": comment, "submitted_at": now}
        self._connection.execute(insert(calibration_sheets).values(values))

    def own_sheets(self, calibration_id: UUID, reviewer: str) -> tuple[Sheet, ...]:
        """What this reviewer handed in."""
        return self._sheets(
            calibration_sheets.c.calibration_id == calibration_id, calibration_sheets.c.reviewer == reviewer
        )

    def unjudged_by(self, reviewer: str) -> frozenset[UUID]:
        """Calls of open calibrations for which this reviewer has not handed in a sheet."""
        own = and_(
            calibration_sheets.c.calibration_id == calibration_calls.c.calibration_id,
            calibration_sheets.c.call_id == calibration_calls.c.call_id,
            calibration_sheets.c.reviewer == reviewer,
        )
        unjudged = (
            select(calibration_calls.c.call_id)
            .join(calibrations, calibrations.c.id == calibration_calls.c.calibration_id)
            .where(calibrations.c.closed_at.is_(None), ~exists().where(own))
        )
        return frozenset(self._connection.execute(unjudged).scalars())

    def close(self, calibration_id: UUID, *, by: str, now: datetime) -> Calibration:
        """From now on the sheets can be seen and not be changed. Raises CalibrationUnknown, CalibrationStateWrong."""
        if self.get(calibration_id, lock=True).closed_at is not None:
            raise CalibrationStateWrong("the calibration is closed already")
        values = {"closed_by": by, "closed_at": now}
        self._connection.execute(update(calibrations).where(calibrations.c.id == calibration_id).values(values))
        return self.get(calibration_id)

    def sheets(self, calibration_id: UUID) -> tuple[Sheet, ...]:
        """All of a closed one. Raises CalibrationUnknown, CalibrationStateWrong while it is open."""
        if self.get(calibration_id).closed_at is None:
            raise CalibrationStateWrong("the calibration is open; who said what is told once it is closed")
        return self._sheets(calibration_sheets.c.calibration_id == calibration_id)

    def _sheets(self, *conditions: Any) -> tuple[Sheet, ...]:
        order = (calibration_sheets.c.call_id, calibration_sheets.c.reviewer)
        rows = self._connection.execute(select(calibration_sheets).where(*conditions).order_by(*order))
        return tuple(Sheet(row.call_id, row.reviewer, row.verdicts, row.comment, row.submitted_at) for row in rows)

    def _calibration(self, row: Row[tuple[Any, ...]]) -> Calibration:
        of_this = calibration_calls.c.calibration_id == row.id
        calls = select(calibration_calls.c.call_id).where(of_this).order_by(calibration_calls.c.position)
        handed_in = select(calibration_sheets.c.call_id, calibration_sheets.c.reviewer).where(
            calibration_sheets.c.calibration_id == row.id
        )
        by_call = handed_in.order_by(calibration_sheets.c.call_id, calibration_sheets.c.reviewer)
        return Calibration(
            id=row.id,
            title=row.title,
            created_by=row.created_by,
            created_at=row.created_at,
            closed_by=row.closed_by,
            closed_at=row.closed_at,
            calls=tuple(self._connection.execute(calls).scalars()),
            handed_in=tuple((sheet.call_id, sheet.reviewer) for sheet in self._connection.execute(by_call)),
        )
