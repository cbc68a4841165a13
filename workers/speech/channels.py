"""Which channels of a recording carry different voices."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workers.speech.spans import SAMPLE_RATE_HZ

#: Two channels that correlate more strongly hold the same sound (a mono call written twice, also at another level or
#: through a lossy codec). Two parties with bleed of -15 dB on both sides reach 0.35.
_ALIKE_CORRELATION = 0.95
#: The same for a copy that comes later, by how loud the channels are every 20 ms: copies reach 1.0, sixteen calls of two parties -0.2 to 0.1.
_LATE_CORRELATION = 0.9
#: How late a copy may be, and how much quieter; a faint one is the other line's echo, not the same recording.
_LATEST_S, _QUIETER_DB = 2.0, 12.0
_ENVELOPE_SAMPLES = SAMPLE_RATE_HZ // 50


@dataclass
class Loudness:
    """Running power and likeness of `channels` channels over a recording."""

    channels: int
    _products: npt.NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self._products = np.zeros((self.channels, self.channels))

    def add(self, block: npt.NDArray[np.int16]) -> None:
        """Take in a block (samples, channels); a constant offset of a channel does not count as sound."""
        if not len(block):
            return
        sound = block.astype(np.float64)
        sound -= sound.mean(axis=0)
        self._products += sound.T @ sound

    def power(self, channel: int) -> float:
        """Sum of squares; comparable between channels only."""
        return float(self._products[channel, channel])

    def alike(self, first: int, second: int) -> bool:
        """True if both channels hold the same sound, whatever its level or sign. Silence is like nothing."""
        scale = math.sqrt(self.power(first) * self.power(second))
        return scale > 0 and bool(abs(self._products[first, second]) >= _ALIKE_CORRELATION * scale)


@dataclass
class Envelope:
    """How loud two channels are, every 20 ms (square root of the RMS, so that loud moments do not decide alone)."""

    _parts: list[npt.NDArray[np.float32]] = field(default_factory=list)
    _rest: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int16))

    def add(self, block: npt.NDArray[np.int16]) -> None:
        """Take in a block (samples, 2)."""
        sound = np.concatenate([self._rest, block])
        count = len(sound) // _ENVELOPE_SAMPLES
        self._rest = sound[count * _ENVELOPE_SAMPLES :]
        # Every fourth sample tells as well how loud it is.
        frames = sound[: count * _ENVELOPE_SAMPLES].reshape(count, _ENVELOPE_SAMPLES, 2)[:, ::4].astype(np.float32)
        self._parts.append(frames.std(axis=1) ** np.float32(0.5))

    def late_s(self) -> float | None:
        """By how many seconds the second channel is a later (negative: earlier) copy of the first; None if it is none."""
        levels = np.concatenate([*self._parts, np.zeros((0, 2), dtype=np.float32)])
        power = (levels.astype(np.float64) ** 4).sum(axis=0)
        if not power.all() or abs(10 * math.log10(power[0] / power[1])) > _QUIETER_DB:
            return None
        first, second = (levels - levels.mean(axis=0)).T
        most = min(round(_LATEST_S * SAMPLE_RATE_HZ / _ENVELOPE_SAMPLES), len(first) // 2)
        found = {late: _likeness(first, second, late) for late in range(-most, most + 1)}
        late = max(found, key=lambda lag: found[lag])
        return late * _ENVELOPE_SAMPLES / SAMPLE_RATE_HZ if found[late] >= _LATE_CORRELATION else None


def _likeness(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], late: int) -> float:
    """Correlation of two envelopes, the second `late` places later."""
    here = first[max(0, -late) : len(first) - max(0, late)]
    there = second[max(0, late) : len(second) + min(0, late)]
    scale = math.sqrt(float(here @ here) * float(there @ there))
    return float(here @ there) / scale if scale else 0.0


def choose_two(loudness: Loudness) -> tuple[int, ...]:
    """The loudest channel and the loudest that differs from it, in the recording's order; one where all are alike."""
    ranked = sorted(range(loudness.channels), key=lambda channel: (-loudness.power(channel), channel))
    first = ranked[0]
    others = [channel for channel in ranked[1:] if not loudness.alike(first, channel)]
    return tuple(sorted((first, *others[:1])))
