"""API keys: made once, stored as a hash, checked in constant time.

A key reads `cs_<prefix>_<secret>`. The prefix names the key in lists and logs; the secret holds 256 random bits, which no
one can try through, so a plain SHA-256 keeps it as safe as a slow password hash would and costs no time per request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select, update

from service.scoring.errors import KeyUnknown, NameTaken
from service.store.models import api_keys
from service.store.records import ApiKey, KeyRole
from service.store.types import new_id
from service.store.upsert import insert_new

SECRET_BYTES = 32
PREFIX_BYTES = 4
#: `cs_` and two hex digits a byte.
PREFIX_LENGTH = len("cs_") + 2 * PREFIX_BYTES
KEY = re.compile(r"cs_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
#: `last_used_at` is written at most this often per key, so that a burst of requests is not a burst of writes.
USED_EVERY = timedelta(minutes=1)

#: Made once: every request with a key begins with it.
_BY_PREFIX = select(api_keys).where(api_keys.c.prefix == bindparam("of_prefix"))


class KeyRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, name: str, role: KeyRole, team_id: UUID | None, now: datetime) -> tuple[ApiKey, str]:
        """A new key and its text, which is shown once and cannot be had again.

        Raises NameTaken if a live key has this name.
        """
        prefix = f"cs_{secrets.token_hex(PREFIX_BYTES)}"
        secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        key = ApiKey(
            id=new_id(),
            name=name,
            role=role,
            prefix=prefix,
            team_id=team_id,
            created_at=now,
            last_used_at=None,
            revoked_at=None,
        )
        values = {"id": key.id, "name": name, "role": role, "prefix": prefix, "team_id": team_id, "created_at": now}
        if not insert_new(self._connection, api_keys, values | {"sha256": _sha256(secret)}):
            raise NameTaken(f"a key named {name!r} exists; choose another name, or revoke that one first")
        return key, secret

    def authenticate(self, secret: str, now: datetime) -> ApiKey | None:
        """The live key with this text, or None. Notes its use, at most once a minute, in a transaction that may write."""
        if not KEY.fullmatch(secret):
            return None
        prefix = secret[:PREFIX_LENGTH]
        row = self._connection.execute(_BY_PREFIX, {"of_prefix": prefix}).one_or_none()
        stored = "" if row is None else row.sha256
        if not hmac.compare_digest(_sha256(secret), stored) or row is None or row.revoked_at is not None:
            return None
        may_write = not self._connection.get_execution_options().get("read_only", False)
        if may_write and (row.last_used_at is None or row.last_used_at < now - USED_EVERY):
            self._connection.execute(update(api_keys).where(api_keys.c.id == row.id).values(last_used_at=now))
        return _key(row)

    def revoke(self, key_id: UUID, now: datetime) -> ApiKey:
        """Raises KeyUnknown. Revoking twice changes nothing."""
        live = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        self._connection.execute(update(api_keys).where(live).values(revoked_at=now))
        row = self._connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
        if row is None:
            raise KeyUnknown(f"no API key has the id {key_id}")
        return _key(row)

    def list(self, *, limit: int = 1000, after: UUID | None = None) -> tuple[ApiKey, ...]:
        """All keys, revoked ones too, oldest first; `after` is the last id of the page before."""
        statement = select(api_keys).order_by(api_keys.c.id).limit(limit)
        if after is not None:
            statement = statement.where(api_keys.c.id > after)
        return tuple(_key(row) for row in self._connection.execute(statement))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=row.role,
        prefix=row.prefix,
        team_id=row.team_id,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
