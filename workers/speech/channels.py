"""Which channels of a recording carry different voices."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

#: Two channels that correlate more strongly hold the same sound (a mono call written twice, also at another level or
#: through a lossy codec). Two parties with bleed of -15 dB on both sides reach 0.35.
_ALIKE_CORRELATION = 0.95


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


def choose_two(loudness: Loudness) -> tuple[int, ...]:
    """The loudest channel and the loudest that differs from it, in the recording's order; one where all are alike."""
    ranked = sorted(range(loudness.channels), key=lambda channel: (-loudness.power(channel), channel))
    first = ranked[0]
    others = [channel for channel in ranked[1:] if not loudness.alike(first, channel)]
    return tuple(sorted((first, *others[:1])))
