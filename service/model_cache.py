"""Trained example models on disk, by the hash of the pack that they were trained from. Only saves time: can be deleted."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from service.scoring.example_arrays import from_arrays, to_arrays
from service.scoring.examples import TrainedModels, training_fingerprint

#: Models kept; a stock pack's has about 3 MB, and every edit of a pack makes a new one.
MOST_KEPT = 12
SUFFIX = ".npz"


def default_cache_dir() -> Path:
    """Where models are kept unless a library is told otherwise."""
    return Path.home() / ".cache" / "callscore" / "models"


class ModelCache:
    """Files named by pack hash and training version. No pickles: arrays and JSON text."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, pack_sha256: str) -> TrainedModels | None:
        """The models of the pack with this hash, None if they are not there or cannot be read."""
        try:
            with np.load(self._path(pack_sha256), allow_pickle=False) as arrays:
                return from_arrays(dict(arrays))
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def save(self, pack_sha256: str, models: TrainedModels) -> None:
        """Keep models; a folder that cannot be written costs only the time to train again."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, **to_arrays(models))
            Path(name).replace(self._path(pack_sha256))
            self._drop_oldest()
        except OSError:
            return

    def _drop_oldest(self) -> None:
        kept = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-MOST_KEPT]:
            path.unlink(missing_ok=True)

    def _path(self, pack_sha256: str) -> Path:
        return self._folder / f"{pack_sha256[:32]}-{training_fingerprint()}{SUFFIX}"
