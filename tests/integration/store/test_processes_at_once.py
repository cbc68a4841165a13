"""The API, workers and the scheduler share one database; any of them may be killed at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from uuid import UUID

from service.store.database import Database
from service.store.records import CallFilter, KpiFilter
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript
from tests.integration.store.together import together

PROCESSES = 4
CALLS_EACH = 15
ACKNOWLEDGED = 25


def _live(url: str, number: int) -> None:
    """All that the processes of an installation do, again and again."""
    database = Database(url)
    for at in range(CALLS_EACH):
        token = f"{number}-{at}"
        with database.transaction() as tx:
            call, _ = tx.calls.create(sample_call(token), now=NOW, allow_unknown_rep=True)
        with database.transaction() as tx:
            tx.calls.exhaust(now=NOW, max_attempts=3)
            tx.calls.waiting(now=NOW, limit=10)
        with database.read() as tx:
            tx.calls.list(CallFilter(), limit=20)
            tx.rollup.totals("rep", KpiFilter())
        with database.transaction() as tx:
            assert tx.calls.claim(call.id, "transcribe", token=token, now=NOW, lease_s=60) is not None
        with database.transaction() as tx:
            assert tx.calls.renew(call.id, token, now=NOW, lease_s=60, progress=0.5)
        with database.transaction() as tx:
            assert tx.transcripts.save(call.id, sample_transcript(), token=token, now=NOW)
        with database.transaction() as tx:
            assert tx.calls.claim(call.id, "score", token=token, now=NOW, lease_s=60) is not None
        with database.transaction() as tx:
            assert tx.scorecards.save(call.id, sample_scorecard((0.7, 4.1)), token=token, now=NOW)
    database.close()


def test_processes_at_once_never_meet_a_locked_database(database: Database, database_url: str) -> None:
    together(PROCESSES, _live, database_url)
    with database.read() as tx:
        assert tx.calls.counts()["scored"] == PROCESSES * CALLS_EACH
        assert tx.rollup.totals("all", KpiFilter())[0].sums.objections == 2 * PROCESSES * CALLS_EACH
        assert tx.rollup.verify() == ()


def test_every_call_that_was_acknowledged_before_a_kill_is_there(database: Database, database_url: str) -> None:
    """kill -9 in the midst of uploads: what was answered is kept, what was not leaves no half of itself."""
    program = f"""
from itertools import count
from service.store.database import Database
from tests.fixtures.samples import NOW, sample_call
database = Database({database_url!r})
for number in count():
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(str(number)), now=NOW, allow_unknown_rep=True)
    print(call.id, flush=True)
"""
    acknowledged = []
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged.append(UUID(line.strip()))
            if len(acknowledged) == ACKNOWLEDGED:
                process.send_signal(signal.SIGKILL)
    with database.read() as tx:
        stored = {call.id for call in tx.calls.list(CallFilter(), limit=10_000).calls}
        assert set(acknowledged) <= stored
        assert len(stored) <= len(acknowledged) + 1
        assert tx.rollup.totals("all", KpiFilter())[0].sums.calls_received == len(stored)
        assert tx.rollup.verify() == ()
    with database.transaction() as tx:
        tx.calls.create(sample_call("after"), now=NOW, allow_unknown_rep=True)
