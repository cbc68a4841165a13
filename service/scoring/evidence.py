"""Words that matched -> the evidence that is shown: quote and seconds."""

from __future__ import annotations

from service.scoring.dialogue import Dialogue, Sentence, word_places
from service.scoring.hits import Hit
from service.scoring.results import Evidence
from service.scoring.transcript import Utterance


def hit_on(
    dialogue: Dialogue,
    sentence: Sentence,
    first: int,
    end: int,
    *,
    rule: str,
    template: str,
    similarity: float | None = None,
    fragments: tuple[str, ...] = (),
) -> Hit:
    """A hit on words `first`..`end` (end exclusive) of a sentence, with its evidence."""
    utterances = dialogue.transcript.utterances
    begins, closes = sentence.utterance_of(first), sentence.utterance_of(end - 1)
    first_char = sentence.words[first].first_char
    end_char = sentence.words[end - 1].last_char
    if begins == closes:
        quote = utterances[begins].text[first_char:end_char]
        last_char = end_char
    else:
        last_char = len(utterances[begins].text.rstrip())
        between = [utterances[index].text for index in range(begins + 1, closes)]
        quote = " ".join([utterances[begins].text[first_char:last_char], *between, utterances[closes].text[:end_char]])
    evidence = Evidence(
        utterance=begins,
        start_s=_second(utterances[begins], first_char, start=True),
        end_s=_second(utterances[closes], end_char - 1, start=False),
        quote=quote,
        rule=rule,
        template=template,
        similarity=similarity,
        fragments=fragments,
    )
    return Hit(rule, begins, sentence.turn, sentence.index, first_char, last_char, evidence, similarity)


def _second(utterance: Utterance, char: int, *, start: bool) -> float | None:
    """When the character was said: the time of its word where words have times, else the utterance's."""
    if utterance.words:
        for word, (first, end) in zip(utterance.words, word_places(utterance), strict=True):
            if first <= char < end:
                return word.start_s if start else word.end_s
    return utterance.start_s if start else utterance.end_s
