"""How hard text is searched for: two measured ways (docs/performance.md has the figures)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Preset = Literal["accurate", "fast"]


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How text is searched for. Temperature is always 0: the same sound gives the same words.

    `longest_s` is the longest window. The decoder looks at the mean of every `pool` neighbouring encoder states (20 ms each):
    reading them is most of its work on a processor. `manner`: the recognizer is told what calls read like. A text whose mean
    log probability is below `doubt_logprob` is searched for again the slow way, and the likelier one stays.
    """

    beam_size: int = 5
    longest_s: float = 28.0
    pool: int = 2
    manner: bool = True
    doubt_logprob: float = -0.6


PRESETS: Mapping[Preset, DecodingOptions] = {
    "accurate": DecodingOptions(),
    "fast": DecodingOptions(beam_size=2),
}
