"""Recordings in every container that telephony systems write, made in memory: a tone, left and right differing."""

from __future__ import annotations

import io
import struct
import tempfile
from functools import cache

import av
import numpy as np


@cache
def encoded(
    container: str, codec: str, *, rate_hz: int = 8000, channels: int = 2, seconds: float = 2.0, options: str = ""
) -> bytes:
    """Encode a tone with FFmpeg. `options` are muxer options such as "live=1"."""
    muxer = dict(option.split("=") for option in options.split()) if options else {}
    layout = "stereo" if channels == 2 else "mono"
    # A file and not a buffer: some muxers go over what they have written by its name.
    with (
        tempfile.NamedTemporaryFile() as out,
        av.open(out.name, "w", format=container, options=muxer) as file,
    ):
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate_hz)
        for frame in resampler.resample(_tone(rate_hz, channels, seconds)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        file.close()
        return out.read()


def _tone(rate_hz: int, channels: int, seconds: float) -> av.AudioFrame:
    times = np.arange(int(rate_hz * seconds)) / rate_hz
    sides = [np.sin(2 * np.pi * (300 + 200 * side) * times) * 9000 for side in range(channels)]
    samples = np.stack(sides, axis=1).astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo" if channels == 2 else "mono")
    frame.sample_rate = rate_hz
    return frame


@cache
def film(container: str, codec: str, sound: str | None = None) -> bytes:
    """A second of a black picture, with sound beside it if `sound` names a codec."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        video = file.add_stream(codec, rate=10, width=64, height=64, pix_fmt="yuv420p")
        audio = file.add_stream(sound, rate=48000, layout="mono") if sound else None
        for _ in range(10):
            file.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(video.encode(None))
        if audio is not None:
            resampler = av.AudioResampler(
                format=audio.format, layout="mono", rate=48000, frame_size=audio.codec_context.frame_size
            )
            for frame in resampler.resample(_tone(48000, 1, 1.0)):
                file.mux(audio.encode(frame))
            file.mux(audio.encode(None))
    return out.getvalue()


def wav(
    data: bytes,
    *,
    tag: int = 1,
    channels: int = 2,
    rate_hz: int = 8000,
    bits: int = 16,
    block: int | None = None,
    average: int | None = None,
    extra: bytes = b"",
    promised: int | None = None,
    before: bytes = b"",
) -> bytes:
    """A WAV file written by hand. `promised` is the length in the `data` chunk, `before` whole chunks in front of it."""
    block = channels * bits // 8 if block is None else block
    average = rate_hz * block if average is None else average
    description = struct.pack("<HHIIHH", tag, channels, rate_hz, average, block, bits) + extra
    chunks = b"fmt " + struct.pack("<I", len(description)) + description + before
    chunks += b"data" + struct.pack("<I", len(data) if promised is None else promised) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def gsm610(seconds: float = 2.0) -> bytes:
    """A GSM 6.10 WAV: blocks of 65 bytes for 320 samples at 8 kHz (the sound itself is zeros)."""
    blocks = round(seconds * 8000 / 320)
    return wav(
        b"\0" * 65 * blocks, tag=0x31, channels=1, bits=0, block=65, average=1625, extra=struct.pack("<HH", 2, 320)
    )


def amr(frames: int = 100, *, wide: bool = False) -> bytes:
    """An AMR file of `frames` frames of 20 ms at its highest rate."""
    if wide:
        return b"#!AMR-WB\n" + (bytes([8 << 3 | 4]) + b"\x55" * 60) * frames
    return b"#!AMR\n" + (bytes([7 << 3 | 4]) + b"\x55" * 31) * frames


@cache
def whole() -> dict[str, bytes]:
    """One recording of every form, by name, for tests that cut or change it."""
    return {
        "wav": encoded("wav", "pcm_alaw"),
        "gsm": gsm610(),
        "mp3": encoded("mp3", "libmp3lame", rate_hz=16000),
        "mp3 plain": encoded("mp3", "libmp3lame", rate_hz=16000, options="write_xing=0"),
        "ogg": encoded("ogg", "libopus", rate_hz=48000, seconds=5.0),
        "m4a": encoded("ipod", "aac", rate_hz=44100),
        "m4a, index first": encoded("ipod", "aac", rate_hz=44100, options="movflags=faststart"),
        "m4a, fragments": encoded("mp4", "aac", rate_hz=44100, options="movflags=frag_keyframe+empty_moov"),
        "flac": encoded("flac", "flac", rate_hz=16000),
        "webm": encoded("webm", "libopus", rate_hz=48000),
        "webm, live": encoded("webm", "libopus", rate_hz=48000, options="live=1"),
        "amr": amr(),
        "aac": encoded("adts", "aac", rate_hz=16000),
        "aiff": encoded("aiff", "pcm_s16be", rate_hz=16000),
    }
