"""Twenty identical uploads at once are one call, in threads and in processes, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from service.store.database import Database
from service.store.records import KpiFilter
from tests.fixtures.samples import NOW, sample_call
from tests.integration.store.together import together

UPLOADS = 20
PROCESSES = 4


def _upload(database: Database, external_id: str, uploaded_by: UUID | None, key: str | None) -> tuple[UUID, bool]:
    new = sample_call(external_id, uploaded_by=uploaded_by, idempotency_key=key)
    with database.transaction() as tx:
        call, created = tx.calls.create(new, now=NOW, allow_unknown_rep=True)
    return call.id, created


def _upload_in_process(url: str, _which: int) -> list[tuple[UUID, bool]]:
    database = Database(url)
    with ThreadPoolExecutor(UPLOADS // PROCESSES) as threads:
        uploads = [threads.submit(_upload, database, "call-1", None, None) for _ in range(UPLOADS // PROCESSES)]
        results = [upload.result() for upload in uploads]
    database.close()
    return results


def _assert_one_call(database: Database, results: list[tuple[UUID, bool]]) -> None:
    assert len(results) == UPLOADS
    assert len({call_id for call_id, _ in results}) == 1
    assert sum(created for _, created in results) == 1
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 1
        assert tx.rollup.totals("all", KpiFilter())[0].sums.calls_received == 1
        assert tx.rollup.verify() == ()


@pytest.mark.parametrize("by", ["external id", "idempotency key"])
def test_twenty_identical_uploads_from_threads_are_one_call(database: Database, by: str) -> None:
    with database.transaction() as tx:
        uploader = tx.keys.create("pbx", "uploader", None, NOW)[0].id
    gate = threading.Barrier(UPLOADS)

    def upload(number: int) -> tuple[UUID, bool]:
        gate.wait()
        if by == "external id":
            return _upload(database, "call-1", None, None)
        return _upload(database, f"call-{number}", uploader, "key-1")

    with ThreadPoolExecutor(UPLOADS) as threads:
        results = list(threads.map(upload, range(UPLOADS)))
    _assert_one_call(database, results)


def test_twenty_identical_uploads_from_processes_are_one_call(database: Database, database_url: str) -> None:
    found = [result for part in together(PROCESSES, _upload_in_process, database_url) for result in part]
    _assert_one_call(database, found)


def test_a_burst_of_different_calls_of_one_rep_is_counted_exactly(database: Database) -> None:
    """All of them change the same rollup row, and the rep is created by the first."""
    with ThreadPoolExecutor(UPLOADS) as threads:
        results = list(threads.map(lambda number: _upload(database, f"call-{number}", None, None), range(5 * UPLOADS)))
    assert all(created for _, created in results)
    with database.read() as tx:
        assert tx.rollup.totals("rep", KpiFilter())[0].sums.calls_received == 5 * UPLOADS
        assert tx.rollup.verify() == ()
