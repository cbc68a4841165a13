"""The spaCy pipeline of a language: text -> words with lemmas, cut into sentences.

A blank spaCy tokenizer cuts the text; the dictionary gives each word all its likely lemmas; numerals become digits and
unit signs words, so that "двадцать пять процентов" and "25%" are the same words. Punctuation never becomes a word: it
only ends sentences and is remembered as a pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import spacy
from spacy.attrs import ORTH
from spacy.tokens import Token

from service.scoring.lexicon import Lexicon, lexicon
from service.scoring.morphology import CACHED_WORDS, Morphology, fold, morphology
from service.scoring.numerals import join_numerals

#: Characters that can end a sentence; a token made of them alone does.
SENTENCE_ENDS = frozenset(".?!…")
#: Hyphens join words («как-то», "follow-up"); they are no pause.
JOINERS = frozenset("-‐‑'")
#: Longest text tokenized in one go, in characters; a longer utterance is cut at a space (about five minutes of speech).
LONGEST_TEXT = 5_000


class Word(NamedTuple):
    """One spoken word. `text` is folded, `lemmas` are candidates, the slice `first_char:last_char` is of the text read.

    `pause`: punctuation stands right before it. `ends`: it is the last of its sentence; `asks`: with a question mark.
    """

    text: str
    lemmas: tuple[str, ...]
    first_char: int
    last_char: int
    pause: bool
    ends: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of a token by its spelling alone. `text` is empty for punctuation."""

    text: str
    lemmas: tuple[str, ...]
    ends: bool
    asks: bool
    lower_start: bool


class Pipeline:
    """Reads text of one language. Holds only caches, so it may be shared by all packs of a process."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lexicon: Lexicon = lexicon(language)
        self.morphology: Morphology = morphology(language)
        self.nlp = spacy.blank(language)
        self._entries: dict[int, _Entry] = {}

    def words(self, text: str) -> list[Word]:
        """All words of a text in order."""
        if len(text) <= LONGEST_TEXT:
            return self._words(text, 0)
        words: list[Word] = []
        start = 0
        while start < len(text):
            cut = text.rfind(" ", start, start + LONGEST_TEXT) if len(text) - start > LONGEST_TEXT else len(text)
            end = cut if cut > start else start + LONGEST_TEXT
            words += self._words(text[start:end], start)
            start = end
        return words

    def _words(self, text: str, offset: int) -> list[Word]:
        doc = self.nlp.make_doc(text)
        keys: list[int] = doc.to_array([ORTH]).tolist()
        entries = self._entries
        found: list[Word] = []
        pause = False
        position = offset
        known = [entries.get(key) for key in keys]
        for index, entry in enumerate(known):
            if entry is None:
                known[index] = self._learn(doc[index])
        for index, token in enumerate(doc):
            entry = known[index]
            assert entry is not None  # noqa: S101 - filled above; narrows the type
            position = token.idx + offset
            if entry.text:
                found.append(Word(entry.text, entry.lemmas, position, position + len(token), pause, False, False))
                pause = False
                continue
            pause = pause or not (token.is_space or token.text in JOINERS)
            if entry.ends and found and self._is_end(found[-1], entry, known, index):
                found[-1] = found[-1]._replace(ends=True, asks=found[-1].asks or entry.asks)
        return join_numerals(found, self.lexicon)

    def _is_end(self, last: Word, entry: _Entry, known: list[_Entry | None], index: int) -> bool:
        if entry.asks or last.ends:
            return True
        following = next((e for e in known[index + 1 :] if e is not None and e.text), None)
        if following is None or not following.lower_start:
            return last.text not in self.lexicon.abbreviations or following is None
        # Speech trails off inside a sentence ("ну... дорого"); a full stop before lower case ends one all the same.
        return entry.text == "" and not entry.lower_start and last.text not in self.lexicon.abbreviations

    def _learn(self, token: Token) -> _Entry:
        if len(self._entries) >= CACHED_WORDS:
            self._entries.clear()
        entry = self._describe(token)
        self._entries[token.orth] = entry
        return entry

    def _describe(self, token: Token) -> _Entry:
        text = token.text
        folded = fold(text)
        norm = fold(token.norm_)
        if norm != folded and norm.isalpha() and "'" in folded + "'" * (folded in _SHORTENED):
            folded = norm
        folded = self.lexicon.units.get(folded, folded)
        if any(char.isalnum() for char in folded):
            return _Entry(folded, self.morphology.lemmas(folded), False, False, text[0].islower() or text[0].isdigit())
        ends = bool(text) and set(text) <= SENTENCE_ENDS
        trailing_off = ends and (len(text) > 1 or text == "…")
        return _Entry("", (), ends, ends and "?" in text, trailing_off)


#: Halves of English words that the tokenizer cuts without an apostrophe ("gon|na", "ca|n't").
_SHORTENED = frozenset({"gon", "na", "ca", "wo", "sha", "got", "ta", "руб."})


@cache
def pipeline(language: str) -> Pipeline:
    """The pipeline of a language, made once per process.

    Raises:
        LanguageUnsupported: no such language.
    """
    return Pipeline(language)
