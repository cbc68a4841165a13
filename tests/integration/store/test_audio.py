"""Recordings in the audio store: whole or absent, for the service's user only, read in any piece."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.scoring.errors import AudioMissing, StoreUnavailable
from service.store.audio import AudioStore
from service.store.durable import PARTIAL_FOLDER

KEY = "calls/2025/11/0199-a.wav"
CONTENT = bytes(range(256)) * 40_000  # 10 MB: more than one part of an upload to S3
CHUNK = 100_000


@pytest.fixture(params=["folder", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AudioStore:
    """A local folder, and a store that is driven like S3."""
    return AudioStore((tmp_path / "audio").as_uri() if request.param == "folder" else "memory:///")


async def _chunks(content: bytes = CONTENT) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _write(store: AudioStore, key: str = KEY, content: bytes = CONTENT) -> None:
    asyncio.run(store.write(key, _chunks(content)))


def _all_keys(store: AudioStore) -> list[str]:
    return list(store.keys(datetime.now(UTC) + timedelta(days=1)))


def _files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"RIFF", CONTENT], ids=["empty", "tiny", "10 MB"])
def test_a_recording_comes_back_byte_for_byte(store: AudioStore, content: bytes) -> None:
    _write(store, content=content)
    assert store.size(KEY) == len(content)
    with store.open(KEY) as file:
        assert file.read() == content
    assert _all_keys(store) == [KEY]


def test_a_recording_can_be_read_from_anywhere(store: AudioStore) -> None:
    """Decoders jump about in a file."""
    _write(store)
    with store.open(KEY) as file:
        assert file.seekable()
        assert file.seek(-10, os.SEEK_END) == len(CONTENT) - 10
        assert file.read(100) == CONTENT[-10:]
        assert file.read(1) == b""
        file.seek(5_000_000)
        assert file.read(7) == CONTENT[5_000_000:5_000_007]
        file.seek(-7, os.SEEK_CUR)
        assert file.tell() == 5_000_000
        assert file.readinto(bytearray(3)) == 3  # type: ignore[attr-defined]
        assert file.tell() == 5_000_003


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 10_240_000), (255, 1_000_001), (10_239_999, 10_240_000), (10_000_000, 99_999_999)]
)
def test_a_player_gets_exactly_the_bytes_it_asked_for(store: AudioStore, start: int, end: int) -> None:
    _write(store)

    async def read() -> list[bytes]:
        return [piece async for piece in store.read_range(KEY, start, end)]

    pieces = asyncio.run(read())
    assert b"".join(pieces) == CONTENT[start:end]
    assert all(type(piece) is bytes for piece in pieces)


def test_an_empty_range_is_empty(store: AudioStore) -> None:
    _write(store, content=b"")

    async def read() -> list[bytes]:
        return [piece async for piece in store.read_range(KEY, 0, 0)]

    assert asyncio.run(read()) == []


def test_a_missing_recording_is_named_and_deleting_it_again_is_fine(store: AudioStore) -> None:
    _write(store)
    store.delete(KEY)
    store.delete(KEY)

    async def read() -> None:
        async for _ in store.read_range(KEY, 0, 10):
            pass

    for attempt in (lambda: store.size(KEY), lambda: store.open(KEY), lambda: asyncio.run(read())):
        with pytest.raises(AudioMissing, match=KEY):
            attempt()


def test_an_upload_that_breaks_off_leaves_nothing(store: AudioStore, tmp_path: Path) -> None:
    """The telephony system hung up in the middle."""

    async def broken() -> AsyncIterator[bytes]:
        async for chunk in _chunks():
            yield chunk
        raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        asyncio.run(store.write(KEY, broken()))
    assert _all_keys(store) == []
    assert _files(tmp_path) == []


@pytest.mark.parametrize("after", [0, 1, 50, len(CONTENT) // CHUNK + 1])
def test_a_cancelled_upload_leaves_nothing_whenever_it_is_cancelled(
    store: AudioStore, tmp_path: Path, after: int
) -> None:
    """The server shuts down during an upload: at its start, in its midst, when all bytes are there."""

    async def run() -> None:
        async def chunks() -> AsyncIterator[bytes]:
            number = 0
            async for chunk in _chunks():
                if number == after:
                    task.cancel()
                number += 1
                yield chunk
            if number <= after:
                task.cancel()

        task = asyncio.create_task(store.write(KEY, chunks()))
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert _all_keys(store) == []
    assert _files(tmp_path) == []


def test_an_upload_cancelled_before_its_first_byte_leaves_nothing(store: AudioStore, tmp_path: Path) -> None:
    async def run(turns: int) -> None:
        task = asyncio.create_task(store.write(KEY, _chunks()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for turns in range(4):
        asyncio.run(run(turns))
    assert _all_keys(store) == []
    assert _files(tmp_path) == []


def test_a_cancel_while_the_file_is_put_in_its_place_leaves_nothing(
    audio_store: AudioStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last moment: the file is renamed already, but nobody will be told that it is there."""

    async def run() -> None:
        task = asyncio.create_task(audio_store.write(KEY, _chunks()))
        rename = Path.rename

        def rename_and_cancel(path: Path, target: Path) -> Path:
            renamed = rename(path, target)
            task.get_loop().call_soon_threadsafe(task.cancel)
            return renamed

        monkeypatch.setattr(Path, "rename", rename_and_cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert _files(tmp_path) == []


def test_nobody_sees_a_recording_before_it_is_whole(store: AudioStore) -> None:
    seen: list[list[str]] = []

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in _chunks():
            seen.append([key for key in _all_keys(store) if not key.startswith(PARTIAL_FOLDER)])
            yield chunk

    asyncio.run(store.write(KEY, watched()))
    assert seen == [[]] * len(seen)
    assert _all_keys(store) == [KEY]


def test_uploads_at_once_do_not_mix(store: AudioStore) -> None:
    contents = {f"calls/{number}.wav": bytes([number]) * 3_000_000 for number in range(8)}

    async def run() -> None:
        await asyncio.gather(*(store.write(key, _chunks(content)) for key, content in contents.items()))

    asyncio.run(run())
    for key, content in contents.items():
        with store.open(key) as file:
            assert file.read() == content


def test_a_key_in_use_is_refused(audio_store: AudioStore) -> None:
    """No upload may replace the recording of another call."""
    _write(audio_store, content=b"first")
    with pytest.raises(ValueError, match="fresh"):
        _write(audio_store, content=b"second")
    with audio_store.open(KEY) as file:
        assert file.read() == b"first"


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../up", "a/../../b", "a//b", "a/./b", "a/", "звонок.wav", "a b", "a\0b", "a#1", "x" * 600],
)
def test_a_key_that_leaves_the_store_is_refused(store: AudioStore, key: str) -> None:
    with pytest.raises(ValueError, match="audio key"):
        _write(store, key)
    for attempt in (store.size, store.open, store.delete, store.local_path):
        with pytest.raises(ValueError, match="audio key"):
            attempt(key)


