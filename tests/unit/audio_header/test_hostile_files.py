"""Whatever bytes arrive: an answer or `AudioUnreadable`, and soon."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.audio_header import read_audio_header
from service.scoring.errors import AudioUnreadable
from tests.unit.audio_header import made

EXAMPLES = 400
#: Seconds for one file; the whole ones take a millisecond.
SOON_S = 10.0
STARTS = [
    b"RIFF\xff\xff\xff\xffWAVEfmt ",
    b"OggS\0\x02",
    b"fLaC\0\0\0\x22",
    b"\x1a\x45\xdf\xa3",
    b"\0\0\0\x18ftypM4A ",
    b"#!AMR\n",
    b"FORM\0\0\xff\xffAIFFCOMM\0\0\0\x12",
    b"ID3\x04\0\0\0\0\0\x10",
    b"\xff\xfb\x90\xc4",
    b"\xff\xf3\x40\xc4",
    b"",
]


def examine(data: bytes) -> None:
    started = time.process_time()
    with suppress(AudioUnreadable):
        found = read_audio_header(io.BytesIO(data), len(data))
        assert found.duration_s is None or 0 <= found.duration_s < float("inf")
        assert found.channels is None or found.channels > 0
    assert time.process_time() - started < SOON_S


@settings(max_examples=EXAMPLES, deadline=timedelta(seconds=10))
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=2000))
def test_random_bytes_behind_a_signature(start: bytes, rest: bytes) -> None:
    examine(start + rest)


@settings(max_examples=EXAMPLES, deadline=timedelta(seconds=10))
@given(
    kind=st.sampled_from(sorted(made.whole())),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    near_start=st.booleans(),
)
def test_whole_recordings_with_bytes_changed_and_cut(
    kind: str, cut: float, changes: list[tuple[float, int]], near_start: bool
) -> None:
    data = bytearray(made.whole()[kind])
    for where, value in changes:
        data[int(where * ((min(len(data), 600) if near_start else len(data)) - 1))] = value
    examine(bytes(data[: int(len(data) * cut)]))


def test_files_made_to_be_slow() -> None:
    size = 4 * 1024 * 1024
    box = (8).to_bytes(4, "big") + b"free"
    track = (8 + 8 * 150).to_bytes(4, "big") + b"trak" + box * 150
    index = track * 150
    for data in (
        b"#!AMR\n" + b"\x7c" * size,
        b"OggS" * (size // 4),
        b"OggS\0\x02" + bytes(20) + b"\0" + b"OggS" * (size // 4),
        b"fLaC\x80\0\0\x22" + made.encoded("flac", "flac")[8:42] + b"\xff\xf8\xc9\x18\0" * (size // 5),
        made.encoded("webm", "libopus", rate_hz=48000, options="live=1") + b"\xec\x80" * (size // 2),
        b"\xff\xfb" * (size // 2),
        b"\xff\xfb\x10\xc4" * (size // 4),
        b"ID3\x04\0\0\0\0\0\0" * (size // 10),
        (8 + len(index)).to_bytes(4, "big") + b"moov" + index + box * 5,
    ):
        examine(data)
