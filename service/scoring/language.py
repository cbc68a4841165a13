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
from spacy.attrs import IDX, LENGTH, ORTH
from spacy.tokens import Token

from service.scoring.lexicon import Lexicon, lexicon
from service.scoring.morphology import CACHED_WORDS, Morphology, fold, morphology
from service.scoring.numerals import join_numerals

#: Characters that can end a sentence; a token made of them alone does.
SENTENCE_ENDS = frozenset(".?!…")
#: No dictionary is asked for a longer word: recognizers get stuck («а-а-а-а...»).
LONGEST_WORD = 40
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
    """What is known of a token by its spelling alone.

    A word has `text` and `lemmas`. Punctuation has neither: it may make a pause, end a sentence, ask, or trail off.
    """

    text: str
    lemmas: tuple[str, ...]
    lower_start: bool = False
    pauses: bool = False
    ends: bool = False
    asks: bool = False
    trails_off: bool = False


class Pipeline:
    """Reads text of one language. Holds only caches, so it may be shared by all packs of a process."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lexicon: Lexicon = lexicon(language)
        self.morphology: Morphology = morphology(language)
        self.nlp = spacy.blank(language)
        # Its own limit of 10,000 is full once a pack is loaded; what comes after would be cut anew each time.
        self.nlp.tokenizer.max_cache_size = CACHED_WORDS  # type: ignore[union-attr]
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
        found: list[Word] = []
        pause = False
        stop: _Entry | None = None
        places: list[list[int]] = doc.to_array([ORTH, IDX, LENGTH]).tolist()
        for index, (key, place, length) in enumerate(places):
            entry = self._entries.get(key) or self._learn(doc[index])
            if not entry.text:
                pause = pause or entry.pauses
                if entry.ends and found:
                    stop = entry if stop is None or entry.asks else stop
                continue
            if stop is not None:
                if stop.asks or not self._goes_on(found[-1], stop, entry):
                    found[-1] = found[-1]._replace(ends=True, asks=stop.asks)
                stop = None
            first = offset + place
            found.append(Word(entry.text, entry.lemmas, first, first + length, pause, False, False))
            pause = False
        if stop is not None:
            found[-1] = found[-1]._replace(ends=True, asks=stop.asks)
        return join_numerals(found, self.lexicon)

    def _goes_on(self, last: Word, stop: _Entry, following: _Entry) -> bool:
        """True if a full stop or dots end no sentence: an abbreviation, or speech that trails off ("ну... дорого")."""
        if last.text in self.lexicon.abbreviations:
            return True
        return stop.trails_off and following.lower_start

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
            lower = text[0].islower() or text[0].isdigit()
            lemmas = self.morphology.lemmas(folded) if len(folded) <= LONGEST_WORD else (folded,)
            return _Entry(folded, lemmas, lower_start=lower)
        ends = bool(text) and set(text) <= SENTENCE_ENDS
        return _Entry(
            "",
            (),
            pauses=not (token.is_space or text in JOINERS),
            ends=ends,
            asks=ends and "?" in text,
            trails_off=ends and (len(text) > 1 or text == "…"),
        )


#: Halves of English words that the tokenizer cuts without an apostrophe ("gon|na", "ca|n't").
_SHORTENED = frozenset({"gon", "na", "ca", "wo", "sha", "got", "ta", "руб."})


@cache
def pipeline(language: str) -> Pipeline:
    """The pipeline of a language, made once per process.

    Raises:
        LanguageUnsupported: no such language.
    """
    return Pipeline(language)
