"""The packs that were published, as this process knows them: asked of the database now and then, kept while it is away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic

from service.rule_files import PackFiles
from service.scoring.errors import StoreUnavailable
from service.store.database import Database

#: Seconds for which an answer of the database holds: so long a version that was just published may be unknown elsewhere.
LOOK_EVERY_S = 1.0

log = logging.getLogger(__name__)


class PublishedPacks:
    """For `PackLibrary`. Safe to share between threads. A look costs one small query; texts are read only where they changed."""

    def __init__(
        self, database: Database, *, look_every_s: float = LOOK_EVERY_S, clock: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._look_every_s = look_every_s
        self._clock = clock
        self._looked_at: float | None = None
        self._hashes: dict[tuple[str, str], str] = {}
        self._current: Mapping[tuple[str, str], PackFiles] = {}
        self._lock = Lock()

    def current(self) -> Mapping[tuple[str, str], PackFiles]:
        """Packs by id and language: the same mapping as before if nothing was published since.

        Raises:
            StoreUnavailable: the database cannot be asked, and never could be.
        """
        with self._lock:
            now = self._clock()
            if self._looked_at is None or now - self._looked_at >= self._look_every_s:
                self._look()
                self._looked_at = now
            return self._current

    def look_again(self) -> None:
        """Ask the database the next time: something was published here."""
        with self._lock:
            if self._looked_at is not None:
                self._looked_at = self._clock() - self._look_every_s

    def _look(self) -> None:
        try:
            with self._database.read() as tx:
                found = {(row.pack_id, row.language): row.files_sha256 for row in tx.packs.in_use()}
                if found == self._hashes:
                    return
                changed = {key: PackFiles.of(tx.packs.texts(sha)) for key, sha in found.items() if self._new(key, sha)}
        except StoreUnavailable:
            if self._looked_at is None:
                raise
            log.warning("published packs not looked up: the database is away; what is known stays in use")
            return
        kept = {key: pack for key, pack in self._current.items() if key in found}
        self._current, self._hashes = kept | changed, found

    def _new(self, key: tuple[str, str], sha256: str) -> bool:
        return self._hashes.get(key) != sha256
