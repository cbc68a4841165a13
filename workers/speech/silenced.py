"""A recording with silence in some stretches, as MP3: small, and every browser plays it and jumps in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from workers.speech.recording import Recording
from workers.speech.spans import SAMPLE_RATE_HZ, Span

#: Bits a second for one channel and for two; speech at 16 kHz needs no more.
_BIT_RATES = {1: 48_000, 2: 64_000}
_LAYOUTS = {1: "mono", 2: "stereo"}
#: Samples encoded at a time: half a minute.
_BLOCK_SAMPLES = SAMPLE_RATE_HZ * 30
_FULL_SCALE = 32_767


def write_silenced(recording: Recording, silent: Sequence[tuple[float, float]], out: BinaryIO) -> None:
    """Write the whole recording to the seekable file `out`, with all channels silent in the stretches (seconds)."""
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=SAMPLE_RATE_HZ, layout=_LAYOUTS[recording.channels])
        assert isinstance(stream, AudioStream)  # noqa: S101 - of an audio codec
        stream.bit_rate = _BIT_RATES[recording.channels]
        for start in range(0, recording.samples, _BLOCK_SAMPLES):
            block = _block(recording, Span(start, min(start + _BLOCK_SAMPLES, recording.samples)), silent)
            frame = AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout=_LAYOUTS[recording.channels])
            frame.sample_rate = SAMPLE_RATE_HZ
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _block(
    recording: Recording, span: Span, silent: Sequence[tuple[float, float]]
) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """Samples of all channels (samples, channels), silenced."""
    sound = np.stack([recording.read(channel, span) for channel in range(recording.channels)], axis=1)
    for start_s, end_s in silent:
        first = max(0, int(start_s * SAMPLE_RATE_HZ) - span.start)
        end = max(0, int(np.ceil(end_s * SAMPLE_RATE_HZ)) - span.start)
        sound[first:end] = 0.0
    return np.rint(sound * _FULL_SCALE).astype(np.int16)
