"""Everything that a page says is there in Russian and English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import service.web
from service.web.language import LANGUAGES, TRANSLATIONS, WRITTEN_IN, accepted, catalogue

WEB = Path(service.web.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
#: `said` marks sentences that are kept in tables of code.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2), "said": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def extracted() -> Catalog:
    catalog = Catalog()
    options = {"templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.do"}}
    found = extract_from_dir(WEB, METHODS, options, keywords=KEYWORDS)
    for file, line, message, comments, context in found:
        catalog.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return catalog


def translated(language: str) -> Catalog:
    with (TRANSLATIONS / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


OTHERS = [language for language in LANGUAGES if language != WRITTEN_IN]


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_lacks_its_translation(language: str) -> None:
    known = translated(language)
    missing = [
        f"{message.locations[0]}: {message.id}"
        for message in extracted()
        if message.id and ((there := known.get(message.id)) is None or not all(texts(there)) or there.fuzzy)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_of_a_sentence_that_went(language: str) -> None:
    used = extracted()
    assert not [message.id for message in translated(language) if message.id and used.get(message.id) is None]


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_the_same_values(language: str) -> None:
    """A name that is missing would be left out of a sentence, or break the page."""
    for message in translated(language):
        if message.id:
            last = message.id if isinstance(message.id, str) else message.id[-1]
            wanted = set(PLACEHOLDER.findall(last))
            assert all(set(PLACEHOLDER.findall(text)) == wanted for text in texts(message)), message.id


def test_russian_counts_in_three_forms() -> None:
    ngettext = catalogue("ru").ngettext
    assert [ngettext("%(num)s day", "%(num)s days", n) % {"num": n} for n in (1, 3, 7, 21)] == [
        "1 день",
        "3 дня",
        "7 дней",
        "21 день",
    ]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE,en;q=0.7,ru;q=0.3", "en"),
        ("uk, ru;q=0.4", "ru"),
        ("", "en"),
        ("*;q=x,;;,ru;q=banana", "en"),
    ],
)
def test_a_visitor_gets_the_language_that_the_browser_asks_for(header: str, language: str) -> None:
    assert accepted(header) == language
