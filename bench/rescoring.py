"""Stored calls scored again by real workers: `.venv/bin/python -m bench.rescoring [--calls 10000] [--workers N] [--database ...]`.

The labelled dialogues of the tests are stored over and over, each with a scorecard of rules that are gone, so that every call changes. Then a job
takes all of them: scoring workers as in production, with a Redis of their own and the stock rules. Printed are calls a second, processor time
a call, how busy the cores were, and the workers' memory on the way. At the end the rollup is verified.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import Connection, Engine, Table, create_engine, insert, select

from bench.api_costs import check
from bench.uploads import database_url
from service.scoring.labels import labelled_call
from service.scoring.transcript import Transcript
from service.store.database import Database
from service.store.metadata import metadata
from service.store.records_rescore import RescoreChoice
from tests.fixtures.installation import Installation
from tests.fixtures.samples import sample_call, sample_scorecard

ROOT = Path(__file__).resolve().parent.parent
DIALOGUES = ROOT / "tests" / "fixtures" / "dialogues"
AT_ONCE = 500
LEASE = "bench"
#: What a scored call has rows in; the index of words is left out, no score depends on it.
COPIED = (
    "calls",
    "transcripts",
    "scorecards",
    "call_figures",
    "flags",
    "objections",
    "item_results",
    "violation_results",
)
#: The bits of an id that copies differ in.
NUMBERS = (1 << 32) - 1
MEGABYTE = 1024 * 1024
LOOK_EVERY_S = 0.25
#: Shares of the calls after which it is noted what they cost; the first takes the time in that workers load the rules.
SHARES = (0.05, 0.25, 0.5, 0.75, 1.0)


def main(number: int, workers: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url = stack.enter_context(database_url(kind, folder))
        settings: dict[str, Any] = {
            "rules_dir": ROOT / "scripts_rules",
            "default_script": "b2b_sales",
            "database_url": url,
        }
        here = stack.enter_context(Installation(folder / "house", lease_s=30.0, **settings))
        engine = create_engine(url)
        started = time.perf_counter()
        store(here.database, engine, number)
        print(f"{kind}: {number} calls stored in {time.perf_counter() - started:.0f} s, {workers} workers", flush=True)
        running = [here.start_worker("score") for _ in range(workers)]
        processes = [process for each in running for process in (psutil.Process(each.pid), *each.children)]
        started = time.perf_counter()
        with here.database.transaction() as tx:
            job, _ = tx.rescore.start(RescoreChoice(), created_by="bench", now=datetime.now(UTC))
        for _ in range(workers):
            here.queue.send_rescore(job.id)
        noted = list(_progress(here.database, job.id, number, processes))
        with here.database.read() as tx:
            ended = tx.rescore.get(job.id)
            differences = tx.rollup.verify()
        check(ended.calls_changed == number, f"every call was scored anew: {ended}")
        check(differences == (), f"the rollup is right: {differences[:3]}")
    first, last = noted[0], noted[-1]
    seconds, cpu_s, calls = last.at_s - first.at_s, last.cpu_s - first.cpu_s, last.calls - first.calls
    print(
        f"  {calls / seconds:.1f} calls/s once the rules are loaded, {cpu_s / calls * 1000:.1f} ms of the workers' processor time a call"
    )
    print(f"  cores in use by workers: {cpu_s / seconds:.2f} of {os.cpu_count()}; rollup verified: no difference")
    for one in noted:
        print(
            f"  after {one.calls} calls, {one.at_s - started:.0f} s: workers hold {one.memory / MEGABYTE:.0f} MB together, "
            f"the largest process {one.largest / MEGABYTE:.0f} MB"
        )


@dataclass(frozen=True, slots=True)
class Noted:
    """Where the job stood: calls done, seconds by the clock and of the workers' processors, their memory in bytes."""

    calls: int
    at_s: float
    cpu_s: float
    memory: int
    largest: int


def store(database: Database, engine: Engine, number: int) -> None:
    """Scored calls with their transcripts, whose scorecards are of rules that are gone: each dialogue once by the store, then copies of its rows."""
    said = [_transcript(path) for path in sorted(DIALOGUES.glob("*.json"))]
    old, now = sample_scorecard((3.0, 4.0)), datetime.now(UTC)
    originals = []
    for at, transcript in enumerate(said):
        new = sample_call(f"call-{at}", script="b2b_sales", rep_external_id=f"rep-{at}")
        with database.transaction() as tx:
            call_id = tx.calls.create(new, now=now, allow_unknown_rep=True)[0].id
            tx.calls.claim(call_id, "transcribe", token=LEASE, now=now, lease_s=60)
            tx.transcripts.save(call_id, transcript, token=LEASE, now=now)
            tx.calls.claim(call_id, "score", token=LEASE, now=now, lease_s=60)
            check(tx.scorecards.save(call_id, old, token=LEASE, now=now), "the old scorecard is stored")
        originals.append(call_id)
    with engine.begin() as connection:
        rows = {name: _rows(connection, metadata.tables[name]) for name in COPIED}
        for start in range(len(said), number, AT_ONCE):
            copies = [(at, originals[at % len(said)]) for at in range(start, min(number, start + AT_ONCE))]
            for name, of_call in rows.items():
                made = [_copy(row, at) for at, call_id in copies for row in of_call.get(call_id, ())]
                if made:
                    connection.execute(insert(metadata.tables[name]), made)
    with database.transaction() as tx:
        tx.rollup.rebuild()


def _rows(connection: Connection, table: Table) -> dict[UUID, list[dict[str, Any]]]:
    """A table's rows by the call they belong to."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in connection.execute(select(table)):
        values = {column.name: row._mapping[column] for column in table.columns}
        found.setdefault(values.get("call_id") or values["id"], []).append(values)
    return found


def _copy(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row for another call: its own id, the call's and the scorecard's are made from the number, one after another."""
    ids = {
        name: UUID(int=(row[name].int & ~NUMBERS) | number)
        for name in ("id", "call_id", "scorecard_id")
        if isinstance(row.get(name), UUID)
    }
    unique = {name: f"{row[name]}-{number}" for name in ("external_id", "audio_key") if name in row}
    return row | ids | unique


def _transcript(path: Path) -> Transcript:
    return labelled_call(json.loads(path.read_text(encoding="utf-8"))).transcript


def _progress(database: Database, job_id: UUID, number: int, processes: Sequence[psutil.Process]) -> Iterator[Noted]:
    """One at each of the shares of SHARES."""
    waiting = [share * number for share in SHARES]
    while waiting:
        with database.read() as tx:
            job = tx.rescore.get(job_id)
        check(job.state != "paused", f"the job goes on: {job.problem}")
        if job.calls_done >= waiting[0] and (len(waiting) > 1 or job.state == "done"):
            memory = [process.memory_info().rss for process in processes if process.is_running()]
            yield Noted(job.calls_done, time.perf_counter(), _cpu_s(processes), sum(memory), max(memory))
            waiting.pop(0)
        time.sleep(LOOK_EVERY_S)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    arguments = parser.parse_args()
    main(arguments.calls, arguments.workers, arguments.database)
