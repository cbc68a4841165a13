"""Speech spans -> the windows that the recognizer hears, and the way back from a window's clock to the recording's."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from workers.speech.spans import SAMPLE_RATE_HZ, Span, padded

#: Whisper hears at most 30 s at once.
LONGEST_WINDOW_S = 30.0
#: A word that begins this shortly before a seam and ends after it is the first word after the seam (the pauses at a seam are
#: twice the padding of 0.3 s).
_ONSET_S = 0.6


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

    def piece_of(self, start_s: float, end_s: float) -> int:
        """Index of the piece in which a word of the window's clock was said."""
        ends_s: list[float] = []
        for piece in self.pieces:
            ends_s.append((ends_s[-1] if ends_s else 0.0) + piece.duration_s)
        first = min(bisect.bisect_right(ends_s, start_s), len(ends_s) - 1)
        if first < len(ends_s) - 1 and end_s > ends_s[first] and start_s > ends_s[first] - _ONSET_S:
            # The aligner lets a word begin where the one before it ended: the pause belongs to neither.
            return min(bisect.bisect_left(ends_s, end_s), len(ends_s) - 1)
        return min(bisect.bisect_right(ends_s, (start_s + end_s) / 2), len(ends_s) - 1)

    def original_s(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Seconds of the recording for a word of the window's clock; the word stays within its piece."""
        index = self.piece_of(start_s, end_s)
        piece = self.pieces[index]
        shift_s = piece.start_s - sum(before.duration_s for before in self.pieces[:index])
        begin = min(max(start_s + shift_s, piece.start_s), piece.end_s)
        return begin, min(max(end_s + shift_s, begin), piece.end_s)


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How spans are packed. Seconds. Each span keeps `pad_s` of what surrounds it."""

    longest_s: float = LONGEST_WINDOW_S
    pad_s: float = 0.3


def pack(channel: int, spans: Sequence[Span], samples: int, options: WindowOptions | None = None) -> tuple[Window, ...]:
    """Pack the spans of a channel of `samples` samples into as few windows as their order allows.

    A span longer than a window is cut into equal parts.
    """
    options = options or WindowOptions()
    longest = int(options.longest_s * SAMPLE_RATE_HZ)
    windows: list[Window] = []
    pieces: list[Span] = []
    held = 0
    for piece in _cut(padded(spans, int(options.pad_s * SAMPLE_RATE_HZ), samples), longest):
        if pieces and held + piece.samples > longest:
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
