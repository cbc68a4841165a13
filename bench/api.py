"""The service against floors measured in the same run: `.venv/bin/python -m bench.api [--calls N] [--database sqlite|postgresql]`.

    kpi     GET /v1/kpi by rep for a year                  one grouped sum over the rollup in SQL
    list    a page of calls of the store, first and deep   the same rows by one statement along the index
    search  the same with words                            the same along the full-text index
    upload  50 uploads of 1 MB at once                     the routes of bench/uploads.py
    poll    GET /v1/calls/{id}                             a FastAPI route that reads the row

Every figure is the median of interleaved rounds, ours and the floor's in turn. Ratios are of processor time, of the servers and
the database together, so that a busy machine changes them little; by the clock they are printed beside.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, Select, cast, create_engine, literal_column, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from bench import uploads
from bench.api_costs import Cost, check
from bench.api_seed import BEGIN, DAYS, WORDS, seed
from bench.api_servers import Served, floor_server, our_server
from service.store.call_rows import select_calls
from service.store.call_search import call_words, position_of
from service.store.database import Database
from service.store.models import call_texts, calls, reps
from service.store.records import CallFilter
from service.store.rollup_columns import SUMS
from tests.fixtures.redis import running_redis

#: Goals of the five, in times the floor.
GOALS = {"kpi": 5, "list": 5, "search": 5, "poll": 3}
ROUNDS, POLLS, UPLOAD_ROUNDS = 5, 1500, 4
LIMIT = 50
#: Pages of one round: the kernel counts processor time in hundredths of a second.
PAGES = 100
FAILED: tuple[str, dict[str, Any], list[Any]] = ("failed", {"status": "failed"}, [calls.c.status == "failed"])


def main(number: int, kind: str) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        uploads.database_url(kind, Path(name)) as url,
        running_redis(Path(name)),
    ):
        folder = Path(name)
        started = time.perf_counter()
        database = Database(url)
        database.migrate()
        with database.transaction() as tx:
            secrets = {role: tx.keys.create(role, role, None, datetime.now(UTC))[1] for role in ("manager", "uploader")}
        seed(url, number)
        print(f"{kind}: {number} calls in {time.perf_counter() - started:.0f} s")
        engine = create_engine(url)
        with our_server(folder, url) as ours, floor_server(folder, url, "bare_row") as row:
            _kpi(engine, ours, secrets["manager"])
            _lists(engine, database, kind)
            _poll(engine, ours, row, secrets["manager"], kind)
            uploads.compare(folder, url, ours, secrets["uploader"], rounds=UPLOAD_ROUNDS)
        engine.dispose()
        database.close()


def _kpi(engine: Engine, ours: Served, secret: str) -> None:
    sums = ", ".join(f"sum({name})" for name in SUMS)
    begin, end = BEGIN.isoformat(), (BEGIN + timedelta(days=DAYS - 1)).isoformat()
    statement = text(f"SELECT rep_id, {sums} FROM rep_days WHERE day >= :a AND day <= :b GROUP BY rep_id")
    with engine.connect() as connection, httpx.Client(headers=_bearer(secret), timeout=120) as client:

        def floor() -> None:
            check(len(connection.execute(statement, {"a": begin, "b": end}).all()) > 1, "the rollup has rows")

        def api() -> None:
            answer = client.get(f"{ours.url}/v1/kpi", params={"group_by": "rep", "from": begin, "to": end})
            check(len(answer.raise_for_status().json()["groups"]) > 1, "the answer has reps")

        _compare("kpi", "by rep for a year, over HTTP", api, floor)


def _lists(engine: Engine, database: Database, kind: str) -> None:
    """Floors are one statement along the right index that yields the same rows with the same column types."""
    rep = select(reps.c.id).where(reps.c.external_id == "r-17").scalar_subquery()
    late, middle = datetime(BEGIN.year + 1, 1, 1, tzinfo=UTC), datetime(BEGIN.year, 7, 1, tzinfo=UTC)
    for name, before in (("first page", late), ("in the middle", middle)):
        conditions = (("", {}, []), ("of a rep", {"rep": "r-17"}, [calls.c.rep_id == rep]), FAILED)
        for what, wanted, condition in conditions:
            floor = select_calls().where(calls.c.received_at < before, *condition)
            ordered = floor.order_by(calls.c.received_at.desc(), calls.c.id.desc()).limit(LIMIT)
            _page(engine, database, ("list", f"{name} {what}"), CallFilter(received_to=before, **wanted), ordered)
        for what, word in (("a common word", WORDS[2]), ("a rare word", WORDS[400])):
            floor = _found(kind, word, before).limit(LIMIT)
            _page(engine, database, ("search", f"{name}, {what}"), CallFilter(received_to=before, text=word), floor)
    started = time.perf_counter()
    with database.read() as tx:
        tx.calls.list(CallFilter(team="team 3", flagged=True, adherence_max=0.5, text=WORDS[2]), limit=LIMIT)
    print(f"  search  team, flag, score and a common word at once: {(time.perf_counter() - started) * 1000:.1f} ms")


def _found(kind: str, word: str, before: datetime) -> Select[Any]:
    position = call_texts.c.position
    if kind == "sqlite":
        rowid = literal_column("call_words.rowid")
        found = select_calls().join(call_texts, call_texts.c.call_id == calls.c.id).join(call_words, position == rowid)
        matching = found.where(literal_column("call_words").op("MATCH")(f'"{word}"'), rowid < position_of(before))
        return matching.order_by(rowid.desc())
    matches = call_texts.c.words.op("@@")(cast(f"'{word}'", TSQUERY))
    found = select_calls().join(call_texts, call_texts.c.call_id == calls.c.id)
    found = found.where(matches, position < position_of(before))
    return found.order_by(position.desc())


def _page(
    engine: Engine, database: Database, named: tuple[str, str], wanted: CallFilter, statement: Select[Any]
) -> None:
    with engine.connect() as connection:

        def floor() -> None:
            check(len(connection.execute(statement).all()) <= LIMIT, "a page is bounded")

        def ours() -> None:
            with database.read() as tx:
                tx.calls.list(wanted, limit=LIMIT)

        def often(function: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                for _ in range(PAGES):
                    function()

            return run

        _compare(*named, often(ours), often(floor), each=PAGES)


def _poll(engine: Engine, ours: Served, bare: Served, secret: str, kind: str) -> None:
    with engine.connect() as connection:
        ids = [str(row.id) for row in connection.execute(text("SELECT id FROM calls LIMIT 200"))]
    with httpx.Client(headers=_bearer(secret), timeout=60) as client:

        def polls(url: str) -> Callable[[], None]:
            def run() -> None:
                for number in range(POLLS // ROUNDS):
                    client.get(f"{url}/v1/calls/{ids[number % len(ids)]}").raise_for_status()

            return run

        _compare(
            "poll", f"of a call, over HTTP ({kind})", polls(ours.url), polls(bare.url), each=POLLS // ROUNDS, own=False
        )


def _compare(
    goal: str, what: str, ours: Callable[[], None], floor: Callable[[], None], *, each: int = 1, own: bool = True
) -> None:
    for function in (floor, ours):
        function()
    mine: list[Cost] = []
    theirs: list[Cost] = []
    for _ in range(ROUNDS):
        for function, costs in ((ours, mine), (floor, theirs)):
            before = Cost.so_far(own=own)
            function()
            costs.append(Cost.so_far(own=own).since(before, each))
    _print(goal, what, mine, theirs)


def _print(goal: str, what: str, mine: list[Cost], theirs: list[Cost]) -> None:
    cpu, cpu_floor = (statistics.median(cost.cpu_s for cost in costs) for costs in (mine, theirs))
    wall, wall_floor = (statistics.median(cost.wall_s for cost in costs) for costs in (mine, theirs))
    ratio = cpu / cpu_floor if cpu_floor else float("nan")
    verdict = "" if ratio < GOALS[goal] + 0.005 else f"  MISSES {GOALS[goal]}x"
    print(
        f"  {goal:7} {what}: {ratio:.2f}x in processor time ({cpu * 1000:.2f} to {cpu_floor * 1000:.2f} ms), "
        f"{wall / wall_floor:.2f}x by the clock ({wall * 1000:.2f} to {wall_floor * 1000:.2f} ms){verdict}",
        flush=True,
    )


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    arguments = parser.parse_args()
    main(arguments.calls, arguments.database)
