"""Where a channel holds speech: Silero's probability and the level of every 32 ms, and the spans that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model

from workers.speech.spans import SAMPLE_RATE_HZ, Span

#: Silero judges frames of this many samples (32 ms).
FRAME_SAMPLES = 512
#: Frames judged in one go (a minute), and the frames before them that are heard again so that the network is warm.
_BLOCK_FRAMES = 60 * SAMPLE_RATE_HZ // FRAME_SAMPLES
_WARM_UP_FRAMES = 2 * SAMPLE_RATE_HZ // FRAME_SAMPLES
#: The level of digital silence, in dB below full scale.
SILENCE_DB = -100.0

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activity:
    """One channel, frame by frame (32 ms): probability of speech (0..1) and level in dB of full scale."""

    probability: npt.NDArray[np.float32]
    level_db: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VadOptions:
    """When frames become spans. Times in seconds.

    A span begins at `threshold` and ends where the probability stays below `end_threshold` for `min_silence_s`; spans shorter
    than `min_speech_s` are clicks. Two spans at most `bridge_s` apart are one if at least `bridge_share` of the frames between
    them are no more than `bridge_below_db` quieter than the median frame of speech.
    """

    threshold: float = 0.5
    end_threshold: float = 0.35
    min_speech_s: float = 0.1
    min_silence_s: float = 0.3
    bridge_s: float = 3.0
    bridge_share: float = 0.35
    bridge_below_db: float = 8.0


def measure(
    read: Callable[[Span], npt.NDArray[np.float32]], samples: int, on_progress: Callable[[float], None] | None = None
) -> Activity:
    """Judge a channel of `samples` samples that `read` hands out piece by piece; a last frame is filled up with silence."""
    model = get_vad_model()
    frames = -(-samples // FRAME_SAMPLES)
    probabilities: list[npt.NDArray[np.float32]] = []
    levels: list[npt.NDArray[np.float32]] = []
    for first in range(0, frames, _BLOCK_FRAMES):
        warm_up = min(first, _WARM_UP_FRAMES)
        last = min(first + _BLOCK_FRAMES, frames)
        sound = read(Span((first - warm_up) * FRAME_SAMPLES, min(last * FRAME_SAMPLES, samples)))
        sound = np.pad(sound, (0, (last - first + warm_up) * FRAME_SAMPLES - len(sound)))
        probabilities.append(np.asarray(model(sound), dtype=np.float32).reshape(-1)[warm_up:])
        levels.append(_levels(sound[warm_up * FRAME_SAMPLES :]))
        if on_progress is not None:
            on_progress(last / frames)
    if not probabilities:
        return Activity(np.zeros(0, np.float32), np.zeros(0, np.float32))
    return Activity(np.concatenate(probabilities), np.concatenate(levels))


def _levels(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """dB of full scale per frame; the deviation, not the power, so that a DC offset is no sound."""
    deviation = np.maximum(sound.reshape(-1, FRAME_SAMPLES).std(axis=1), 10 ** (SILENCE_DB / 20))
    return np.asarray(20 * np.log10(deviation), dtype=np.float32)


def speech_spans(
    activity: Activity, options: VadOptions | None = None, *, ignored: Flags | None = None
) -> tuple[Span, ...]:
    """Spans of speech in order, disjoint, in samples; frames marked in `ignored` count as silence."""
    options = options or VadOptions()
    probability = activity.probability if ignored is None else np.where(ignored, np.float32(0), activity.probability)
    found = _bridged(_triggered(probability, options), activity, ignored, options)
    min_speech = _frames(options.min_speech_s)
    return tuple(Span(a * FRAME_SAMPLES, b * FRAME_SAMPLES) for a, b in found if b - a >= min_speech)


def _triggered(probability: npt.NDArray[np.float32], options: VadOptions) -> list[tuple[int, int]]:
    min_silence = _frames(options.min_silence_s)
    found: list[tuple[int, int]] = []
    start: int | None = None
    quiet = 0
    for index, value in enumerate(probability.tolist()):
        if value >= options.threshold:
            quiet = 0
            if start is None:
                start = index
        elif start is not None:
            # Between the thresholds a frame goes on with what was before it.
            quiet = quiet + 1 if value < options.end_threshold or quiet else 0
            if quiet >= min_silence:
                found.append((start, index + 1 - quiet))
                start, quiet = None, 0
    if start is not None:
        found.append((start, len(probability) - quiet))
    return found


def _bridged(
    found: list[tuple[int, int]], activity: Activity, ignored: Flags | None, options: VadOptions
) -> list[tuple[int, int]]:
    """Join neighbours between which the channel stays as loud as speech: the network loses a voice for a second or two."""
    if not found:
        return found
    inside = np.concatenate([activity.level_db[a:b] for a, b in found])
    loud = activity.level_db >= float(np.median(inside)) - options.bridge_below_db
    if ignored is not None:
        loud &= ~ignored
    joined = [found[0]]
    for start, end in found[1:]:
        before = joined[-1][1]
        if start - before <= _frames(options.bridge_s) and float(loud[before:start].mean()) >= options.bridge_share:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _frames(seconds: float) -> int:
    return max(1, round(seconds * SAMPLE_RATE_HZ / FRAME_SAMPLES))


def frames_of(start_s: float, end_s: float, count: int) -> slice:
    """The frames under a time span, at least one where the channel has any."""
    first = min(max(int(start_s * SAMPLE_RATE_HZ / FRAME_SAMPLES), 0), max(count - 1, 0))
    last = min(max(-int(-end_s * SAMPLE_RATE_HZ // FRAME_SAMPLES), first + 1), count)
    return slice(first, last)
