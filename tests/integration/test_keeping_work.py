"""The housekeeping that forgets and counts anew, as the worker runs it, and the commands that set it to work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.erase import app as erase_app
from service.cli.retention import app as retention_app
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.records import KpiFilter
from tests.fixtures.samples import sample_audio
from tests.integration.store.recordings import all_keys, write
from tests.integration.store.reviewing import REVIEWER, reviewable
from workers.keeping import count_anew, forget_old
from workers.process import WorkerProcess


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerProcess:
    """A worker of an embedded installation."""
    monkeypatch.setenv("CALLSCORE_DATA_DIR", str(tmp_path))
    process = WorkerProcess(Settings())
    process.database.migrate()
    return process


def _recorded(database: Database, audio: AudioStore, days_ago: int, **changes: str) -> object:
    key = f"calls/{days_ago}.wav"
    write(audio, key, b"sound")
    then = datetime.now(UTC) - timedelta(days=days_ago)
    return reviewable(database, f"c{days_ago}", now=then, audio=sample_audio(key=key), **changes)


def _run(app: object, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))  # type: ignore[arg-type]


def test_the_worker_forgets_what_the_rules_say(process: WorkerProcess) -> None:
    old, new = _recorded(process.database, process.audio, 40), _recorded(process.database, process.audio, 5)
    assert _run(retention_app, "keep", "audio", "30").exit_code == 0
    assert "30" in _run(retention_app, "show").output
    forget_old(process)
    assert all_keys(process.audio) == ["calls/5.wav"]
    assert "0 recordings and 0 texts" in _run(retention_app, "apply").output
    with process.database.read() as tx:
        assert tx.erasure.of(old).audio_at is not None  # type: ignore[arg-type]
        assert tx.erasure.of(new).audio_at is None  # type: ignore[arg-type]
    process.close()


def test_the_worker_counts_stored_calls_anew_after_a_rule_was_switched(process: WorkerProcess) -> None:
    for days in range(3):
        _recorded(process.database, process.audio, days)
    with process.database.transaction() as tx:
        tx.switches.stop("b2b_sales", "script/company", reason="wrong", by=REVIEWER, now=datetime.now(UTC))
    count_anew(process)
    with process.database.read() as tx:
        assert tx.rollup.verify() == ()
        sums = tx.rollup.totals("all", KpiFilter())[0].sums
        assert [switch.recounted for switch in tx.switches.list()] == [True]
    assert (sums.adherence_points, sums.adherence_weight) == (4.5, 6.0)
    count_anew(process)
    process.close()


def test_the_commands_erase_after_asking(process: WorkerProcess) -> None:
    call_id = _recorded(process.database, process.audio, 1)
    _recorded(process.database, process.audio, 2, customer_ref="crm-1")
    _recorded(process.database, process.audio, 3, rep_external_id="anna")
    assert CliRunner().invoke(erase_app, ["call", str(call_id)], input="n\n").exit_code == 1
    assert len(all_keys(process.audio)) == 3
    assert "the call is erased" in _run(erase_app, "call", str(call_id), "--yes").output
    assert "calls erased: 1" in _run(erase_app, "customer", "crm-1", "--yes").output
    assert "the rep is erased, with calls: 1" in _run(erase_app, "rep", "anna", "--yes").output
    assert all_keys(process.audio) == []
    for wrong in (["call", "x"], ["call", str(call_id)], ["rep", "anna"]):
        assert _run(erase_app, *wrong, "--yes").exit_code == 1
    process.close()


@pytest.mark.parametrize("days", ["0", "-1", "36501", "soon", "1.5"])
def test_a_span_that_is_none_is_told(process: WorkerProcess, days: str) -> None:
    refused = _run(retention_app, "keep", "text", "--", days)
    assert refused.exit_code == 1
    assert "1 to 36500" in str(refused.exception)
    process.close()
