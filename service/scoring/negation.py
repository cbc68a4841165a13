"""Is what was found negated? Handled once, for every rule that does not switch it off."""

from __future__ import annotations

from collections.abc import Sequence

from service.scoring.language import Pipeline, Word

#: How far before a find its negator may stand, transparent words between: "I don't think that it is *that expensive*".
FARTHEST_NEGATOR = 7


def negator_before(words: Sequence[Word], start: int, language: Pipeline) -> Word | None:
    """The word that negates what begins at `start`, None if it is not negated.

    Between the two only transparent words may stand ("not *that* expensive", «не *думаю, что это* дорого»), and no
    pause, except before a conjunction. The answer «нет» negates only a genitive right behind it («нет бюджета»).
    """
    lexicon = language.lexicon
    for index in range(start - 1, max(start - 1 - FARTHEST_NEGATOR, -1), -1):
        word = words[index]
        following = words[index + 1]
        if following.pause and not _joins_clauses(following, language):
            return None
        if word.text in lexicon.answers_no:
            close = index == start - 1 and not following.pause
            return word if close and language.morphology.genitive(following.text) else None
        if word.text in lexicon.negators or not lexicon.negators.isdisjoint(word.lemmas):
            return None if following.text in lexicon.affirming else word
        if lexicon.transparent.isdisjoint(word.lemmas) and word.text not in lexicon.transparent:
            return None
    return None


def negator_within(words: Sequence[Word], gap: range, language: Pipeline) -> Word | None:
    """A negator among the arbitrary words of a gap, close enough to the word after it: «цена у вас *не* высокая»."""
    if gap.stop >= len(words) or not any(_negates(words[index], language) for index in gap):
        return None
    negator = negator_before(words, gap.stop, language)
    return negator if negator is not None and negator.first_char >= words[gap.start].first_char else None


def _negates(word: Word, language: Pipeline) -> bool:
    return word.text in language.lexicon.negators or not language.lexicon.negators.isdisjoint(word.lemmas)


def _joins_clauses(word: Word, language: Pipeline) -> bool:
    return word.text in language.lexicon.conjunctions
