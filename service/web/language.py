"""The languages of the pages: which one a visitor reads, and the catalogues of their texts.

Texts are written in English in templates and code and translated by `translations/<language>.po`. The catalogues are read as they
stand, so a changed translation needs no build step.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
#: The language that texts are written in, and what a visitor gets who asks for neither.
WRITTEN_IN: Language = "en"
TRANSLATIONS = Path(__file__).parent / "translations"


def said(text: str) -> str:
    """`text` itself, marked for translation: for sentences that are kept in tables and translated when they are shown."""
    return text


@cache
def catalogue(language: Language) -> NullTranslations:
    """The texts of a language."""
    if language == WRITTEN_IN:
        return NullTranslations()
    with (TRANSLATIONS / f"{language}.po").open("rb") as file:
        texts = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return Translations(compiled)


def known(value: str | None) -> Language | None:
    """`value` if it is one of the languages."""
    return next((language for language in LANGUAGES if language == value), None)


def accepted(header: str) -> Language:
    """The best of the languages by an `Accept-Language` header."""
    ranked = sorted(_wishes(header), key=lambda wish: -wish[1])
    return next((language for language, quality in ranked if quality > 0), WRITTEN_IN)


def _wishes(header: str) -> Sequence[tuple[Language, float]]:
    found: list[tuple[Language, float]] = []
    for part in header.split(",")[:20]:
        name, _, rest = part.strip().partition(";")
        language = known(name.strip().lower().partition("-")[0])
        if language is not None:
            found.append((language, _quality(rest)))
    return found


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
