"""One unit of work: the repositories on one connection, and what happens after the commit."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import Connection

from service.store.agreement import AgreementCounts
from service.store.assignments import Assignments
from service.store.audit import AuditLog
from service.store.calibrations import CalibrationRepository
from service.store.calls import CallRepository
from service.store.deliveries import DeliveryRepository
from service.store.disputes import DisputeRepository
from service.store.erasure import Erasure
from service.store.erasure_people import RepErasure
from service.store.example_calls import ExampleCalls
from service.store.keys import KeyRepository
from service.store.labels import LabelRepository
from service.store.login_tries import LoginTries
from service.store.outbox import Outbox
from service.store.pack_drafts import DraftRepository
from service.store.pack_trials import TrialRepository
from service.store.packs import PackRepository
from service.store.recounting import Recounting
from service.store.repeated_requests import RepeatedRequests
from service.store.reps import RepRepository
from service.store.rescore import RescoreRepository
from service.store.retention import RetentionRepository
from service.store.review_queue import ReviewQueue
from service.store.reviews import ReviewRepository
from service.store.rollup import Rollup
from service.store.rulings import RulingsRepository
from service.store.scorecards import ScorecardRepository
from service.store.sessions import SessionRepository
from service.store.switches import SwitchRepository
from service.store.teams import TeamRepository
from service.store.transcripts import TranscriptRepository
from service.store.unscored import UnscoredCalls
from service.store.users import UserRepository
from service.store.webhooks import WebhookRepository

log = logging.getLogger(__name__)


class Transaction:
    """The repositories of one transaction. It does not commit: `Database.transaction()` does."""

    def __init__(self, connection: Connection) -> None:
        self.teams = TeamRepository(connection)
        self.reps = RepRepository(connection)
        self.keys = KeyRepository(connection)
        self.users = UserRepository(connection)
        self.sessions = SessionRepository(connection)
        self.login_tries = LoginTries(connection)
        self.webhooks = WebhookRepository(connection)
        self.deliveries = DeliveryRepository(connection)
        self.outbox = Outbox(connection)
        self.repeated_requests = RepeatedRequests(connection)
        self.audit = AuditLog(connection)
        self.rollup = Rollup(connection)
        self.examples = ExampleCalls(connection)
        self.calls = CallRepository(connection)
        self.transcripts = TranscriptRepository(connection)
        self.unscored = UnscoredCalls(connection)
        self.scorecards = ScorecardRepository(connection)
        self.rulings = RulingsRepository(connection)
        self.review_queue = ReviewQueue(connection)
        self.assignments = Assignments(connection)
        self.reviews = ReviewRepository(connection)
        self.disputes = DisputeRepository(connection)
        self.calibrations = CalibrationRepository(connection)
        self.agreement = AgreementCounts(connection)
        self.switches = SwitchRepository(connection)
        self.rescore = RescoreRepository(connection)
        self.packs = PackRepository(connection)
        self.drafts = DraftRepository(connection)
        self.trials = TrialRepository(connection)
        self.labels = LabelRepository(connection)
        self.recounting = Recounting(connection)
        self.retention = RetentionRepository(connection)
        self.erasure = Erasure(connection)
        self.rep_erasure = RepErasure(connection)
        self._callbacks: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once the transaction is committed, never if it is rolled back. In the order given."""
        self._callbacks.append(callback)

    def committed(self) -> None:
        """Run the callbacks. One that fails is logged: the data is committed, and nobody may be told otherwise."""
        for callback in self._callbacks:
            try:
                callback()
            except Exception:
                log.exception("a step after the commit failed")
