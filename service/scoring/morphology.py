"""Words -> candidate lemmas, and words -> all their inflected forms. Dictionaries only, no statistics, no text around."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Protocol

import lemminflect
import pymorphy3

from service.scoring.errors import LanguageUnsupported
from service.scoring.lexicon import Lexicon, lexicon

#: A reading less likely than this is dropped: «день» is the noun, never the imperative of «деть» (0.006), while both
#: readings of «стоит» (стоить, стоять) and of «дам» (дать, дама) stay.
MIN_READING_SHARE = 0.04
#: Words remembered per language; a 10,000-call re-score sees about 60,000 different ones.
CACHED_WORDS = 100_000


class Morphology(Protocol):
    """What a language's dictionary answers. All words are lower case with `е` for `ё`."""

    def lemmas(self, word: str) -> tuple[str, ...]:
        """Candidate lemmas, most likely first; the word itself if it is unknown. Never empty."""

    def forms(self, word: str) -> frozenset[str]:
        """Every inflected form of every candidate lemma, the word itself included."""

    def genitive(self, word: str) -> bool:
        """True if the word can stand in the genitive, as after «нет»; always True where a language has no cases."""


def fold(text: str) -> str:
    """Lower case, `е` for `ё`, straight apostrophes: the form in which words are compared."""
    return text.lower().replace("ё", "е").replace("’", "'").replace("ʼ", "'")


class RussianMorphology:
    """pymorphy3 with the OpenCorpora dictionary."""

    def __init__(self) -> None:
        self._analyzer = pymorphy3.MorphAnalyzer()
        self._known = lexicon("ru").lemmas
        self.lemmas = lru_cache(CACHED_WORDS)(self._lemmas)

    def _lemmas(self, word: str) -> tuple[str, ...]:
        if word in self._known:
            return self._known[word]
        shares: dict[str, float] = {}
        for reading in self._readings(word):
            lemma = fold(reading.normal_form)
            shares[lemma] = shares.get(lemma, 0.0) + reading.score
        likely = [lemma for lemma, share in shares.items() if share >= MIN_READING_SHARE]
        return tuple(sorted(likely, key=lambda lemma: (-shares[lemma], lemma))) or (word,)

    def _readings(self, word: str) -> list[pymorphy3.analyzer.Parse]:
        """What the dictionary knows of a word; nothing of one with a character that Unicode gives no name (it fails on them)."""
        named = all(unicodedata.name(character, "") for character in word)
        return list(self._analyzer.parse(word)) if named else []

    def forms(self, word: str) -> frozenset[str]:
        """See `Morphology.forms`."""
        lemmas = set(self.lemmas(word))
        readings = [reading for reading in self._readings(word) if fold(reading.normal_form) in lemmas]
        return frozenset({word, *(fold(form.word) for reading in readings for form in reading.lexeme)})

    def genitive(self, word: str) -> bool:
        """See `Morphology.genitive`."""
        return any("gent" in reading.tag for reading in self._readings(word))


class EnglishMorphology:
    """lemminflect's dictionary lookups; its rules only for words that the dictionary does not have."""

    def __init__(self) -> None:
        self._known = lexicon("en").lemmas
        self.lemmas = lru_cache(CACHED_WORDS)(self._lemmas)

    def _lemmas(self, word: str) -> tuple[str, ...]:
        if word in self._known:
            return self._known[word]
        found = lemminflect.getAllLemmas(word)
        if not found and word.isalpha() and word.isascii():
            found = {tag: lemminflect.getAllLemmasOOV(word, tag).get(tag, ()) for tag in ("NOUN", "VERB")}
        return tuple(dict.fromkeys(lemma.lower() for tag in sorted(found) for lemma in found[tag])) or (word,)

    def forms(self, word: str) -> frozenset[str]:
        """See `Morphology.forms`."""
        lemmas = self.lemmas(word)
        inflected = (lemminflect.getAllInflections(lemma) for lemma in lemmas)
        return frozenset(
            {word, *lemmas, *(form.lower() for tags in inflected for forms in tags.values() for form in forms)}
        )

    def genitive(self, word: str) -> bool:  # noqa: ARG002 - English has no cases
        """See `Morphology.genitive`."""
        return True


@cache
def morphology(language: str) -> Morphology:
    """The dictionary of a language, loaded once per process (0.2 s).

    Raises:
        LanguageUnsupported: no such language.
    """
    lexicon(language)
    if language == "ru":
        return RussianMorphology()
    if language == "en":
        return EnglishMorphology()
    raise LanguageUnsupported(f"no dictionary for language {language!r}")


__all__ = ["Lexicon", "Morphology", "fold", "morphology"]