def test_recordings_are_readable_by_the_services_user_only(audio_store: AudioStore, tmp_path: Path) -> None:
    _write(audio_store)
    path = audio_store.local_path(KEY)
    assert path == tmp_path / "audio" / KEY
    assert path.stat().st_mode & 0o777 == 0o600
    folders = [folder for folder in (tmp_path / "audio", *(tmp_path / "audio").rglob("*")) if folder.is_dir()]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_objects_have_no_path() -> None:
    assert AudioStore("memory:///").local_path(KEY) is None


def test_what_a_killed_upload_left_is_found_by_the_sweep_once_it_is_old(
    audio_store: AudioStore, tmp_path: Path
) -> None:
    """kill -9 in the middle of an upload: its half file must not lie there for ever, nor be swept from under a live one."""
    partial = tmp_path / "audio" / PARTIAL_FOLDER / "0123"
    partial.parent.mkdir()
    partial.write_bytes(b"half")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    _write(audio_store)
    assert list(audio_store.keys(hour_ago)) == []
    os.utime(partial, (hour_ago.timestamp() - 60,) * 2)
    assert list(audio_store.keys(hour_ago)) == [f"{PARTIAL_FOLDER}/0123"]
    for key in audio_store.keys(hour_ago):
        audio_store.delete(key)
    assert _files(tmp_path / "audio") == [KEY]


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
    assert _files(tmp_path) == []


def test_a_large_upload_needs_little_memory(tmp_path: Path) -> None:
    """500 MB through a process that may not hold a tenth of that on top of what Python itself needs."""
    program = f"""
import asyncio, resource
from service.store.audio import AudioStore
store = AudioStore({(tmp_path / "audio").as_uri()!r})
async def chunks(number):
    for _ in range(number):
        yield bytes(1_000_000)
asyncio.run(store.write("calls/small.wav", chunks(5)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asyncio.run(store.write("calls/large.wav", chunks(500)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(result.stdout) < 20_000  # KiB


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "audio").write_text("a file where a folder should be")
    with pytest.raises(StoreUnavailable, match="audio store"):
        AudioStore((tmp_path / "audio").as_uri())


def test_a_folder_with_spaces_and_cyrillic_works(tmp_path: Path) -> None:
    store = AudioStore((tmp_path / "мои записи").as_uri())
    _write(store, content=b"sound")
    assert (tmp_path / "мои записи" / KEY).read_bytes() == b"sound"
    assert store.ready()


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
