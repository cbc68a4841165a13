"""Many uploads in one transaction: each becomes its call, or is told why not, as if it had come alone."""

from __future__ import annotations

from dataclasses import replace

from service.scoring.errors import CallConflict, RepUnknown
from service.store.arrivals import Taken
from service.store.database import Database
from service.store.records import KpiFilter
from tests.fixtures.samples import NOW, sample_call

#: Statements that SQLite runs for a burst: looking for repetitions, reps, calls, their rollup row and flags.
MOST_STATEMENTS = 12
BURST = 50


def test_a_burst_is_as_many_calls_and_counted_once_each(database: Database) -> None:
    uploads = [sample_call(f"call-{number}", rep_external_id=f"r-{number % 3}") for number in range(BURST)]
    with database.transaction() as tx:
        taken = tx.calls.create_all(uploads, now=NOW, allow_unknown_rep=True)
    assert [each.call.external_id for each in taken if isinstance(each, Taken) and each.created] == [
        upload.external_id for upload in uploads
    ]
    with database.read() as tx:
        assert tx.rollup.totals("all", KpiFilter())[0].sums.calls_received == BURST
        assert tx.rollup.verify() == ()


def test_in_a_burst_each_upload_gets_its_own_answer(database: Database) -> None:
    """A new call, the same one again beside it, one that was there, other audio under an id, and a rep nobody registered."""
    with database.transaction() as tx:
        uploader = tx.keys.create("pbx", "uploader", None, NOW)[0].id
        tx.reps.create("r-17", now=NOW)
        there, _ = tx.calls.create(
            sample_call("there", rep_external_id="r-17", uploaded_by=uploader, idempotency_key="k"),
            now=NOW,
            allow_unknown_rep=True,
        )
    other = sample_call("there", rep_external_id="r-17")
    uploads = [
        sample_call("new", rep_external_id="r-17"),
        sample_call("new", rep_external_id="r-17"),
        sample_call("there", rep_external_id="r-17"),
        replace(other, audio=replace(other.audio, sha256="f" * 64)),
        sample_call("nobody's", rep_external_id="r-99"),
        sample_call("by its key", rep_external_id="r-17", uploaded_by=uploader, idempotency_key="k"),
    ]
    with database.transaction() as tx:
        new, again, known, conflict, unknown, by_key = tx.calls.create_all(uploads, now=NOW, allow_unknown_rep=False)
    assert isinstance(new, Taken)
    assert isinstance(again, Taken)
    assert (new.created, again.created) == (True, False)
    assert new.call.id == again.call.id
    assert isinstance(known, Taken)
    assert (known.call.id, known.created) == (there.id, False)
    assert isinstance(conflict, CallConflict)
    assert isinstance(unknown, RepUnknown)
    assert isinstance(by_key, Taken)
    assert by_key.call.id == there.id
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 2
        assert tx.rollup.verify() == ()


def test_a_burst_takes_a_handful_of_statements(sqlite_database: Database) -> None:
    """What a call more in a burst costs is a row, not a transaction."""
    counted: list[str] = []
    with sqlite_database.transaction() as tx:
        driver = tx.calls._connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(counted.append)
        uploads = [sample_call(f"call-{number}") for number in range(BURST)]
        tx.calls.create_all(uploads, now=NOW, allow_unknown_rep=True)
        driver.set_trace_callback(None)
    rows = [statement for statement in counted if statement.startswith(("INSERT INTO calls", "INSERT INTO flags"))]
    assert len(rows) == 2 * BURST
    assert len(counted) - len(rows) < MOST_STATEMENTS
