"""A database that restarts while a worker is at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from service.scoring.errors import StoreUnavailable
from service.settings import Settings
from service.store.records import Call
from tests.fixtures.postgres import PostgresServer, running_server
from tests.fixtures.samples import sample_call, sample_transcript
from workers.attempt import attempt
from workers.lease import Lease, claim
from workers.process import WorkerProcess
from workers.transcribe import save

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of this test's own: the others must not feel it stop."""
    with running_server() as server:
        yield server


@pytest.fixture
def process(server: PostgresServer, tmp_path: Path) -> Iterator[WorkerProcess]:
    with server.fresh_database() as url:
        process = WorkerProcess(Settings(data_dir=tmp_path, database_url=url, lease_s=0.3))
        yield process
        process.close()


@pytest.fixture
def call_id(process: WorkerProcess) -> UUID:
    with process.database.transaction() as tx:
        return tx.calls.create(sample_call(), now=datetime.now(UTC), allow_unknown_rep=True)[0].id


def test_a_transcript_is_saved_when_the_database_is_back(
    process: WorkerProcess, server: PostgresServer, call_id: UUID
) -> None:
    claimed = claim(process.database, call_id, "transcribe", lease_s=60)
    assert claimed is not None
    lease = claimed[1]
    server.stop()
    saving = threading.Thread(target=save, args=(process, lease, sample_transcript()))
    saving.start()
    server.start_again()
    saving.join(30)
    with process.database.read() as tx:
        assert tx.calls.get(call_id).status == "transcribed"


def test_a_call_in_work_is_kept_through_an_outage_longer_than_its_lease(
    process: WorkerProcess, server: PostgresServer, call_id: UUID
) -> None:
    def work(_call: Call, lease: Lease) -> None:
        server.stop()
        threading.Event().wait(3 * process.settings.lease_s)
        lease.report(0.5)
        server.start_again()
        save(process, lease, sample_transcript())

    attempt(process, call_id, "transcribe", work)
    with process.database.read() as tx:
        call = tx.calls.get(call_id)
    assert (call.status, call.error_code) == ("transcribed", None)


def test_a_call_whose_end_could_not_be_stored_is_not_lost(
    process: WorkerProcess, server: PostgresServer, call_id: UUID
) -> None:
    def work(_call: Call, _lease: Lease) -> None:
        server.stop()
        raise StoreUnavailable("the database is away")

    attempt(process, call_id, "transcribe", work)
    with pytest.raises(StoreUnavailable):
        attempt(process, call_id, "transcribe", work)
    server.start_again()
    threading.Event().wait(process.settings.lease_s)
    with process.database.transaction() as tx:
        (found,) = tx.calls.waiting(now=datetime.now(UTC), limit=10)
    assert found.call_id == call_id, "the sweeper finds it once the lease has run out"
