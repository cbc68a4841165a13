"""Stretches of a channel, counted in samples at the one rate that the speech models know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Whisper and Silero were trained on 16 kHz; every recording is brought to it once, on decoding.
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Samples `start` (inclusive) to `end` (exclusive) of a channel at 16 kHz."""

    start: int
    end: int

    @property
    def samples(self) -> int:
        return self.end - self.start

    @property
    def start_s(self) -> float:
        return self.start / SAMPLE_RATE_HZ

    @property
    def end_s(self) -> float:
        return self.end / SAMPLE_RATE_HZ

    @property
    def duration_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ


def total_s(spans: Iterable[Span]) -> float:
    """Seconds in all spans together."""
    return sum(span.samples for span in spans) / SAMPLE_RATE_HZ


def padded(spans: Iterable[Span], pad: int, end: int) -> tuple[Span, ...]:
    """Sorted, disjoint spans widened by `pad` samples on both sides, within 0..`end`; neighbours that then meet share the gap."""
    ordered = sorted(spans)
    edges: list[Span] = []
    for index, span in enumerate(ordered):
        before = ordered[index - 1].end if index else 0
        after = ordered[index + 1].start if index + 1 < len(ordered) else end
        start = max(span.start - pad, before + (span.start - before) // 2 if index else 0)
        stop = min(span.end + pad, span.end + (after - span.end) // 2 if index + 1 < len(ordered) else end)
        edges.append(Span(start, stop))
    return tuple(edges)
