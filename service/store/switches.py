"""Rules that were told to stop counting, by pack, with who and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from service.scoring.errors import NameTaken, SwitchUnknown
from service.store.models_reviews import rule_switches
from service.store.types import new_id


@dataclass(frozen=True, slots=True)
class RuleSwitch:
    """`rule` is a full id (`script/greeting`, `objections/price`, `violations/overpromise`); in force until `ended_at`.

    `recounted` is False while calls scored before are still being counted anew.
    """

    id: UUID
    pack_id: str
    rule: str
    reason: str
    stopped_by: str
    stopped_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    end_reason: str | None
    recounted: bool


def uncounted(connection: Connection, pack_id: str) -> frozenset[str]:
    """Full ids of the pack's rules that do not count now."""
    in_force = (rule_switches.c.pack_id == pack_id) & rule_switches.c.ended_at.is_(None)
    return frozenset(connection.execute(select(rule_switches.c.rule).where(in_force)).scalars())


class SwitchRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stop(self, pack_id: str, rule: str, *, reason: str, by: str, now: datetime) -> RuleSwitch:
        """From now on the rule does not count; stored calls follow by `recount`. Raises NameTaken if it is off already."""
        if rule in uncounted(self._connection, pack_id):
            raise NameTaken(f"the rule {rule!r} of {pack_id!r} does not count already")
        values = {
            "id": new_id(),
            "pack_id": pack_id,
            "rule": rule,
            "reason": reason,
            "stopped_by": by,
            "stopped_at": now,
            "recounted": False,
        }
        self._connection.execute(insert(rule_switches).values(values))
        return self._get(values["id"])

    def resume(self, pack_id: str, rule: str, *, reason: str, by: str, now: datetime) -> RuleSwitch:
        """Let the rule count again. Raises SwitchUnknown if it is not off."""
        in_force = (
            (rule_switches.c.pack_id == pack_id) & (rule_switches.c.rule == rule) & rule_switches.c.ended_at.is_(None)
        )
        row = self._connection.execute(select(rule_switches.c.id).where(in_force)).one_or_none()
        if row is None:
            raise SwitchUnknown(f"the rule {rule!r} of {pack_id!r} is not switched off")
        values = {"ended_by": by, "ended_at": now, "end_reason": reason, "recounted": False, "recounted_to": None}
        self._connection.execute(update(rule_switches).where(rule_switches.c.id == row.id).values(values))
        return self._get(row.id)

    def in_force(self) -> tuple[RuleSwitch, ...]:
        """Those of all packs that are off now."""
        statement = select(rule_switches).where(rule_switches.c.ended_at.is_(None)).order_by(rule_switches.c.id)
        return tuple(_switch(row) for row in self._connection.execute(statement))

    def list(self, pack_id: str | None = None, *, limit: int = 1000) -> tuple[RuleSwitch, ...]:
        """Newest first, ended ones too."""
        statement = select(rule_switches).order_by(rule_switches.c.id.desc()).limit(limit)
        if pack_id is not None:
            statement = statement.where(rule_switches.c.pack_id == pack_id)
        return tuple(_switch(row) for row in self._connection.execute(statement))

    def _get(self, switch_id: Any) -> RuleSwitch:
        return _switch(self._connection.execute(select(rule_switches).where(rule_switches.c.id == switch_id)).one())


def _switch(row: Row[tuple[Any, ...]]) -> RuleSwitch:
    return RuleSwitch(
        id=row.id,
        pack_id=row.pack_id,
        rule=row.rule,
        reason=row.reason,
        stopped_by=row.stopped_by,
        stopped_at=row.stopped_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        recounted=row.recounted,
    )
