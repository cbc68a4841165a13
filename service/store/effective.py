"""The scorecard that counts for a call: the machine's with the overrides in force over it and without rules that are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from service.scoring.overrides import Effective, State, effective
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings
from service.scoring.stored_scorecard import scorecard_from_dict
from service.store import content, figures, queue_rows
from service.store.models import scorecards
from service.store.models_reviews import overrides
from service.store.override_rows import Row, in_force
from service.store.rulings import RulingsRepository
from service.store.switches import uncounted


@dataclass(frozen=True, slots=True)
class Judged:
    """A call's current scorecard, judged. `rows` are the overrides in force, `states` theirs."""

    scorecard_id: UUID
    machine: Scorecard
    rulings: Rulings
    rows: tuple[Row, ...]
    states: tuple[State, ...]
    effective: Scorecard
    not_counted: tuple[str, ...]


def current(connection: Connection, call_id: UUID) -> Judged | None:
    """None while the call has no scorecard. Raises StoredTextDamaged."""
    statement = select(scorecards.c.id, scorecards.c.sha256, scorecards.c.content)
    row = connection.execute(statement.where(scorecards.c.call_id == call_id, scorecards.c.current)).one_or_none()
    if row is None:
        return None
    return judge(connection, call_id, row.id, scorecard_from_dict(content.unpack(row.sha256, row.content)))


def judge(connection: Connection, call_id: UUID, scorecard_id: UUID, machine: Scorecard) -> Judged:
    """What this machine's scorecard makes with today's overrides and switches. Nothing is written."""
    rows = in_force(connection, call_id)
    off = uncounted(connection, machine.pack_id)
    rulings = RulingsRepository(connection).get(machine.pack_sha256)
    if not rows and not off:
        return Judged(scorecard_id, machine, rulings, (), (), machine, ())
    placed = [row for row in rows if _still_placed(row, machine)]
    found = effective(machine, [row.override for row in placed], rulings, uncounted=off)
    states = dict(zip((row.id for row in placed), found.states, strict=True))
    return Judged(
        scorecard_id=scorecard_id,
        machine=machine,
        rulings=rulings,
        rows=rows,
        states=tuple(states.get(row.id, "lapsed") for row in rows),
        effective=found.scorecard,
        not_counted=found.not_counted,
    )


def all_counted(judged: Judged) -> Effective:
    """The same with every rule counted, as people see it: what agreement is counted from."""
    rows = [row.override for row in judged.rows if _still_placed(row, judged.machine)]
    return effective(judged.machine, rows, judged.rulings)


def scored(
    connection: Connection,
    call_id: UUID,
    scorecard_id: UUID,
    machine: Scorecard,
    *,
    confidence: float | None,
    now: datetime,
) -> None:
    """A new current scorecard: what people decided is laid over it, it counts, and the call takes its place in the queue.

    `confidence` is the transcript's mean word probability (0..1), None where nothing measured it.
    """
    judged = judge(connection, call_id, scorecard_id, machine)
    count(connection, call_id, judged, now=now)
    lapsed = any(state == "lapsed" != row.state for row, state in zip(judged.rows, judged.states, strict=True))
    queue_rows.enter(
        connection, call_id, judged.effective, judged.rulings, confidence=confidence, lapsed=lapsed, now=now
    )


def count(connection: Connection, call_id: UUID, judged: Judged, *, now: datetime) -> None:
    """Let the call count for it: details, figures and rollup, and the states of its overrides."""
    figures.replace(connection, call_id, judged.scorecard_id, judged.effective, now)
    _note_states(connection, judged.rows, judged.states)


def _still_placed(row: Row, machine: Scorecard) -> bool:
    """Places of objections mean something in the text they were decided on only. An erased text is still the same."""
    about_a_place = row.override.kind.startswith("objection")
    return not about_a_place or machine.transcript_sha256 in {"", row.transcript_sha256}


def _note_states(connection: Connection, rows: Sequence[Row], states: Sequence[State]) -> None:
    for row, state in zip(rows, states, strict=True):
        if row.state != state:
            connection.execute(update(overrides).where(overrides.c.id == row.id).values(state=state))
