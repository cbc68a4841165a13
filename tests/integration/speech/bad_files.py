"""Recordings as they should not be and are, made from the short English call: each a name and a maker of bytes."""

from __future__ import annotations

import io
import struct
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from tests.fixtures.encoding import EN_SHORT, Sound, read, write

RATE = 16_000
RATES = (6_000, 8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000)
TEN_HOURS_S = 36_000


@cache
def call(rate: int = RATE) -> Sound:
    """The call, (2, samples)."""
    return read(EN_SHORT, rate)


def wav(sound: Sound, rate: int = RATE, *, promised_bytes: int | None = None) -> bytes:
    """16-bit PCM with any number of channels; the header may promise more than there is."""
    channels = len(sound)
    data = (np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes()
    size = len(data) if promised_bytes is None else promised_bytes
    shape = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + shape
    return head + b"data" + struct.pack("<I", size) + data


def many_channels(count: int) -> bytes:
    """The parties on the first and the last of `count` channels, copies and a whisper of line noise on the others."""
    rep, customer = call()
    if count == 1:
        return wav((rep + customer)[np.newaxis])
    quiet = np.random.default_rng(7).standard_normal((count, len(rep))).astype(np.float32) * np.float32(1e-4)
    quiet[0] += rep
    quiet[-1] += customer
    for between in range(1, count - 1):
        quiet[between] += np.float32(0.3) * (rep if between % 2 else customer)
    return wav(quiet)


def clipped() -> bytes:
    return wav(call() * 12)


def offset() -> bytes:
    return wav(call() * np.float32(0.6) + np.array([[0.3], [-0.2]], dtype=np.float32))


def late_channel() -> bytes:
    rep, customer = call()
    second = np.zeros(RATE, dtype=np.float32)
    return wav(np.stack([np.concatenate([rep, second]), np.concatenate([second, customer])]))


def one_late_copy() -> bytes:
    """Both voices on both channels, the second a second behind."""
    both = call().sum(axis=0)
    second = np.zeros(RATE, dtype=np.float32)
    return wav(np.stack([np.concatenate([both, second]), np.concatenate([second, both])]))


@cache
def variable_mp3() -> bytes:
    """MP3 with a variable rate; its first frame says how many frames there are."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(call()), format="fltp", layout="stereo")
    frame.rate, frame.pts = RATE, 0
    with tempfile.NamedTemporaryFile(suffix=".mp3") as file:
        with av.open(file.name, "w", format="mp3") as out:
            stream = out.add_stream("libmp3lame", rate=RATE, options={"flags": "+qscale", "global_quality": "590"})
            stream.layout = "stereo"  # type: ignore[union-attr]
            context = stream.codec_context
            resampler = AudioResampler(context.format, "stereo", RATE, frame_size=context.frame_size)  # type: ignore[union-attr]
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                out.mux(stream.encode(part))  # type: ignore[union-attr,arg-type]
            out.mux(stream.encode(None))  # type: ignore[union-attr]
        return Path(file.name).read_bytes()


def mp3_with_length(times: float) -> bytes:
    """The number of frames in the header is that many times the true one."""
    data = bytearray(variable_mp3())
    at = data.index(b"Xing") + 8
    (frames,) = struct.unpack(">I", data[at : at + 4])
    data[at : at + 4] = struct.pack(">I", round(frames * times))
    return bytes(data)


def encoded(name: str, codec: str, container: str, rate: int = RATE) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / name, call(rate), codec=codec, rate=rate, container=container).read_bytes()


def m4a_of_ten_hours() -> bytes:
    """An M4A whose every header field of length says ten hours."""
    data = bytearray(encoded("call.m4a", "aac", "ipod"))
    for box, scale_at in ((b"mvhd", 16), (b"mdhd", 16)):
        at = data.index(box) + scale_at
        (scale,) = struct.unpack(">I", data[at : at + 4])
        data[at + 4 : at + 8] = struct.pack(">I", scale * TEN_HOURS_S)
    return bytes(data)


def matroska_of_ten_hours() -> bytes:
    """A WebM whose Duration says ten hours."""
    data = bytearray(encoded("call.webm", "libopus", "webm", 48_000))
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", TEN_HOURS_S * 1000.0)
    return bytes(data)


def flac_of_ten_hours() -> bytes:
    """A FLAC whose STREAMINFO counts ten hours of samples."""
    data = bytearray(encoded("call.flac", "flac", "flac"))
    # 36 bits of samples end 18 bytes into the block that follows "fLaC" and the block's own header of four bytes.
    at = 4 + 4 + 13
    samples = RATE * TEN_HOURS_S
    data[at] = (data[at] & 0xF0) | samples >> 32
    data[at + 1 : at + 5] = struct.pack(">I", samples & 0xFFFFFFFF)
    return bytes(data)


def wav_of_ten_hours() -> bytes:
    return wav(call(), promised_bytes=RATE * 4 * TEN_HOURS_S)


Maker = Callable[[], bytes]
BAD: Mapping[str, Maker] = {
    **{f"{rate} Hz": lambda rate=rate: wav(call(rate), rate) for rate in RATES},  # type: ignore[misc]
    **{f"{count} channels": lambda count=count: many_channels(count) for count in range(1, 9)},  # type: ignore[misc]
    "clipped": clipped,
    "constant offset": offset,
    "one channel a second late": late_channel,
    "the same on both channels, a second late": one_late_copy,
    "MP3 with variable rate": variable_mp3,
    "MP3 that promises ten times its length": lambda: mp3_with_length(10),
    "MP3 that promises a tenth of its length": lambda: mp3_with_length(0.1),
    "MP3 that promises ten hours": lambda: mp3_with_length(TEN_HOURS_S / 15.6),
    "M4A that promises ten hours": m4a_of_ten_hours,
    "WebM that promises ten hours": matroska_of_ten_hours,
    "FLAC that promises ten hours": flac_of_ten_hours,
    "WAV that promises ten hours": wav_of_ten_hours,
}


def opened(name: str) -> io.BytesIO:
    """The recording of this name as a file."""
    return io.BytesIO(BAD[name]())
