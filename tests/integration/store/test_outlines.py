"""An outline is part of its recording: nobody has to delete it, and no search for orphans takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from service.scoring.errors import AudioMissing
from service.store.audio import AudioStore, outline_key

KEY = "calls/2025/11/a.wav"


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_an_outline_goes_with_its_recording_and_is_never_listed(audio_store: AudioStore) -> None:
    await audio_store.write(KEY, _bytes(b"sound"))
    await audio_store.write(outline_key(KEY), _bytes(b"{}"))
    assert list(audio_store.keys(datetime.now(UTC) + timedelta(days=1))) == [KEY]
    audio_store.delete(KEY)
    with pytest.raises(AudioMissing):
        audio_store.size(outline_key(KEY))
