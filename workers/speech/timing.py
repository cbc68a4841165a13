"""Word times that keep to the speech: the aligner stretches words into the pauses around them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

from service.scoring.transcript import Word
from workers.speech.spans import Span

#: Speech begins and ends this much beyond what the detector marks.
_EDGE_S = 0.1
_SENTENCE_ENDS = (".", "?", "!", "…")


def on_speech(words: Sequence[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words of a channel in order of time, cut to its (sorted) spans of speech and rounded to 10 ms; words beside any stay.

    A word at a pause was said after it, unless it ends the sentence that was being said before and the next one follows at once:
    the aligner, to which the pause is hardly there, is then late by a word.
    """
    starts_s = [span.start_s - _EDGE_S for span in spans]
    result: list[Word] = []
    in_order = sorted(words, key=lambda item: item.start_s)
    for number, word in enumerate(in_order):
        following = in_order[number + 1] if number + 1 < len(in_order) else None
        # The last span that the word reaches: a word does not end before it was said.
        index = bisect.bisect_left(starts_s, word.end_s) - 1
        start_s, end_s = word.start_s, word.end_s
        if _ends_what(result, word) and following is not None and following.start_s < word.end_s + _EDGE_S:
            home = bisect.bisect_right(starts_s, result[-1].start_s) - 1
            # The word before may itself lie in the pause: then the sentence was begun behind it.
            if 0 <= home <= index and result[-1].start_s < spans[home].end_s:
                index, start_s = home, min(start_s, spans[home].end_s)
        if index >= 0 and start_s < spans[index].end_s + _EDGE_S:
            start_s = max(start_s, starts_s[index])
            end_s = min(end_s, spans[index].end_s + _EDGE_S)
        result.append(replace(word, start_s=round(start_s, 2), end_s=round(max(start_s, end_s), 2)))
    return tuple(sorted(result, key=lambda item: item.start_s))


def _ends_what(before: Sequence[Word], word: Word) -> bool:
    """True if the word is the last of a sentence that the words before it have left open."""
    ends = word.text[:1].islower() and word.text.endswith(_SENTENCE_ENDS)
    return ends and bool(before) and not before[-1].text.endswith(_SENTENCE_ENDS)
