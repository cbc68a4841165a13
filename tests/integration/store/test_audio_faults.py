"""Uploads that break off, full disks, bad keys and addresses: nothing is left, and a sentence says why."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.scoring.errors import StoreUnavailable
from service.store.audio import AudioStore
from service.store.durable import PARTIAL_FOLDER
from tests.integration.store.recordings import CHUNK, CONTENT, KEY, all_keys, chunks, files, write


@pytest.fixture(params=["folder", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AudioStore:
    """A local folder, and a store that is driven like S3."""
    return AudioStore((tmp_path / "audio").as_uri() if request.param == "folder" else "memory:///")


def test_an_upload_that_breaks_off_leaves_nothing(store: AudioStore, tmp_path: Path) -> None:
    """The telephony system hung up in the middle."""

    async def broken() -> AsyncIterator[bytes]:
        async for chunk in chunks():
            yield chunk
        raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        asyncio.run(store.write(KEY, broken()))
    assert all_keys(store) == []
    assert files(tmp_path) == []


@pytest.mark.parametrize("after", [0, 1, 50, len(CONTENT) // CHUNK + 1])
def test_a_cancelled_upload_leaves_nothing_whenever_it_is_cancelled(
    store: AudioStore, tmp_path: Path, after: int
) -> None:
    """The server shuts down during an upload: at its start, in its midst, when all bytes are there."""

    async def run() -> None:
        async def cancelling() -> AsyncIterator[bytes]:
            number = 0
            async for chunk in chunks():
                if number == after:
                    task.cancel()
                number += 1
                yield chunk
            if number <= after:
                task.cancel()

        task = asyncio.create_task(store.write(KEY, cancelling()))
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert all_keys(store) == []
    assert files(tmp_path) == []


def test_an_upload_cancelled_before_its_first_byte_leaves_nothing(store: AudioStore, tmp_path: Path) -> None:
    async def run(turns: int) -> None:
        task = asyncio.create_task(store.write(KEY, chunks()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for turns in range(4):
        asyncio.run(run(turns))
    assert all_keys(store) == []
    assert files(tmp_path) == []


def test_a_cancel_while_the_file_is_put_in_its_place_leaves_nothing(
    audio_store: AudioStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last moment: the file is renamed already, but nobody will be told that it is there."""

    async def run() -> None:
        task = asyncio.create_task(audio_store.write(KEY, chunks()))
        rename = Path.rename

        def rename_and_cancel(path: Path, target: Path) -> Path:
            renamed = rename(path, target)
            task.get_loop().call_soon_threadsafe(task.cancel)
            return renamed

        monkeypatch.setattr(Path, "rename", rename_and_cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../up", "a/../../b", "a//b", "a/./b", "a/", "звонок.wav", "a b", "a\0b", "a#1", "x" * 600],
)
def test_a_key_that_leaves_the_store_is_refused(store: AudioStore, key: str) -> None:
    with pytest.raises(ValueError, match="audio key"):
        write(store, key)
    for attempt in (store.size, store.open, store.delete, store.local_path):
        with pytest.raises(ValueError, match="audio key"):
            attempt(key)


def test_what_a_killed_upload_left_is_found_by_the_sweep_once_it_is_old(
    audio_store: AudioStore, tmp_path: Path
) -> None:
    """kill -9 in the middle of an upload: its half file must not lie there for ever, nor be swept from under a live one."""
    partial = tmp_path / "audio" / PARTIAL_FOLDER / "0123"
    partial.parent.mkdir()
    partial.write_bytes(b"half")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    write(audio_store)
    assert list(audio_store.keys(hour_ago)) == []
    os.utime(partial, (hour_ago.timestamp() - 60,) * 2)
    assert list(audio_store.keys(hour_ago)) == [f"{PARTIAL_FOLDER}/0123"]
    for key in audio_store.keys(hour_ago):
        audio_store.delete(key)
    assert files(tmp_path / "audio") == [KEY]


def _upload_under(limit: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = f"""
import asyncio, resource
from service.scoring.errors import StoreUnavailable
from service.store.audio import AudioStore
store = AudioStore({folder.as_uri()!r})
async def chunks():
    for _ in range(100):
        yield bytes(100_000)
{limit}
try:
    asyncio.run(store.write("calls/a.wav", chunks()))
except StoreUnavailable as error:
    raise SystemExit(str(error))
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    """The file may not grow beyond 1 MB: the write of the next byte fails as on a full disk."""
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    result = _upload_under(limit, tmp_path / "audio")
    assert result.returncode == 1
    assert result.stderr.startswith("the disk of the audio store is full")
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "audio").write_text("a file where a folder should be")
    with pytest.raises(StoreUnavailable, match="audio store"):
        AudioStore((tmp_path / "audio").as_uri())


@pytest.mark.parametrize("url", ["", "/folder", "ftp://host/x", "file://host/folder", "s3://", "http://host/bucket"])
def test_another_kind_of_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="file:///FOLDER or s3://BUCKET"):
        AudioStore(url)


def test_a_store_used_before_a_fork_says_so_instead_of_hanging(tmp_path: Path) -> None:
    program = f"""
import os
from service.store.audio import AudioStore
store = AudioStore({tmp_path.as_uri()!r})
store.delete("a")
child = os.fork()
if child == 0:
    store.delete("a")
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert "before this process was forked" in result.stderr
