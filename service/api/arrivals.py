"""Uploads whose recording is stored become calls, as many as are waiting in one transaction.

Every commit waits for the disk. While one does, others arrive; whoever comes next takes all of them along. So a burst of fifty
uploads is a handful of commits, and a single upload is one, at once. An upload is answered only when its row is committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.api.problems import Refused, invalid
from service.api.validation import FieldError
from service.logs import get_logger
from service.scoring.errors import CallscoreError, RepUnknown, StoreUnavailable
from service.store.arrivals import MOST_AT_ONCE, Taken
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.records import NewCall
from service.store.transaction import Transaction

log = get_logger()


@dataclass(slots=True)
class _Upload:
    new: NewCall
    #: The team that the uploader's key is limited to.
    team_id: UUID | None
    outcome: Taken | BaseException | None = None


class Arrivals:
    """Shared by all threads of a process. The recording's object belongs to it from `record` on."""

    def __init__(
        self, database: Database, audio: AudioStore, now: Callable[[], datetime], *, allow_unknown_rep: bool
    ) -> None:
        self._database = database
        self._audio = audio
        self._now = now
        self._allow_unknown_rep = allow_unknown_rep
        self._waiting: list[_Upload] = []
        self._list = threading.Lock()
        self._committing = threading.Lock()

    def record(self, new: NewCall, team_id: UUID | None) -> Taken:
        """Commit the call of an upload. Its object is deleted unless the row is, or may be, committed with it.

        Raises:
            Refused: the rep is another team's.
            CallscoreError: CallConflict, RepUnknown, StoreUnavailable.
        """
        upload = _Upload(new, team_id)
        with self._list:
            self._waiting.append(upload)
        with self._committing:
            while upload.outcome is None:
                with self._list:
                    together, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                self._commit(together)
        if isinstance(upload.outcome, BaseException):
            raise upload.outcome
        return upload.outcome

    def _commit(self, uploads: Sequence[_Upload]) -> None:
        committing = False
        try:
            with self._database.transaction() as tx:
                outcomes = self._outcomes(tx, uploads)
                committing = True
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, whatever happened
            if len(uploads) > 1 and not committing and not isinstance(error, StoreUnavailable):
                # One is at fault, and nobody knows which: each by itself, then.
                for upload in uploads:
                    self._commit([upload])
                return
            for upload in uploads:
                upload.outcome = error
                if not committing or not self._belongs_to_a_call(upload.new.audio.key):
                    self.discard(upload.new.audio.key)
            return
        for upload, outcome in zip(uploads, outcomes, strict=True):
            upload.outcome = outcome
            if not (isinstance(outcome, Taken) and outcome.created):
                self.discard(upload.new.audio.key)

    def _outcomes(self, tx: Transaction, uploads: Sequence[_Upload]) -> list[Taken | Exception]:
        refused = [_refused(tx, upload) for upload in uploads]
        wanted = [upload.new for upload, problem in zip(uploads, refused, strict=True) if problem is None]
        taken = iter(tx.calls.create_all(wanted, now=self._now(), allow_unknown_rep=self._allow_unknown_rep))
        return [next(taken) if problem is None else problem for problem in refused]

    def _belongs_to_a_call(self, key: str) -> bool:
        """After a commit that broke: the database may have done it and only the answer be lost.

        While nobody can tell, the object stays; the search for orphans finds it later if it is one.
        """
        try:
            with self._database.read() as tx:
                return key in tx.calls.audio_keys([key])
        except StoreUnavailable:
            return True

    def discard(self, key: str) -> None:
        """Delete the recording of an upload that becomes no call."""
        try:
            self._audio.delete(key)
        except CallscoreError as error:
            log.warning("recording of a refused upload not deleted; the search for orphans will", error=error.code)


def _refused(tx: Transaction, upload: _Upload) -> Refused | None:
    """A key of one team must not put calls into another's figures."""
    if upload.team_id is None:
        return None
    try:
        team = tx.reps.get_by_external_id(upload.new.rep_external_id).team
    except RepUnknown:
        return None
    if team is not None and team.id != upload.team_id:
        return invalid([FieldError("rep", "belongs to another team than yours")])
    return None
