"""A year of calls, made up quickly: tables are filled in bulk, the rollup is computed from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, create_engine, insert, text

from service.store.call_search import position_of, rep_fact, script_fact
from service.store.database import Database
from service.store.metadata import metadata
from service.store.rollup_columns import CALL_SUMS, MICRO

REPS, TEAMS, DAYS = 500, 50, 365
BEGIN = date(2025, 1, 1)
TYPES = ("price", "timing", "authority", "incumbent", "no_need", "send_info", "trust", "terms")
#: Words of the made-up talk; the n-th is said in about 1 of n calls, as in real talk (Zipf).
WORDS = [f"слово{chr(1072 + n % 32)}{chr(1072 + n // 32)}" for n in range(1000)]
WORDS_EACH = 20
AT_ONCE = 5_000
BYTES = bytes(16)


def seed(url: str, calls: int) -> None:
    """Fill a migrated database; half of a call's time goes into the text index."""
    chance = random.Random(7)
    engine = create_engine(url)
    tables = metadata.tables
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA synchronous=OFF"))
        reps = _people(connection, chance)
        moments = _moments(calls)
        ids = [UUID(int=(position_of(moment) << 64) + number) for number, moment in enumerate(moments)]
        facts = list(zip(ids, moments, (chance.choice(reps) for _ in ids), strict=True))
        made: dict[str, Callable[[UUID, datetime, UUID], list[dict[str, Any]]]] = {
            "calls": lambda *fact: [_call(chance, *fact)],
            "call_figures": lambda *fact: [_figures(chance, fact[0])],
            "flags": lambda *fact: _flags(chance, *fact),
            "call_texts": lambda *fact: [_text(chance, *fact)],
        }
        for name, rows_of in made.items():
            _fill(connection, tables[name], (row for fact in facts for row in rows_of(*fact)))
        if connection.dialect.name == "sqlite":
            connection.execute(text("INSERT INTO call_words(call_words) VALUES ('rebuild')"))
        _details(connection)
    database = Database(url)
    with database.transaction() as tx:
        tx.rollup.rebuild()
    database.close()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _people(connection: Connection, chance: random.Random) -> list[UUID]:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    teams = [UUID(int=(1 << 64) + number) for number in range(TEAMS)]
    rows = [{"id": team, "name": f"team {number}", "created_at": now} for number, team in enumerate(teams)]
    connection.execute(insert(metadata.tables["teams"]), rows)
    reps = [UUID(int=(2 << 64) + number) for number in range(REPS)]
    people = [
        {
            "id": rep,
            "external_id": f"r-{number}",
            "name": f"Rep {number}",
            "role": chance.choice(("sdr", "sales_manager", "account_manager")),
            "team_id": teams[number % TEAMS],
            "registered": True,
            "created_at": now,
        }
        for number, rep in enumerate(reps)
    ]
    connection.execute(insert(metadata.tables["reps"]), people)
    return reps


def _moments(calls: int) -> list[datetime]:
    """Evenly over the year."""
    start, step = datetime.combine(BEGIN, datetime.min.time(), UTC), timedelta(days=DAYS) / calls
    return [start + number * step for number in range(calls)]


def _fill(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            connection.execute(insert(table), batch)
            batch.clear()
    if batch:
        connection.execute(insert(table), batch)


def _call(chance: random.Random, call_id: UUID, moment: datetime, rep: UUID) -> dict[str, Any]:
    return {
        "id": call_id,
        "source": "bench",
        "external_id": call_id.hex,
        "rep_id": rep,
        "audio_key": call_id.hex,
        "audio_sha256": "0" * 64,
        "audio_size_bytes": 1_000_000,
        "audio_format": "wav",
        "audio_duration_s": 180.0,
        "audio_channels": 2,
        "status": "failed" if chance.random() < 0.01 else "scored",
        "started_at": moment,
        "direction": "outbound",
        "script": "b2b_sales",
        "agent_channel": "left",
        "metadata": {},
        "kpi_day": moment.date(),
        "received_at": moment,
        "scored_at": moment,
        "attempts": 0,
        "detected_language": "ru",
        "adherence": chance.random(),
        "argumentation": chance.random() * 5,
        "objections_total": 2,
        "objections_handled": 1,
    }


def _figures(chance: random.Random, call_id: UUID) -> dict[str, Any]:
    sums = {name: chance.randrange(2) for name in CALL_SUMS}
    sums |= {"objections": 0, "objections_handled": 0, "argumentation_micro": 0, "argumentation_sq_micro": 0}
    sums |= {"violations": 0, "violations_sq": 0, "calls_assessed": 1, "talk_calls": 1, "wait_calls": 1}
    earned = chance.randrange(10 * MICRO)
    sums |= {"adherence_points_micro": earned, "adherence_weight_micro": 10 * MICRO, "wait_s": 90, "wait_sq_s": 8100}
    return {"call_id": call_id, "rules": "ru/1.0.0", **sums}


def _flags(chance: random.Random, call_id: UUID, moment: datetime, _rep: UUID) -> list[dict[str, Any]]:
    if chance.random() > 0.2:
        return []
    flag = {"call_id": call_id, "code": "low_adherence", "position": 0, "severity": "medium", "reason": {}}
    return [flag | {"raised_at": moment}]


def _text(chance: random.Random, call_id: UUID, moment: datetime, rep: UUID) -> dict[str, Any]:
    said = {WORDS[int(len(WORDS) ** chance.random()) - 1] for _ in range(WORDS_EACH)}
    words = sorted({*said, rep_fact(rep), script_fact("b2b_sales")})
    return {"position": position_of(moment), "call_id": call_id, "words": " ".join(words)}


def _details(connection: Connection) -> None:
    """One objection for each call, of a scorecard that the whole year shares."""
    call_id = connection.execute(text("SELECT id FROM calls LIMIT 1")).scalar_one()
    scorecard = {
        "id": UUID(int=3 << 64),
        "call_id": call_id if isinstance(call_id, UUID) else UUID(call_id),
        "current": True,
        "pack_id": "b2b_sales",
        "pack_version": "1.0.0",
        "pack_sha256": "",
        "engine_version": "1",
        "transcript_sha256": "",
        "sha256": "",
        "content": BYTES,
        "scored_at": datetime(2025, 1, 1, tzinfo=UTC),
    }
    connection.execute(insert(metadata.tables["scorecards"]), [scorecard])
    kinds = (
        "CASE abs(random_number) % 8 " + " ".join(f"WHEN {n} THEN '{kind}'" for n, kind in enumerate(TYPES)) + " END"
    )
    number = "abs(random()) % 1000000" if connection.dialect.name == "sqlite" else "(random() * 1000000)::int"
    handled = "abs(random_number) % 10 < 7"
    connection.execute(
        text(  # the pieces are constants of this file
            "INSERT INTO objections (call_id, position, scorecard_id, objection_id, type, outcome, handled, points_micro, "
            f"points_sq_micro) SELECT id, 0, :scorecard, 'o1', {kinds}, 'accepted', {handled}, 4000000, 16000000 "
            f"FROM (SELECT id, {number} AS random_number FROM calls) AS c"
        ),
        {"scorecard": scorecard["id"].hex if connection.dialect.name == "sqlite" else scorecard["id"]},
    )
