"""Word times that keep to the speech: the aligner stretches words into the pauses around them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

from service.scoring.transcript import Word
from workers.speech.spans import Span

#: Speech begins and ends this much beyond what the detector marks.
_EDGE_S = 0.1


def on_speech(words: Sequence[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words of a channel in order of time, cut to its (sorted) spans of speech and rounded to 10 ms; words beside any stay."""
    starts_s = [span.start_s - _EDGE_S for span in spans]
    result = []
    for word in sorted(words, key=lambda item: item.start_s):
        # The last span that the word reaches: a word does not end before it was said.
        index = bisect.bisect_left(starts_s, word.end_s) - 1
        start_s, end_s = word.start_s, word.end_s
        if index >= 0 and word.start_s < spans[index].end_s + _EDGE_S:
            start_s = max(start_s, starts_s[index])
            end_s = min(end_s, spans[index].end_s + _EDGE_S)
        result.append(replace(word, start_s=round(start_s, 2), end_s=round(max(start_s, end_s), 2)))
    return tuple(sorted(result, key=lambda item: item.start_s))
