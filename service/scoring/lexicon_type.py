"""The shape of a language's lexicon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists of one language. Everything is lower case, `е` for `ё`, words as the tokenizer cuts them.

    `fillers`: spoken padding, one or more words each, that may stand anywhere inside a phrase.
    `negators`: words that turn the meaning of what follows; `answers_no`: those among them that are also the answer
    "no" and negate only the very next word, and only when no punctuation follows.
    `transparent`: lemmas that may stand between a negator and what it negates ("not *that* expensive").
    `affirming`: words that, right after a negator, take the negation away ("not *only* expensive").
    `asking`: words that open a question when the recognizer wrote no question mark. `question_marks`: False where
    recognizers leave out so many of them that their absence tells nothing.
    `numerals`: lemma or form -> value below 1000; `units`: sign -> word; `one`: the word for 1.
    `conjunctions`: words that tie a clause to the one before it, comma or not. `abbreviations`: end with a full stop that
    ends no sentence. `base_form_alone`: a template word in its base form stands for that lemma only. `lemmas`: forms whose lemmas the dictionaries get wrong for spoken language.
    """

    language: str
    fillers: frozenset[tuple[str, ...]]
    negators: frozenset[str]
    answers_no: frozenset[str]
    transparent: frozenset[str]
    affirming: frozenset[str]
    asking: frozenset[str]
    numerals: Mapping[str, int]
    units: Mapping[str, str]
    one: str
    lemmas: Mapping[str, tuple[str, ...]]
    abbreviations: frozenset[str]
    conjunctions: frozenset[str]
    question_marks: bool
    base_form_alone: bool


def words_of(text: str) -> frozenset[str]:
    """The words of a text written with spaces between."""
    return frozenset(text.split())
