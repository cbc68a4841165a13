"""Speech spans -> the windows that the recognizer hears, and the way back from a window's clock to the recording's."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from workers.speech.spans import SAMPLE_RATE_HZ, Span, padded

#: Whisper hears at most 30 s at once.
LONGEST_WINDOW_S = 30.0


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of one channel, in order and disjoint, heard one after the other as if nothing lay between them."""

    channel: int
    pieces: tuple[Span, ...]

    @property
    def samples(self) -> int:
        return sum(piece.samples for piece in self.pieces)

    @property
    def start(self) -> int:
        return self.pieces[0].start

    def original_s(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Seconds of the recording for a stretch of the window's clock; the stretch stays within the piece of its middle."""
        ends: list[int] = []
        for piece in self.pieces:
            ends.append((ends[-1] if ends else 0) + piece.samples)
        middle = (start_s + end_s) / 2 * SAMPLE_RATE_HZ
        index = min(bisect.bisect_right(ends, middle), len(ends) - 1)
        piece = self.pieces[index]
        shift_s = (piece.start - (ends[index] - piece.samples)) / SAMPLE_RATE_HZ
        begin = min(max(start_s + shift_s, piece.start_s), piece.end_s)
        return begin, min(max(end_s + shift_s, begin), piece.end_s)


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How spans are packed. Seconds.

    Each span keeps `pad_s` of what surrounds it; spans of a window lie at most `reach_s` apart in the recording.
    """

    longest_s: float = LONGEST_WINDOW_S
    pad_s: float = 0.3
    reach_s: float = float("inf")


def pack(channel: int, spans: Sequence[Span], samples: int, options: WindowOptions | None = None) -> tuple[Window, ...]:
    """Pack the spans of a channel of `samples` samples into as few windows as their order allows.

    A span longer than a window is cut into equal parts.
    """
    options = options or WindowOptions()
    longest = int(options.longest_s * SAMPLE_RATE_HZ)
    reach = options.reach_s * SAMPLE_RATE_HZ
    windows: list[Window] = []
    pieces: list[Span] = []
    held = 0
    for piece in _cut(padded(spans, int(options.pad_s * SAMPLE_RATE_HZ), samples), longest):
        if pieces and (held + piece.samples > longest or piece.start - pieces[-1].end > reach):
            windows.append(Window(channel, tuple(pieces)))
            pieces, held = [], 0
        pieces.append(piece)
        held += piece.samples
    if pieces:
        windows.append(Window(channel, tuple(pieces)))
    return tuple(windows)


def _cut(spans: Sequence[Span], longest: int) -> list[Span]:
    parts: list[Span] = []
    for span in spans:
        count = -(-span.samples // longest)
        edges = [span.start + span.samples * index // max(count, 1) for index in range(count + 1)]
        parts.extend(Span(start, end) for start, end in itertools.pairwise(edges))
    return parts
