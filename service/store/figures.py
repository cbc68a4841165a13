"""What a call counts for: its details (objections, items, violations, flags), its figures, and its part in the rollup.

`replace` takes the call's *effective* scorecard: what the machine found, with people's overrides over it. The machine's own
stays in `scorecards.content`. Old details make way for new ones and the rollup moves by the difference, exactly once, any
number of times, in the caller's transaction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from service.scoring.results import Scorecard
from service.store.models import calls, flags, item_results, objections, violation_results
from service.store.models_rollup import call_figures
from service.store.rollup import Rollup
from service.store.rollup_columns import CALL_SUMS, MICRO, Part, PartSums, micro
from service.store.upsert import insert_or_replace

#: The item by which every pack asks for a next step with a day or a time.
NEXT_STEP_ITEM = "next_step_dated"
#: Longest wait that is summed, in seconds (about four months); keeps sums of squares within 64 bits for a million such calls.
LONGEST_WAIT_S = 10_000_000
ASSESSED = ("met", "partial", "missed")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a call adds to the rollup: under which rules, the sums by name, and the sums of its parts."""

    rules: str
    sums: dict[str, int]
    parts: dict[Part, PartSums]


def replace(connection: Connection, call_id: UUID, scorecard_id: UUID, scorecard: Scorecard, now: datetime) -> None:
    """Let the call count for what `scorecard`, its effective one, says; `scorecard_id` is the current one's.

    The same scorecard again changes nothing. `now` dates the flags and, the first time, ends the wait for the score; a
    scorecard that replaces another leaves that wait as it was.
    """
    # Whoever else changes what this call counts for waits here.
    locked = select(calls.c.rep_id, calls.c.kpi_day, calls.c.script, calls.c.received_at).where(calls.c.id == call_id)
    call = connection.execute(locked.with_for_update(of=calls)).one()
    before = standing(connection, call_id)
    _write_details(connection, call_id, scorecard_id, scorecard, now)
    sums = _sums(scorecard) | (_wait(call.received_at, now) if before is None else _same_wait(before))
    rules = f"{scorecard.language}/{scorecard.pack_version}"
    insert_or_replace(connection, call_figures, {"call_id": call_id}, {"rules": rules, **sums})
    connection.execute(update(calls).where(calls.c.id == call_id).values(_shown(scorecard)))
    after = standing(connection, call_id)
    Rollup(connection).move(call.rep_id, call.kpi_day, call.script, before, after)


def standing(connection: Connection, call_id: UUID) -> Standing | None:
    """What the call counts for now, as its details say; None before it was first scored."""
    found = connection.execute(select(call_figures).where(call_figures.c.call_id == call_id)).one_or_none()
    if found is None:
        return None
    return Standing(found.rules, {name: getattr(found, name) for name in CALL_SUMS}, _parts(connection, call_id))


def _parts(connection: Connection, call_id: UUID) -> dict[Part, PartSums]:
    parts: dict[Part, PartSums] = {}
    for row in connection.execute(select(objections).where(objections.c.call_id == call_id)):
        part = parts.setdefault(("objection", row.type), Counter())
        part["calls"] = 1
        part.update(n=1, good=int(row.handled), points_micro=row.points_micro, points_sq_micro=row.points_sq_micro)
    for row in connection.execute(select(item_results).where(item_results.c.call_id == call_id)):
        if row.points_micro is not None:
            # Whole numbers only, as the database computes it when the rollup is verified.
            earned = row.points_micro * row.weight_micro // MICRO
            met = int(row.status == "met")
            sums = {"calls": 1, "n": 1, "good": met, "points_micro": earned, "weight_micro": row.weight_micro}
            parts["item", row.item_id] = Counter(sums)
    for row in connection.execute(select(violation_results).where(violation_results.c.call_id == call_id)):
        parts["violation", row.violation_id] = Counter(calls=1, n=row.occurrences)
    return parts


