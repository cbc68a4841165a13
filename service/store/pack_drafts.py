"""Drafts of rule packs: files that people change one by one, each told when somebody else was quicker."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from service.scoring.errors import DraftChanged, DraftStateWrong, DraftUnknown
from service.scoring.pack_texts import Texts, text_sha256
from service.store.models_packs import pack_draft_files, pack_drafts, pack_trial_steps, pack_trials
from service.store.records_packs import Draft
from service.store.types import new_id

#: Open drafts of a pack in one language; more are drafts that somebody forgot.
MOST_DRAFTS = 20
#: Of a draft that was published.
CLOSED = "the draft was published as version {version} and is not changed any more; make a new one"
#: Files inserted by one statement.
_ROWS_AT_ONCE = 200


class DraftRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        pack_id: str,
        language: str,
        texts: Texts,
        *,
        note: str,
        base_version: str,
        base_sha256: str,
        by: str,
        now: datetime,
    ) -> Draft:
        """A draft with these files (checked by the caller). Raises DraftStateWrong if there are too many drafts."""
        still_open = and_(
            pack_drafts.c.pack_id == pack_id, pack_drafts.c.language == language, pack_drafts.c.state == "open"
        )
        count = self._connection.scalar(select(func.count()).select_from(pack_drafts).where(still_open)) or 0
        if count >= MOST_DRAFTS:
            raise DraftStateWrong(
                f"there are {count} open drafts of this pack, at most {MOST_DRAFTS} are allowed; throw away those that nobody needs"
            )
        draft_id = new_id()
        values = {
            "id": draft_id,
            "pack_id": pack_id,
            "language": language,
            "note": note,
            "base_version": base_version,
            "base_sha256": base_sha256,
            "revision": 1,
            "state": "open",
            "created_by": by,
            "created_at": now,
            "changed_by": by,
            "changed_at": now,
        }
        self._connection.execute(insert(pack_drafts).values(values))
        rows = [_file(draft_id, path, text) for path, text in sorted(texts.items())]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._connection.execute(insert(pack_draft_files), rows[start : start + _ROWS_AT_ONCE])
        return self.get(draft_id)

    def get(self, draft_id: UUID) -> Draft:
        """Raises DraftUnknown."""
        found = self._drafts(pack_drafts.c.id == draft_id)
        if not found:
            raise DraftUnknown(f"no draft has the id {draft_id}; it may have been thrown away")
        return found[0]

    def list(self, *, pack_id: str | None = None, published: bool = False) -> tuple[Draft, ...]:
        """Open drafts, the newest first; with `published` those too that were published."""
        condition = pack_drafts.c.id.is_not(None) if published else pack_drafts.c.state == "open"
        if pack_id is not None:
            condition = and_(condition, pack_drafts.c.pack_id == pack_id)
        return self._drafts(condition)

    def hashes(self, draft_id: UUID) -> dict[str, str]:
        """Hex SHA-256 of every file by path."""
        statement = select(pack_draft_files.c.path, pack_draft_files.c.sha256).where(_in(draft_id))
        return {row.path: row.sha256 for row in self._connection.execute(statement.order_by(pack_draft_files.c.path))}

    def sizes(self, draft_id: UUID) -> dict[str, int]:
        """Bytes of every file by path."""
        statement = select(pack_draft_files.c.path, pack_draft_files.c.size_bytes).where(_in(draft_id))
        return {row.path: row.size_bytes for row in self._connection.execute(statement)}

    def texts(self, draft_id: UUID) -> dict[str, str]:
        """Every file by path."""
        statement = select(pack_draft_files.c.path, pack_draft_files.c.text).where(_in(draft_id))
        return {row.path: row.text for row in self._connection.execute(statement.order_by(pack_draft_files.c.path))}

    def text(self, draft_id: UUID, path: str) -> str | None:
        """One file; None if there is none."""
        found: str | None = self._connection.scalar(select(pack_draft_files.c.text).where(_at(draft_id, path)))
        return found

    def write(self, draft_id: UUID, path: str, text: str, *, seen: str | None, by: str, now: datetime) -> Draft:
        """Change a file, or add one. `seen` is the hash of the text that the writer began from, None for a new file.

        Raises:
            DraftUnknown, DraftStateWrong: the draft is published.
            DraftChanged: the file is not (any more) as the writer saw it.
        """
        self._touch(draft_id, by, now)
        row = _file(draft_id, path, text)
        if seen is None:
            if self._connection.scalar(select(pack_draft_files.c.sha256).where(_at(draft_id, path))) is not None:
                raise DraftChanged(f"there is a file {path} already; open it and change it")
            self._connection.execute(insert(pack_draft_files).values(row))
            return self.get(draft_id)
        as_seen = and_(_at(draft_id, path), pack_draft_files.c.sha256 == seen)
        if self._connection.execute(update(pack_draft_files).where(as_seen).values(row)).rowcount != 1:
            raise self._changed(draft_id, path)
        return self.get(draft_id)

    def remove(self, draft_id: UUID, path: str, *, seen: str, by: str, now: datetime) -> Draft:
        """Take a file out. Raises as `write`."""
        self._touch(draft_id, by, now)
        as_seen = and_(_at(draft_id, path), pack_draft_files.c.sha256 == seen)
        if self._connection.execute(delete(pack_draft_files).where(as_seen)).rowcount != 1:
            raise self._changed(draft_id, path)
        return self.get(draft_id)

    def published(self, draft_id: UUID, *, revision: int, version: str, now: datetime) -> None:
        """Close a draft whose content was published. Its files are kept with the version.

        Raises DraftUnknown, DraftStateWrong if it is closed, DraftChanged if somebody changed it since `revision`.
        """
        here = and_(pack_drafts.c.id == draft_id, pack_drafts.c.state == "open")
        values = {"state": "published", "published_version": version, "changed_at": now}
        as_seen = and_(here, pack_drafts.c.revision == revision)
        if self._connection.execute(update(pack_drafts).where(as_seen).values(values)).rowcount != 1:
            self._check_open(self.get(draft_id))
            raise DraftChanged("somebody changed the draft while it was published; look at it again")
        self._connection.execute(delete(pack_draft_files).where(_in(draft_id)))

    def discard(self, draft_id: UUID) -> None:
        """Throw a draft away, with what its trials found. Raises DraftUnknown, DraftStateWrong if it was published."""
        self._check_open(self.get(draft_id))
        trials = select(pack_trials.c.id).where(pack_trials.c.draft_id == draft_id)
        self._connection.execute(delete(pack_trial_steps).where(pack_trial_steps.c.trial_id.in_(trials)))
        self._connection.execute(delete(pack_trials).where(pack_trials.c.draft_id == draft_id))
        self._connection.execute(delete(pack_draft_files).where(_in(draft_id)))
        self._connection.execute(delete(pack_drafts).where(pack_drafts.c.id == draft_id))

    def _touch(self, draft_id: UUID, by: str, now: datetime) -> None:
        """Note who changes the draft; the update locks its row, so that its changes come one after another."""
        here = and_(pack_drafts.c.id == draft_id, pack_drafts.c.state == "open")
        values = {"revision": pack_drafts.c.revision + 1, "changed_by": by, "changed_at": now}
        if self._connection.execute(update(pack_drafts).where(here).values(values)).rowcount != 1:
            self._check_open(self.get(draft_id))

    @staticmethod
    def _check_open(draft: Draft) -> None:
        if draft.state != "open":
            raise DraftStateWrong(CLOSED.format(version=draft.published_version))

    def _changed(self, draft_id: UUID, path: str) -> DraftChanged | DraftUnknown:
        if self._connection.scalar(select(pack_draft_files.c.sha256).where(_at(draft_id, path))) is None:
            return DraftUnknown(f"the draft has no file {path} (any more)")
        return DraftChanged(f"somebody else saved {path} since you opened it; look at what stands there now")

    def _drafts(self, condition: ColumnElement[bool]) -> tuple[Draft, ...]:
        newest_first = select(pack_drafts).where(condition).order_by(pack_drafts.c.id.desc())
        return tuple(Draft(**row._mapping) for row in self._connection.execute(newest_first))


def _file(draft_id: UUID, path: str, text: str) -> dict[str, object]:
    size = len(text.encode())
    return {"draft_id": draft_id, "path": path, "sha256": text_sha256(text), "size_bytes": size, "text": text}


def _in(draft_id: UUID) -> ColumnElement[bool]:
    return pack_draft_files.c.draft_id == draft_id


def _at(draft_id: UUID, path: str) -> ColumnElement[bool]:
    return and_(_in(draft_id), pack_draft_files.c.path == path)
