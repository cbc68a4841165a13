"""Words that matched -> a hit, and the evidence that is shown for it: quote and seconds."""

from __future__ import annotations

from collections.abc import Callable

from service.scoring.dialogue import Dialogue, Sentence, word_places
from service.scoring.hits import Hit
from service.scoring.results import Evidence
from service.scoring.transcript import Utterance

#: Works out (the nearest example, the fragments that weighed most) for a hit by example.
Explanation = Callable[[], tuple[str, tuple[str, ...]]]


def hit_on(
    dialogue: Dialogue,
    sentence: Sentence,
    first: int,
    end: int,
    *,
    rule: str,
    template: str = "",
    similarity: float | None = None,
    explanation: Explanation | None = None,
) -> Hit:
    """A hit on words `first`..`end` (end exclusive) of a sentence; `explanation` gives the template of one by example."""
    utterances = dialogue.transcript.utterances
    begins, closes = sentence.utterance_of(first), sentence.utterance_of(end - 1)
    first_char = sentence.words[first].first_char
    end_char = sentence.words[end - 1].last_char
    last_char = end_char if begins == closes else len(utterances[begins].text.rstrip())

    def evidence() -> Evidence:
        if begins == closes:
            quote = utterances[begins].text[first_char:end_char]
        else:
            between = [utterances[index].text for index in range(begins + 1, closes)]
            parts = [utterances[begins].text[first_char:last_char], *between, utterances[closes].text[:end_char]]
            quote = " ".join(parts)
        named, fragments = explanation() if explanation else (template, ())
        return Evidence(
            utterance=begins,
            start_s=_second(utterances[begins], first_char, start=True),
            end_s=_second(utterances[closes], end_char - 1, start=False),
            quote=quote,
            rule=rule,
            template=named,
            similarity=similarity,
            fragments=fragments,
        )

    cite = _Once(evidence)
    return Hit(rule, begins, sentence.turn, sentence.index, first_char, last_char, cite, similarity)


class _Once:
    """Works a piece of evidence out when it is first asked for, and only then."""

    __slots__ = ("_made", "_work")

    def __init__(self, work: Callable[[], Evidence]) -> None:
        self._work = work
        self._made: Evidence | None = None

    def __call__(self) -> Evidence:
        if self._made is None:
            self._made = self._work()
        return self._made


def _second(utterance: Utterance, char: int, *, start: bool) -> float | None:
    """When the character was said: the time of its word where words have times, else the utterance's."""
    if utterance.words:
        for word, (first, end) in zip(utterance.words, word_places(utterance), strict=True):
            if first <= char < end:
                return word.start_s if start else word.end_s
    return utterance.start_s if start else utterance.end_s
