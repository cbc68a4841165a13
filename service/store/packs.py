"""Versions of rule packs that were published. The last one of a pack and language is in use; none is ever changed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, select, tuple_

from service.scoring.errors import DraftChanged, DraftUnknown, StoredTextDamaged
from service.scoring.pack_texts import Texts, files_sha256, hashes_of
from service.store.models_packs import pack_contents, pack_trials, pack_versions
from service.store.records_packs import NewVersion, PackVersionRow
from service.store.types import new_id
from service.store.upsert import insert_new

#: Who published the version that lay in the rules folder.
FOLDER = "folder"
_COMPRESSION_LEVEL = 6
_LAST = (
    select(pack_versions.c.pack_id, pack_versions.c.language, func.max(pack_versions.c.number))
    .group_by(pack_versions.c.pack_id, pack_versions.c.language)
)  # fmt: skip


class PackRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def in_use(self) -> tuple[PackVersionRow, ...]:
        """The last version of every pack and language that was ever published."""
        place = tuple_(pack_versions.c.pack_id, pack_versions.c.language, pack_versions.c.number)
        return self._versions(place.in_(_LAST))

    def history(self, pack_id: str, language: str) -> tuple[PackVersionRow, ...]:
        """All versions, the newest first."""
        return self._versions(_of(pack_id, language))

    def get(self, pack_id: str, language: str, number: int) -> PackVersionRow:
        """Raises DraftUnknown."""
        found = self._versions(and_(_of(pack_id, language), pack_versions.c.number == number))
        if not found:
            raise DraftUnknown(f"the pack {pack_id!r} ({language}) has no version number {number}")
        return found[0]

    def publish(self, new: NewVersion, *, after: int, by: str, now: datetime) -> PackVersionRow:
        """Put a version to use, behind the one with the number `after` (0: none was published yet). Its texts are kept already.

        Raises DraftChanged: somebody published another one meanwhile.
        """
        values = {
            "id": new_id(),
            "pack_id": new.pack_id,
            "language": new.language,
            "number": after + 1,
            "version": new.version,
            "pack_sha256": new.pack_sha256,
            "files_sha256": new.files_sha256,
            "source": new.source,
            "reason": new.reason,
            "published_by": by,
            "published_at": now,
            "draft_id": new.draft_id,
        }
        if not insert_new(self._connection, pack_versions, values):
            raise DraftChanged(
                "somebody published another version of this pack meanwhile; look at what your draft changes now"
            )
        return PackVersionRow(**values)  # type: ignore[arg-type]

    def keep(self, texts: Texts, *, now: datetime) -> str:
        """Keep all files of a pack; the hash over them."""
        sha256 = files_sha256(hashes_of(texts))
        known = select(pack_contents.c.files_sha256).where(pack_contents.c.files_sha256 == sha256)
        if self._connection.execute(known).one_or_none() is None:
            values = {"files_sha256": sha256, "content": packed(dict(texts)), "created_at": now}
            insert_new(self._connection, pack_contents, values)
        return sha256

    def texts(self, sha256: str) -> dict[str, str]:
        """The files that were kept under this hash.

        Raises:
            DraftUnknown: there are none (any more).
            StoredTextDamaged: they are not what was kept.
        """
        statement = select(pack_contents.c.content).where(pack_contents.c.files_sha256 == sha256)
        content = self._connection.execute(statement).scalar_one_or_none()
        if content is None:
            raise DraftUnknown("the files of this version are not kept any more")
        texts: dict[str, str] = unpacked(content)
        if files_sha256(hashes_of(texts)) != sha256:
            raise StoredTextDamaged(
                "the files of a rule pack are damaged: they do not match their hash; restore the database from a backup"
            )
        return texts

    def forget_unused(self) -> None:
        """Drop files that neither a version nor a running trial needs."""
        used = exists().where(pack_versions.c.files_sha256 == pack_contents.c.files_sha256)
        trial = pack_trials.c.files_sha256 == pack_contents.c.files_sha256
        before = pack_trials.c.before_sha256 == pack_contents.c.files_sha256
        tried = exists().where(pack_trials.c.state == "running", trial | before)
        self._connection.execute(delete(pack_contents).where(~used, ~tried))

    def _versions(self, condition: ColumnElement[bool]) -> tuple[PackVersionRow, ...]:
        newest_first = select(pack_versions).where(condition).order_by(pack_versions.c.number.desc())
        return tuple(_version(row) for row in self._connection.execute(newest_first))


def packed(data: Mapping[str, Any]) -> bytes:
    """Data as compressed JSON."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return zlib.compress(text.encode(), _COMPRESSION_LEVEL)


def unpacked(content: bytes) -> dict[str, Any]:
    """Raises StoredTextDamaged."""
    try:
        data: dict[str, Any] = json.loads(zlib.decompress(content))
    except (zlib.error, ValueError):
        raise StoredTextDamaged("a stored text is damaged; restore the database from a backup") from None
    return data


def _of(pack_id: str, language: str) -> ColumnElement[bool]:
    return and_(pack_versions.c.pack_id == pack_id, pack_versions.c.language == language)


def _version(row: Row[Any]) -> PackVersionRow:
    return PackVersionRow(**row._mapping)
