"""Speech in another language than the call's: kept and marked, since the rules are of the call's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from service.scoring.transcript import Mark, Speaker, Utterance

FOREIGN = "foreign_language"
#: The alphabet of languages that have one of two; names of other alphabets occur in any speech, whole sentences do not.
_ALPHABETS: Mapping[str, str] = {"ru": "CYRILLIC", "uk": "CYRILLIC", "kk": "CYRILLIC", "en": "LATIN", "de": "LATIN"}
#: Shorter runs are names ("Google Meet").
_SENTENCE_WORDS = 4


def foreign_marked(
    utterances: Sequence[Utterance], language: str, speakers: Collection[Speaker] = ()
) -> tuple[Utterance, ...]:
    """The utterances, those of `speakers` and those written in another alphabet than `language` marked as a whole.

    Marks that an utterance has already stay.
    """
    return tuple(
        _marked(utterance) if utterance.speaker in speakers or _other_alphabet(utterance, language) else utterance
        for utterance in utterances
    )


def _marked(utterance: Utterance) -> Utterance:
    taken = {index for mark in utterance.marks for index in range(mark.first, mark.last + 1)}
    free = [index for index in range(len(utterance.words)) if index not in taken]
    marks = list(utterance.marks)
    for index in free:
        if marks and marks[-1].reason == FOREIGN and marks[-1].last == index - 1:
            marks[-1] = replace(marks[-1], last=index)
        else:
            marks.append(Mark(index, index, FOREIGN))
    return replace(utterance, marks=tuple(sorted(marks, key=lambda mark: mark.first)))


def _other_alphabet(utterance: Utterance, language: str) -> bool:
    own = _ALPHABETS.get(language)
    letters = [letter for letter in utterance.text if letter.isalpha()]
    if own is None or len(utterance.words) < _SENTENCE_WORDS or not letters:
        return False
    return not any(unicodedata.name(letter, "").startswith(own) for letter in letters)
