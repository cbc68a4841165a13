"""However a recording was damaged on its way, it is heard or refused in words; it never takes the worker down."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from service.scoring.errors import AudioTooLong, AudioUnreadable
from tests.fixtures.encoding import AUDIO, EN_SHORT, read, write
from workers.speech.audio import decode

CASES = 25
ENCODED = {
    "call.mp3": ("libmp3lame", "mp3"),
    "call.ogg": ("libopus", "ogg"),
    "call.m4a": ("aac", "ipod"),
    "call.flac": ("flac", "flac"),
    "call.webm": ("libopus", "webm"),
}


def damaged(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    at = draw.randrange(len(changed))
    match draw.randrange(4):
        case 0:
            return bytes(changed[:at])
        case 1:
            for _ in range(20):
                changed[draw.randrange(min(len(changed), 400))] = draw.randrange(256)
        case 2:
            for _ in range(200):
                changed[draw.randrange(len(changed))] = draw.randrange(256)
        case _:
            changed[at : at + 3_000] = draw.randbytes(draw.randrange(3_000))
    return bytes(changed)


@pytest.mark.parametrize("name", [*ENCODED, "en-short.wav", "en-short-gsm.wav", "en-short.amr"])
def test_damaged_recordings_are_heard_or_refused(tmp_path: Path, name: str) -> None:
    path = AUDIO / name
    if name in ENCODED:
        codec, container = ENCODED[name]
        path = write(tmp_path / name, read(EN_SHORT, 48_000), codec=codec, rate=48_000, container=container)
    draw = random.Random(name)
    heard = 0
    for _ in range(CASES):
        try:
            with decode(io.BytesIO(damaged(path.read_bytes(), draw)), max_duration_s=3600) as recording:
                heard += recording.samples > 0
        except (AudioUnreadable, AudioTooLong):
            continue
    assert heard > 0
