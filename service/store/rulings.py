"""What of each pack that ever scored a call is needed to judge reviews; see `service.scoring.rulings`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from service.scoring.gate import Gate
from service.scoring.rulings import UNKNOWN, Rulings, rulings_from_dict
from service.store.models import scorecards
from service.store.models_reviews import pack_rulings
from service.store.upsert import insert_new


class RulingsRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, pack_sha256: str, rulings: Rulings, *, now: datetime) -> None:
        """Remember them for scorecards of this pack; to be called in the transaction that stores one. Twice is fine."""
        if not self._known(pack_sha256):
            values = {"pack_sha256": pack_sha256, "content": rulings.to_dict(), "created_at": now}
            insert_new(self._connection, pack_rulings, values)

    def get(self, pack_sha256: str) -> Rulings:
        """Those of the pack with this content, `UNKNOWN` if it scored before they were kept."""
        statement = select(pack_rulings.c.content).where(pack_rulings.c.pack_sha256 == pack_sha256)
        found = self._connection.execute(statement).scalar_one_or_none()
        return UNKNOWN if found is None else rulings_from_dict(found)

    def latest_gate(self, pack_id: str) -> Gate | None:
        """The gate of the pack as it last scored a call; None where it has none, or never scored one."""
        latest = (
            select(scorecards.c.pack_sha256)
            .where(scorecards.c.pack_id == pack_id)
            .order_by(scorecards.c.id.desc())
            .limit(1)
        )
        sha256 = self._connection.execute(latest).scalar_one_or_none()
        return None if sha256 is None else self.get(sha256).gate

    def _known(self, pack_sha256: str) -> bool:
        statement = select(pack_rulings.c.pack_sha256).where(pack_rulings.c.pack_sha256 == pack_sha256)
        return self._connection.execute(statement).one_or_none() is not None
