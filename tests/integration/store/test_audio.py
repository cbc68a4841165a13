"""Recordings in the audio store: whole or absent, for the service's user only, read in any piece."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.scoring.errors import AudioMissing
from service.store.audio import AudioStore
from service.store.durable import PARTIAL_FOLDER
from tests.integration.store.recordings import CONTENT, KEY, all_keys, chunks, write


@pytest.fixture(params=["folder", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AudioStore:
    """A local folder, and a store that is driven like S3."""
    return AudioStore((tmp_path / "audio").as_uri() if request.param == "folder" else "memory:///")


@pytest.mark.parametrize("content", [b"", b"RIFF", CONTENT], ids=["empty", "tiny", "10 MB"])
def test_a_recording_comes_back_byte_for_byte(store: AudioStore, content: bytes) -> None:
    write(store, content=content)
    assert store.size(KEY) == len(content)
    with store.open(KEY) as file:
        assert file.read() == content
    assert all_keys(store) == [KEY]


def test_a_recording_can_be_read_from_anywhere(store: AudioStore) -> None:
    """Decoders jump about in a file."""
    write(store)
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
    write(store)

    async def read() -> list[bytes]:
        return [piece async for piece in store.read_range(KEY, start, end)]

    pieces = asyncio.run(read())
    assert b"".join(pieces) == CONTENT[start:end]
    assert all(type(piece) is bytes for piece in pieces)


def test_an_empty_range_is_empty(store: AudioStore) -> None:
    write(store, content=b"")

    async def read() -> list[bytes]:
        return [piece async for piece in store.read_range(KEY, 0, 0)]

    assert asyncio.run(read()) == []


def test_a_missing_recording_is_named_and_deleting_it_again_is_fine(store: AudioStore) -> None:
    write(store)
    store.delete(KEY)
    store.delete(KEY)

    async def read() -> None:
        async for _ in store.read_range(KEY, 0, 10):
            pass

    for attempt in (lambda: store.size(KEY), lambda: store.open(KEY), lambda: asyncio.run(read())):
        with pytest.raises(AudioMissing, match=KEY):
            attempt()


def test_nobody_sees_a_recording_before_it_is_whole(store: AudioStore) -> None:
    seen: list[list[str]] = []

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in chunks():
            seen.append([key for key in all_keys(store) if not key.startswith(PARTIAL_FOLDER)])
            yield chunk

    asyncio.run(store.write(KEY, watched()))
    assert seen == [[]] * len(seen)
    assert all_keys(store) == [KEY]


def test_uploads_at_once_do_not_mix(store: AudioStore) -> None:
    contents = {f"calls/{number}.wav": bytes([number]) * 3_000_000 for number in range(8)}

    async def run() -> None:
        await asyncio.gather(*(store.write(key, chunks(content)) for key, content in contents.items()))

    asyncio.run(run())
    for key, content in contents.items():
        with store.open(key) as file:
            assert file.read() == content


def test_a_key_in_use_is_refused(audio_store: AudioStore) -> None:
    """No upload may replace the recording of another call."""
    write(audio_store, content=b"first")
    with pytest.raises(ValueError, match="fresh"):
        write(audio_store, content=b"second")
    with audio_store.open(KEY) as file:
        assert file.read() == b"first"


def test_recordings_are_readable_by_the_services_user_only(audio_store: AudioStore, tmp_path: Path) -> None:
    write(audio_store)
    path = audio_store.local_path(KEY)
    assert path == tmp_path / "audio" / KEY
    assert path.stat().st_mode & 0o777 == 0o600
    folders = [folder for folder in (tmp_path / "audio", *(tmp_path / "audio").rglob("*")) if folder.is_dir()]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_objects_have_no_path() -> None:
    assert AudioStore("memory:///").local_path(KEY) is None


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


def test_a_folder_with_spaces_and_cyrillic_works(tmp_path: Path) -> None:
    store = AudioStore((tmp_path / "мои записи").as_uri())
    write(store, content=b"sound")
    assert (tmp_path / "мои записи" / KEY).read_bytes() == b"sound"
    assert store.ready()
