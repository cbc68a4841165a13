"""The audio store: recordings as objects under keys, in a local folder or in S3 and what is compatible with it.

Keys are made by the caller, new for every upload, like `calls/2025/11/<random>.wav`. An object is whole or absent: nobody ever sees
half of one. Reading, listing and deleting go through obstore; so does writing, but for a local folder, where durable.py also
makes sure that an object survives a power cut. S3 keeps the parts of uploads that a crash cut off: set a lifecycle rule
on the bucket that aborts incomplete multipart uploads after a day.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from service.scoring.errors import AudioMissing, StoreUnavailable
from service.store import private
from service.store.durable import Digest, uncancelled, write_durably
from service.store.faults import audio_fault

#: Bytes of one part of an upload to S3, whose least is 5 MiB and which takes 10,000 parts; and how many are under way at once.
PART_BYTES = 5 * 1024 * 1024
PARTS_AT_ONCE = 4
#: Bytes yielded at a time, and read ahead by `open`.
READ_BYTES = 256 * 1024
READ_AHEAD_BYTES = 1024 * 1024
#: Seconds: one request to S3 (a part of 5 MiB over a slow line), and all attempts at one.
REQUEST_TIMEOUT = timedelta(seconds=60)
RETRY_TIMEOUT = timedelta(seconds=120)
MAX_RETRIES = 4
MAX_KEY_LENGTH = 512
SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,128}")
#: End of the key of a recording's outline, which is drawn as its waveform. It lives and goes with the recording.
OUTLINE = ".outline"
#: The same of its copy without the seconds that only some may hear (see silenced_audio.py).
SILENCED = ".silenced"
#: What lives and goes with a recording.
BESIDE = (OUTLINE, SILENCED)

#: The process that obstore's threads live in.
_RUNTIME: dict[str, int] = {}


def outline_key(key: str) -> str:
    """Where the outline of the recording under `key` lies."""
    return key + OUTLINE


def silenced_key(key: str) -> str:
    """Where the copy of the recording under `key` lies that has silence in its redacted seconds."""
    return key + SILENCED


class AudioStore:
    """Recordings under keys. Safe to use from any thread; `write` and `read_range` belong to an event loop.

    A process that forks workers may make an AudioStore, but must not use it before: obstore's threads do not survive a fork.
    """

    def __init__(self, url: str) -> None:
        """`file:///folder` (made if need be, for its owner only), `s3://bucket/prefix` (credentials, region and endpoint from the
        usual AWS_* variables), or `memory:///` for tests. Raises ValueError for another URL, StoreUnavailable for an unusable folder.
        """
        parts = urlsplit(url)
        self._root: Path | None = None
        store: Any
        if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
            self._root = Path(unquote(parts.path)).absolute()
            with _faults(""):
                private.make_folder(self._root)
            store = LocalStore(self._root)
        elif parts.scheme == "s3" and parts.netloc:
            store = S3Store.from_url(
                url,
                # Only an endpoint that was configured as http:// is spoken to so: a MinIO beside the service, say.
                client_options={"timeout": REQUEST_TIMEOUT, "allow_http": True},
                retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
            )
        elif parts.scheme == "memory":
            store = MemoryStore()
        else:
            raise ValueError("the audio store's URL must be file:///FOLDER or s3://BUCKET/PREFIX")
        self._objects = store

    async def write(self, key: str, chunks: AsyncIterator[bytes], digest: Digest | None = None) -> None:
        """Store the chunks as one object, with a few megabytes in memory at most. On any error nothing is left of it.

        `digest`, if given, has seen all of it at the end. Errors of `chunks` are passed on. Raises ValueError for a bad key or one in use, StoreUnavailable when the store
        is full or cannot be reached.
        """
        _check(key)
        if key.startswith("."):
            raise ValueError("an audio key must not begin with a dot")
        if self._root is not None:
            await write_durably(self._root, key, chunks, digest)
        else:
            await self._write_remote(key, chunks, digest)

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable binary file, to be closed by the caller. Raises AudioMissing, StoreUnavailable."""
        _check(key)
        with _faults(key):
            if self._root is not None:
                return (self._root / key).open("rb")
            reader = obstore.open_reader(self._store(), key, buffer_size=READ_AHEAD_BYTES)
            return io.BufferedReader(_ObjectFile(reader), READ_AHEAD_BYTES)

    def local_path(self, key: str) -> Path | None:
        """Where the object lies in the local folder, for reading only; None for a store that is none."""
        _check(key)
        return None if self._root is None else self._root / key

    async def read_range(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces. Raises AudioMissing, StoreUnavailable."""
        _check(key)
        if start >= end:
            return
        with _faults(key):
            found = await obstore.get_async(self._store(), key, options={"range": (start, end)})
            async for piece in found.stream(READ_BYTES):
                yield bytes(piece)

    def size(self, key: str) -> int:
        """Bytes of the object. Raises AudioMissing, StoreUnavailable."""
        _check(key)
        with _faults(key):
            return int(obstore.head(self._store(), key)["size"])

    def delete(self, key: str) -> None:
        """Delete the object and what lies beside it; one that is not there is fine. Raises StoreUnavailable."""
        _check(key)
        for each in (key,) if key.endswith(BESIDE) else (key, *(key + end for end in BESIDE)):
            with suppress(AudioMissing), _faults(each):
                obstore.delete(self._store(), each)

    def keys(self, older_than: datetime) -> Iterator[str]:
        """Keys of the objects last written before `older_than`, for the search for orphans.

        In a local folder also those of uploads that a crash cut off (`.partial/...`), which `delete` takes too. Outlines and
        silenced copies are left out: they go with their recordings.
        """
        with _faults(""):
            for batch in obstore.list(self._store()):
                for found in batch:
                    if found["last_modified"] < older_than and not found["path"].endswith(BESIDE):
                        yield found["path"]

    def ready(self) -> bool:
        """True if the store can be written (a local folder) or answers (S3)."""
        if self._root is not None:
            return os.access(self._root, os.W_OK | os.X_OK)
        try:
            with _faults(""):
                next(iter(obstore.list(self._store(), chunk_size=1)), None)
        except StoreUnavailable:
            return False
        return True

    def _store(self) -> Any:
        if _RUNTIME.setdefault("pid", os.getpid()) != os.getpid():
            raise RuntimeError(
                "an AudioStore was used before this process was forked; obstore would wait here for ever"
            )
        return self._objects

    async def _write_remote(self, key: str, chunks: AsyncIterator[bytes], digest: Digest | None) -> None:
        with _faults(key):
            writer = obstore.open_writer_async(
                self._store(), key, buffer_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
            )
            await writer.__aenter__()
        try:
            async for chunk in chunks:
                if digest is not None:
                    digest.update(chunk)
                with _faults(key):
                    await writer.write(chunk)
        except BaseException:
            # Tells the store to drop the parts that it has.
            await _tidy(writer.__aexit__(*sys.exc_info()))
            raise
        try:
            with _faults(key):
                await uncancelled(writer.__aexit__(None, None, None))
        except BaseException:
            await _tidy(obstore.delete_async(self._store(), key))
            raise


async def _tidy(work: Awaitable[object]) -> None:
    """Clean up after an error, which is the one to tell of; what cannot be cleaned up now is left to the sweep."""
    with suppress(BaseError, OSError):
        await uncancelled(work)


class _ObjectFile(io.RawIOBase):
    """An object of a remote store as Python's raw file; BufferedReader makes the rest."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._reader.read(len(buffer))
        buffer[: len(piece)] = bytes(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())


def _check(key: str) -> None:
    segments = key.split("/")
    bad = len(key) > MAX_KEY_LENGTH or any(part in {".", ".."} or not SEGMENT.fullmatch(part) for part in segments)
    if bad:
        raise ValueError(
            f"an audio key is at most {MAX_KEY_LENGTH} characters of letters, digits, '.', '_', '-', in segments divided by '/'"
        )


@contextmanager
def _faults(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise AudioMissing(f"the audio store holds no recording {key!r}; it was deleted or lost") from error
    except (BaseError, OSError) as error:
        raise audio_fault(error) from error
