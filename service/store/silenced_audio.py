"""Copies of recordings with silence where only some may listen, each beside its recording in the audio store.

A copy is made by a worker when somebody first wants to hear it. Its first line names what it was made of, so that one made before
another word was redacted is never given out; the sound follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence

from service.scoring.errors import AudioMissing
from service.store.audio import AudioStore, silenced_key

#: Counts up when copies are made in another way: those of before are made anew.
VERSION = 1
#: The container of a copy, as `AudioObject.format` names it.
FORMAT = "mp3"
#: The line before the sound: a hex SHA-256 and a line feed.
HEADER_BYTES = 65


def made_of(audio_sha256: str, hidden: Sequence[tuple[float, float]]) -> str:
    """Hex SHA-256 that names a copy: of this recording, with silence in these stretches (seconds)."""
    stretches = ",".join(f"{start_s:.3f}-{end_s:.3f}" for start_s, end_s in hidden)
    return hashlib.sha256(f"{VERSION}:{audio_sha256}:{stretches}".encode()).hexdigest()


def silenced_bytes(audio: AudioStore, key: str, wanted: str) -> int | None:
    """Bytes of sound in the copy of the recording under `key`; None if there is none made of `wanted`, 0 if none can be made.

    Raises StoreUnavailable.
    """
    try:
        with audio.open(silenced_key(key)) as file:
            head = file.read(HEADER_BYTES)
        size = audio.size(silenced_key(key))
    except AudioMissing:
        return None
    return size - HEADER_BYTES if head == _header(wanted) else None


async def keep_silenced(audio: AudioStore, key: str, wanted: str, chunks: AsyncIterator[bytes]) -> None:
    """Store a copy in the place of the one before; without chunks: note that none can be made.

    Raises ValueError if another process has just stored one, StoreUnavailable.
    """

    async def all_chunks() -> AsyncIterator[bytes]:
        yield _header(wanted)
        async for chunk in chunks:
            yield chunk

    audio.delete(silenced_key(key))
    await audio.write(silenced_key(key), all_chunks())


def _header(wanted: str) -> bytes:
    return f"{wanted}\n".encode()
