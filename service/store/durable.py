"""Writing a file so that it is whole or absent, and there to stay once it is acknowledged.

The bytes go into a file in `.partial/` beside the recordings; after fsync it is renamed to its place, and the folders are fsynced
too, since a rename is a change of folders. A process killed in between leaves its file in `.partial/`, for the sweep.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from service.store import private
from service.store.faults import audio_fault

Result = TypeVar("Result")

PARTIAL_FOLDER = ".partial"
#: Bytes gathered for one visit to the thread that writes: most recordings then need two or three visits.
WRITE_BYTES = 1024 * 1024
#: Folders that this process has made sure are on the disk themselves: one a day, each needs its parents synced only once.
_LASTING: set[Path] = set()


class Digest(Protocol):
    """What hashlib's objects have."""

    def update(self, data: bytes, /) -> None: ...


async def write_durably(root: Path, key: str, chunks: AsyncIterator[bytes], digest: Digest | None = None) -> None:
    """Store the chunks as file `key` below `root`. On any error, or if the task is cancelled, nothing is left.

    `digest` is given all that is written, in the thread that writes it. Errors of `chunks` are passed on. Raises ValueError
    if the file exists, StoreUnavailable if the disk cannot take it.
    """
    file = _File(root, key, digest)
    gathered: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            if gathered and size + len(chunk) > WRITE_BYTES:
                await _on_disk(file.write, gathered)
                gathered, size = [], 0
            gathered.append(chunk)
            size += len(chunk)
        await _on_disk(file.publish, gathered)
    except BaseException:
        file.remove()
        raise
    finally:
        file.close()


async def uncancelled(work: Awaitable[Result]) -> Result:
    """Await `work` to its end even if this task is cancelled meanwhile, and be cancelled then.

    A thread or an upload cannot be stopped half-way, so what it does must be known before anything is cleaned up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as forgotten
        raise


async def _on_disk(function: Callable[..., None], *arguments: Any) -> None:
    """Run in a thread: a slow disk must not hold up the event loop."""
    try:
        await uncancelled(asyncio.to_thread(function, *arguments))
    except OSError as error:
        raise audio_fault(error) from error


class _File:
    """A file on its way to its place. Knows at any time what must be removed."""

    def __init__(self, root: Path, key: str, digest: Digest | None) -> None:
        self._root = root
        self._digest = digest
        self._final = root / key
        self._partial = root / PARTIAL_FOLDER / uuid4().hex
        self._descriptor: int | None = None
        self._published = False

    def write(self, chunks: Sequence[bytes]) -> None:
        descriptor = self._open()
        for chunk in chunks:
            if self._digest is not None:
                self._digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]

    def publish(self, chunks: Sequence[bytes]) -> None:
        """Write the last chunks and put the file in its place, for good."""
        self.write(chunks)
        os.fsync(self._open())
        private.make_folder(self._final.parent)
        self._partial.rename(self._final)
        self._published = True
        folder = self._final.parent
        _sync_folder(folder)
        if folder in _LASTING:
            return
        above = folder
        while above != self._root:
            above = above.parent
            _sync_folder(above)
        _LASTING.add(folder)

    def _open(self) -> int:
        if self._descriptor is None:
            if self._final.exists():
                raise ValueError("this audio key is in use; every upload needs a fresh one")
            private.make_folder(self._partial.parent)
            self._descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private.FILE_MODE)
        return self._descriptor

    def remove(self) -> None:
        self._partial.unlink(missing_ok=True)
        if self._published:
            self._final.unlink(missing_ok=True)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
