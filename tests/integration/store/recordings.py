"""A recording, and the few things that tests do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.store.audio import AudioStore

KEY = "calls/2025/11/0199-a.wav"
CONTENT = bytes(range(256)) * 40_000  # 10 MB: more than one part of an upload to S3
CHUNK = 100_000


async def chunks(content: bytes = CONTENT) -> AsyncIterator[bytes]:
    """The content as an upload brings it."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def write(store: AudioStore, key: str = KEY, content: bytes = CONTENT) -> None:
    """Store a recording, whole."""
    asyncio.run(store.write(key, chunks(content)))


def all_keys(store: AudioStore) -> list[str]:
    """Every key in the store."""
    return list(store.keys(datetime.now(UTC) + timedelta(days=1)))


def files(folder: Path) -> list[str]:
    """Every file below the folder, whatever it is."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
