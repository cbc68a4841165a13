"""Calls: uploaded once however often they arrive, listed, counted. Work on them is in call_work.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from service.scoring.errors import CallscoreError
from service.store import call_list
from service.store.arrivals import Taken, take_in
from service.store.call_rows import to_calls
from service.store.call_work import CallWork
from service.store.models import calls
from service.store.records import CALL_STATUSES, Call, CallFilter, CallPage, CallStatus, NewCall

#: Keys looked up by one statement; well below the number of parameters that SQLite (32,766) and PostgreSQL (65,535) take.
KEYS_AT_ONCE = 1000


class CallRepository(CallWork):
    def create(self, new: NewCall, *, now: datetime, allow_unknown_rep: bool) -> tuple[Call, bool]:
        """Take in an upload: the call, and whether this upload created it.

        The same source and external id again, or the same idempotency key of the same uploader, yields the call that is there,
        also while many such uploads run at once. The rollup counts the call in the same transaction. `new.audio.key` must
        be a fresh key for every upload; where the call was there already, the caller deletes its object.

        Raises:
            CallConflict: the same id or key came with other audio.
            RepUnknown: the rep is not registered, and `allow_unknown_rep` is False.
        """
        [outcome] = self.create_all([new], now=now, allow_unknown_rep=allow_unknown_rep)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome.call, outcome.created

    def create_all(
        self, uploads: Sequence[NewCall], *, now: datetime, allow_unknown_rep: bool
    ) -> list[Taken | CallscoreError | ValueError]:
        """The same for many uploads at once, `arrivals.MOST_AT_ONCE` at most: an error stands in the place of its upload."""
        return take_in(self._connection, uploads, now=now, allow_unknown_rep=allow_unknown_rep)

    def list(self, wanted: CallFilter, *, limit: int, cursor: str | None = None) -> CallPage:
        """Calls that fit, newest first. Raises ValueError for a cursor that is none, or one of a search for a list without."""
        found = call_list.page(self._connection, wanted, limit=limit, cursor=cursor)
        return CallPage(calls=to_calls(self._connection, found.rows), next_cursor=found.next_cursor)

    def counts(self) -> dict[CallStatus, int]:
        """How many calls stand where; every status is named."""
        statement = select(calls.c.status, func.count().label("number")).group_by(calls.c.status)
        counted = {row.status: row.number for row in self._connection.execute(statement)}
        return {status: counted.get(status, 0) for status in CALL_STATUSES}

    def audio_keys(self, keys: Iterable[str]) -> set[str]:
        """Which of these object keys belong to a call."""
        wanted = tuple(keys)
        known: set[str] = set()
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            part = wanted[start : start + KEYS_AT_ONCE]
            known.update(
                self._connection.execute(select(calls.c.audio_key).where(calls.c.audio_key.in_(part))).scalars()
            )
        return known
