"""What was already sent, so that an upload of a folder goes on where it stopped.

The service recognizes a recording that comes again; the journal only saves sending its bytes twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path


def state_folder() -> Path:
    """Where this user's state lives (XDG base directory specification)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "callscore"


class Journal:
    """One line a recording sent to one service; a changed file (size or time of change) counts as another one."""

    def __init__(self, url: str, folder: Path) -> None:
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        self._path = folder / f"uploads-{name}.jsonl"
        self._sent: dict[str, str] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                self._learn(line)

    def call_id(self, file: Path) -> str | None:
        """The id the service gave this very file, or None if it was not sent."""
        return self._sent.get(_identity(file))

    def add(self, file: Path, call_id: str) -> None:
        """Remember that the service holds this file; on disk before it returns."""
        identity = _identity(file)
        self._sent[identity] = call_id
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"file": identity, "id": call_id}) + "\n")
            journal.flush()
            os.fsync(journal.fileno())

    def _learn(self, line: str) -> None:
        try:
            entry = json.loads(line)
            self._sent[str(entry["file"])] = str(entry["id"])
        except (ValueError, KeyError, TypeError):
            return  # a line torn by a power cut: the file is simply sent again


def _identity(file: Path) -> str:
    facts = file.stat()
    return f"{file.resolve()}|{facts.st_size}|{facts.st_mtime_ns}"
