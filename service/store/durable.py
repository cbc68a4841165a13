"""Writing a file so that it is whole or absent, and there to stay once it is acknowledged.

The bytes go into a file in `.partial/` beside the recordings; after fsync it is renamed to its place, and the folders are fsynced
too, since a rename is a change of folders. A process killed in between leaves its file in `.partial/`, for the sweep.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from service.store.faults import audio_fault

Result = TypeVar("Result")

PARTIAL_FOLDER = ".partial"
#: Recordings are personal data: for the service's user only.
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


async def write_durably(root: Path, key: str, chunks: AsyncIterator[bytes]) -> None:
    """Store the chunks as file `key` below `root`. On any error, or if the task is cancelled, nothing is left.

    Errors of `chunks` are passed on. Raises ValueError if the file exists, StoreUnavailable if the disk cannot take it.
    """
    final = root / key
    partial = root / PARTIAL_FOLDER / uuid4().hex
    descriptor = await _on_disk(_create, partial, final)
    published = False
    try:
        async for chunk in chunks:
            await _on_disk(_write_all, descriptor, chunk)
        published = True
        await _on_disk(_publish, descriptor, partial, final, root)
    except BaseException:
        partial.unlink(missing_ok=True)
        if published:
            final.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


async def uncancelled(work: Awaitable[Result]) -> Result:
    """Await `work` to its end even if this task is cancelled meanwhile, and be cancelled then.

    A thread or an upload cannot be stopped half-way, so what it does must be known before anything is cleaned up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def make_private_folder(folder: Path) -> None:
    """Make the folder, and those above it, for the service's user only. Raises StoreUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    except OSError as error:
        raise audio_fault(error) from error


async def _on_disk(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run in a thread: a slow disk must not hold up the event loop."""
    try:
        return await uncancelled(asyncio.to_thread(function, *arguments))
    except OSError as error:
        raise audio_fault(error) from error


def _create(partial: Path, final: Path) -> int:
    if final.exists():
        raise ValueError("this audio key is in use; every upload needs a fresh one")
    partial.parent.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
    return os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)


def _write_all(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _publish(descriptor: int, partial: Path, final: Path, root: Path) -> None:
    os.fsync(descriptor)
    final.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    partial.rename(final)
    folder = final.parent
    _sync_folder(folder)
    while folder != root:
        folder = folder.parent
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
