"""What a call is found by: dictionary forms, in both languages, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.search_words import LONGEST_WORD, MOST_WORDS, query_words, search_words
from service.scoring.transcript import Transcript, Utterance


def said(text: str) -> frozenset[str]:
    return search_words(Transcript("ru", (Utterance("agent", text),), "given"))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Скидки, конечно, есть!", "скидка"),
        ("всё ещё дорого", "все еще ДОРОГО"),
        ("we've went over it", "go"),
        ("Пришлите на info@firma.ru", "firma"),
        ("CRM за 990 рублей", "crm 990 рубль"),
        ("кофе-брейк", "брейк"),
    ],
)
def test_a_word_finds_its_forms(text: str, query: str) -> None:
    words = said(text)
    assert all(forms & words for forms in query_words(query))


def test_other_words_are_not_found() -> None:
    assert not all(forms & said("договор подписан") for forms in query_words("договориться"))


@given(st.text(max_size=80))
def test_every_text_has_words_that_a_database_can_index(text: str) -> None:
    """Lexemes of letters and digits only: nothing of a transcript or a query can be taken for an operator."""
    forms = [form for found in query_words(text) for form in found] + list(said(text))
    assert all(form.isalnum() and form == form.lower() and len(form) <= 2 * LONGEST_WORD for form in forms)
    assert len(query_words(text)) <= MOST_WORDS


def test_what_has_no_letter_and_no_digit_has_no_words() -> None:
    assert query_words(" —?! 日本") == ()
    assert query_words("x" * 5000) == ()
