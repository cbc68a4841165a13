"""Figures of each call, more sums in the rollup, the rollup's parts, and the search index.

What calls count for is computed from the scorecards that are there, so that an upgrade neither loses a figure nor scores again.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from service.scoring.transcript import transcript_from_dict
from service.store import call_search

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MICRO = 1_000_000
ASSESSED = ("met", "partial", "missed")
SMALL = ("calls_assessed", "objections", "objections_handled")
POINTS = ("argumentation_micro", "argumentation_sq_micro", "adherence_points_micro", "adherence_weight_micro")
COUNTED = ("violations", "violations_sq", "talk_calls")
TALK = ("talk_micro", "talk_sq_micro")
EVENTS = ("pause_calls", "pauses", "pauses_sq", "next_step_calls", "next_step_dated", "wait_calls")
WAITS = ("wait_s", "wait_sq_s")
CALL_SUMS = (*SMALL, *POINTS, *COUNTED, *TALK, *EVENTS, *WAITS)
#: Columns of 0002 that call_figures replaces.
MOVED = (*SMALL[1:], *POINTS, "violations")


def upgrade() -> None:
    op.create_table(
        "violation_results",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("violation_id", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f("ck_violation_results_severity")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_violation_results_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", "violation_id", name=op.f("pk_violation_results")),
    )
    op.create_table(
        "call_figures",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        *_sums(),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_figures_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_figures")),
    )
    op.drop_table("rep_days")
    op.create_table(
        "rep_days",
        *_row_keys(),
        sa.Column("calls_received", sa.Integer(), nullable=False),
        sa.Column("calls_scored", sa.Integer(), nullable=False),
        *_sums(),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_rep_days_rep_id_reps")),
        sa.PrimaryKeyConstraint("rep_id", "day", "script", "rules", name=op.f("pk_rep_days")),
    )
    op.create_index("ix_rep_days_day", "rep_days", ["day"], unique=False)
    op.create_table(
        "rep_day_parts",
        *_row_keys(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        *_integers("calls", "n", "good"),
        *_integers("points_micro", "points_sq_micro", "weight_micro", big=True),
        sa.CheckConstraint("kind IN ('item', 'objection', 'violation')", name=op.f("ck_rep_day_parts_kind")),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_rep_day_parts_rep_id_reps")),
        sa.PrimaryKeyConstraint("rep_id", "day", "script", "rules", "kind", "id", name=op.f("pk_rep_day_parts")),
    )
    op.create_index("ix_rep_day_parts_kind_day", "rep_day_parts", ["kind", "day"], unique=False)
    op.create_index("ix_calls_rep_id_kpi_day_id", "calls", ["rep_id", "kpi_day", "id"], unique=False)
    _create_search()
    _fill()
    _index()
    for column in MOVED:
        # Not in a batch: it would copy the table, which other tables refer to.
        op.execute(sa.text(f"ALTER TABLE scorecards DROP COLUMN {column}"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text("DROP TABLE call_words"))
    op.drop_index("ix_calls_rep_id_kpi_day_id", "calls")
    for table in ("call_texts", "rep_day_parts", "rep_days", "call_figures", "violation_results"):
        op.drop_table(table)
    for column in MOVED:
        kind = "BIGINT" if column in POINTS else "INTEGER"
        op.execute(sa.text(f"ALTER TABLE scorecards ADD COLUMN {column} {kind} NOT NULL DEFAULT 0"))
    op.create_table(
        "rep_days",
        *(column for column in _row_keys() if column.name != "rules"),
        *_integers("calls_received", "calls_scored", "objections", "objections_handled", "violations"),
        *_integers(*POINTS, big=True),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_rep_days_rep_id_reps")),
        sa.PrimaryKeyConstraint("rep_id", "day", "script", name=op.f("pk_rep_days")),
    )
    op.create_index("ix_rep_days_day", "rep_days", ["day"], unique=False)


def _row_keys() -> list[sa.Column[Any]]:
    return [
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
    ]


def _sums() -> list[sa.Column[Any]]:
    columns = [*_integers(*SMALL), *_integers(*POINTS, big=True), *_integers(*COUNTED)]
    return [*columns, *_integers(*TALK, big=True), *_integers(*EVENTS), *_integers(*WAITS, big=True)]


def _integers(*names: str, big: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger() if big else sa.Integer(), nullable=False) for name in names]


def _create_search() -> None:
    op.create_table(
        "call_texts",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False
        ),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_texts_call_id_calls")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_call_texts")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_texts_call_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_call_texts_words", "call_texts", ["words"], postgresql_using="gin")
        return
    # detail=none keeps which calls have a word, not where: no text can be put together again from the index.
    op.execute(
        sa.text(
            "CREATE VIRTUAL TABLE call_words USING fts5(words, content='call_texts', content_rowid='position', "
            "tokenize='unicode61 remove_diacritics 0', detail=none)"
        )
    )


def _index() -> None:
    """Let the calls that are there be found by their words. What a word's forms are is the present dictionary's to say."""
    connection = op.get_bind()
    tables = sa.MetaData()
    calls, transcripts = (
        sa.Table(name, tables, autoload_with=connection, resolve_fks=False) for name in ("calls", "transcripts")
    )
    joined = transcripts.join(calls, calls.c.id == transcripts.c.call_id)
    wanted = sa.select(calls.c.id, transcripts.c.content).select_from(joined).order_by(calls.c.received_at)
    for call_id, content in connection.execute(wanted).all():
        transcript = transcript_from_dict(json.loads(zlib.decompress(content)))
        call_search.write(connection, call_id if isinstance(call_id, UUID) else UUID(call_id), transcript)


def _fill() -> None:
    """What calls that are scored already count for, from the content of their current scorecards."""
    connection = op.get_bind()
    tables = sa.MetaData()
    names = ("calls", "scorecards", "call_figures", "violation_results", "rep_days", "rep_day_parts")
    calls, scorecards, call_figures, violation_results, rep_days, rep_day_parts = (
        sa.Table(name, tables, autoload_with=connection, resolve_fks=False) for name in names
    )
    # SQLite forgets that an id is a UUID; as text it passes through unchanged, on PostgreSQL as what it is.
    rows: dict[tuple[Any, ...], Counter[str]] = {}
    parts: dict[tuple[Any, ...], Counter[str]] = {}
    joined = calls.outerjoin(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
    wanted = (calls.c.id, calls.c.rep_id, calls.c.kpi_day, calls.c.script, scorecards.c.content)
    for call_id, rep_id, day, script, content in connection.execute(sa.select(*wanted).select_from(joined)).all():
        key = (rep_id, day, script)
        if content is None:
            rows.setdefault((*key, ""), Counter())["calls_received"] += 1
            continue
        scorecard = json.loads(zlib.decompress(content))
        rules, sums = f"{scorecard['language']}/{scorecard['pack_version']}", _figures(scorecard)
        connection.execute(call_figures.insert().values(call_id=call_id, rules=rules, **sums))
        rows.setdefault((*key, rules), Counter()).update({"calls_received": 1, "calls_scored": 1, **sums})
        for violation, number in Counter(found["id"] for found in scorecard["violations"]).items():
            severity = next(found["severity"] for found in scorecard["violations"] if found["id"] == violation)
            values = {"call_id": call_id, "violation_id": violation, "severity": severity, "occurrences": number}
            connection.execute(violation_results.insert().values(values))
        for (kind, part_id), amounts in _parts(scorecard).items():
            parts.setdefault((*key, rules, kind, part_id), Counter()).update(amounts)
    row_keys = ("rep_id", "day", "script", "rules")
    for table, summed, keys in ((rep_days, rows, row_keys), (rep_day_parts, parts, (*row_keys, "kind", "id"))):
        columns = [column.name for column in table.columns if column.name not in keys]
        for key, amounts in summed.items():
            values = dict(zip(keys, key, strict=True)) | {name: amounts[name] for name in columns}
            connection.execute(table.insert().values(values))


def _figures(scorecard: dict[str, Any]) -> dict[str, int]:
    points = [found["points"] for found in scorecard["objections"]]
    talk, pauses = scorecard["conversation"]["agent_talk_share"], scorecard["conversation"]["pauses_over_3s"]
    violations = len(scorecard["violations"])
    steps = [i["status"] for i in scorecard["items"] if i["id"] == "next_step_dated" and i["status"] in ASSESSED]
    return dict.fromkeys(CALL_SUMS, 0) | {
        "calls_assessed": int(scorecard["adherence_weight"] > 0 or violations > 0),
        "objections": len(points),
        "objections_handled": sum(found["handled"] for found in scorecard["objections"]),
        "argumentation_micro": sum(round(value * MICRO) for value in points),
        "argumentation_sq_micro": sum(round(value**2 * MICRO) for value in points),
        "adherence_points_micro": round(scorecard["adherence_points"] * MICRO),
        "adherence_weight_micro": round(scorecard["adherence_weight"] * MICRO),
        "violations": violations,
        "violations_sq": violations**2,
        "talk_calls": int(talk is not None),
        "talk_micro": round((talk or 0.0) * MICRO),
        "talk_sq_micro": round((talk or 0.0) ** 2 * MICRO),
        "pause_calls": int(pauses is not None),
        "pauses": pauses or 0,
        "pauses_sq": (pauses or 0) ** 2,
        "next_step_calls": len(steps),
        "next_step_dated": steps.count("met"),
    }


def _parts(scorecard: dict[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    parts: dict[tuple[str, str], Counter[str]] = {}
    for found in scorecard["objections"]:
        part = parts.setdefault(("objection", found["type"]), Counter())
        part["calls"] = 1
        part.update(n=1, good=int(found["handled"]), points_micro=round(found["points"] * MICRO))
        part.update(points_sq_micro=round(found["points"] ** 2 * MICRO))
    for item in scorecard["items"]:
        if item["points"] is not None:
            weight = round(item["weight"] * MICRO)
            earned = round(item["points"] * MICRO) * weight // MICRO
            sums = {"calls": 1, "n": 1, "good": int(item["status"] == "met"), "points_micro": earned}
            parts["item", item["id"]] = Counter(sums | {"weight_micro": weight})
    for name, number in Counter(found["id"] for found in scorecard["violations"]).items():
        parts["violation", name] = Counter(calls=1, n=number)
    return parts
