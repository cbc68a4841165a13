"""Writing a file so that it is whole or absent, and there to stay once it is acknowledged.

The bytes go into a file in `.partial/` beside the recordings; after fsync it is renamed to its place, and the folders are fsynced
too, since a rename is a change of folders. A process killed in between leaves its file in `.partial/`, for the sweep.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from service.store import private
from service.store.faults import audio_fault

Result = TypeVar("Result")

PARTIAL_FOLDER = ".partial"
#: Folders that this process has made sure are on the disk themselves: one a day, each needs its parents synced only once.
_LASTING: set[Path] = set()


async def write_durably(root: Path, key: str, chunks: AsyncIterator[bytes]) -> None:
    """Store the chunks as file `key` below `root`. On any error, or if the task is cancelled, nothing is left.

    Errors of `chunks` are passed on. Raises ValueError if the file exists, StoreUnavailable if the disk cannot take it.
    """
    file = _File(root, key)
    try:
        await _on_disk(file.create)
        async for chunk in chunks:
            await _on_disk(file.write, chunk)
        await _on_disk(file.publish)
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

    def __init__(self, root: Path, key: str) -> None:
        self._root = root
        self._final = root / key
        self._partial = root / PARTIAL_FOLDER / uuid4().hex
        self._descriptor: int | None = None
        self._published = False

    def create(self) -> None:
        if self._final.exists():
            raise ValueError("this audio key is in use; every upload needs a fresh one")
        private.make_folder(self._partial.parent)
        self._descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private.FILE_MODE)

    def write(self, chunk: bytes) -> None:
        assert self._descriptor is not None  # noqa: S101 - create() came first
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def publish(self) -> None:
        assert self._descriptor is not None  # noqa: S101 - create() came first
        os.fsync(self._descriptor)
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
