"""Text -> the words that it is found by: dictionary forms, so that «скидки» finds «скидку» and "discounts" "discount".

The dictionaries are those of the rules: what a rule's words match, a search for them finds.
"""

from __future__ import annotations

import re

from service.scoring.morphology import fold, morphology
from service.scoring.transcript import Transcript

_WORD = re.compile(r"[0-9a-zа-я]+")
_CYRILLIC = re.compile(r"[а-я]")
#: Longer ones are no words; a database refuses lexemes of more than 2 kB.
LONGEST_WORD = 60
#: Words of a query that are looked for; more of them find nothing that fewer do not.
MOST_WORDS = 12


def search_words(transcript: Transcript) -> frozenset[str]:
    """Every dictionary form that a word of the call may have."""
    return frozenset(
        form for utterance in transcript.utterances for word in words_of(utterance.text) for form in forms(word)
    )


def query_words(text: str) -> tuple[frozenset[str], ...]:
    """For each word of a query the forms of which a call must have one; empty if there is no letter or digit in it."""
    return tuple(dict.fromkeys(forms(word) for word in words_of(text)))[:MOST_WORDS]


def words_of(text: str) -> list[str]:
    """Words in the order of the text, lower case, `е` for `ё`."""
    return [word for word in _WORD.findall(fold(text)) if len(word) <= LONGEST_WORD]


def forms(word: str) -> frozenset[str]:
    """The dictionary forms of a word, pieces of a compound one by one."""
    language = "ru" if _CYRILLIC.search(word) else "en"
    if word.isdigit():
        return frozenset({word})
    lemmas = morphology(language).lemmas(word)
    return frozenset(piece for lemma in lemmas for piece in words_of(lemma)) or frozenset({word})