def _sums(scorecard: Scorecard) -> dict[str, int]:
    """Everything by CALL_SUMS names but the wait."""
    talk, pauses = scorecard.conversation.agent_talk_share, scorecard.conversation.pauses_over_3s
    violations = len(scorecard.violations)
    next_step = [i.status for i in scorecard.items if i.id == NEXT_STEP_ITEM and i.status in ASSESSED]
    return {
        "calls_assessed": int(scorecard.adherence_weight > 0 or violations > 0),
        "objections": len(scorecard.objections),
        "objections_handled": sum(found.handled for found in scorecard.objections),
        "argumentation_micro": sum(micro(found.points) for found in scorecard.objections),
        "argumentation_sq_micro": sum(micro(found.points**2) for found in scorecard.objections),
        "adherence_points_micro": micro(scorecard.adherence_points),
        "adherence_weight_micro": micro(scorecard.adherence_weight),
        "violations": violations,
        "violations_sq": violations**2,
        "talk_calls": int(talk is not None),
        "talk_micro": micro(talk or 0.0),
        "talk_sq_micro": micro((talk or 0.0) ** 2),
        "pause_calls": int(pauses is not None),
        "pauses": pauses or 0,
        "pauses_sq": (pauses or 0) ** 2,
        "next_step_calls": len(next_step),
        "next_step_dated": next_step.count("met"),
    }


def _wait(received_at: datetime, now: datetime) -> dict[str, int]:
    seconds = min(max(round((now - received_at).total_seconds()), 0), LONGEST_WAIT_S)
    return {"wait_calls": 1, "wait_s": seconds, "wait_sq_s": seconds**2}


def _same_wait(before: Standing) -> dict[str, int]:
    return {name: before.sums[name] for name in ("wait_calls", "wait_s", "wait_sq_s")}


def _shown(scorecard: Scorecard) -> dict[str, Any]:
    """What the list of calls shows of a call."""
    return {
        "adherence": scorecard.adherence,
        "argumentation": scorecard.argumentation,
        "objections_total": scorecard.objections_total,
        "objections_handled": scorecard.objections_handled,
    }


def _write_details(
    connection: Connection, call_id: UUID, scorecard_id: UUID, scorecard: Scorecard, now: datetime
) -> None:
    for table in (objections, item_results, violation_results, flags):
        connection.execute(delete(table).where(table.c.call_id == call_id))
    ids = {"call_id": call_id, "scorecard_id": scorecard_id}
    if ledger := [
        ids
        | {
            "position": position,
            "objection_id": found.id,
            "type": found.type,
            "outcome": found.outcome,
            "handled": found.handled,
            "points_micro": micro(found.points),
            "points_sq_micro": micro(found.points**2),
        }
        for position, found in enumerate(scorecard.objections)
    ]:
        connection.execute(insert(objections), ledger)
    if items := [
        ids
        | {
            "item_id": item.id,
            "status": item.status,
            "points_micro": None if item.points is None else micro(item.points),
            "weight_micro": micro(item.weight),
            "critical": item.critical,
        }
        for item in scorecard.items
    ]:
        connection.execute(insert(item_results), items)
    occurrences = Counter(found.id for found in scorecard.violations)
    severities = {found.id: found.severity for found in scorecard.violations}
    if broken := [
        {"call_id": call_id, "violation_id": name, "severity": severities[name], "occurrences": number}
        for name, number in occurrences.items()
    ]:
        connection.execute(insert(violation_results), broken)
    # A code that is raised for several reasons is one flag, with the first of them.
    first = {flag.code: flag for flag in reversed(scorecard.flags)}
    if raised := [
        {
            "call_id": call_id,
            "code": flag.code,
            "position": scorecard.flags.index(flag),
            "severity": flag.severity,
            "reason": flag.reason,
            "raised_at": now,
        }
        for flag in first.values()
    ]:
        connection.execute(insert(flags), raised)
