"""What the engine must know of a language beside its morphology: fillers, negation, question words, numerals."""

from __future__ import annotations

from collections.abc import Mapping

from service.scoring.errors import LanguageUnsupported
from service.scoring.lexicon_en import ENGLISH
from service.scoring.lexicon_ru import RUSSIAN
from service.scoring.lexicon_type import Lexicon

_LEXICONS: Mapping[str, Lexicon] = {"ru": RUSSIAN, "en": ENGLISH}
LANGUAGES: tuple[str, ...] = tuple(_LEXICONS)


def lexicon(language: str) -> Lexicon:
    """The lexicon of a language by ISO 639-1 code.

    Raises:
        LanguageUnsupported: no such language.
    """
    if language not in _LEXICONS:
        raise LanguageUnsupported(f"language {language!r} is not supported; callscore knows {', '.join(LANGUAGES)}")
    return _LEXICONS[language]


__all__ = ["LANGUAGES", "Lexicon", "lexicon"]
