"""Redacted spans: gone from texts, words and quotes, while everything around them stays where it was."""

from __future__ import annotations

import pytest

from service.scoring.redaction import HIDDEN, REDACTED, hidden_chars, quotes_without_redacted, without_redacted
from service.scoring.transcript import Mark, Transcript, Utterance, Word


def said(text: str, *marks: Mark, words: bool = True) -> Utterance:
    heard = tuple(Word(word, at, at + 0.9, 0.9) for at, word in enumerate(text.split())) if words else ()
    return Utterance("customer", text, 0.0, 9.0, 0.9, heard, marks)


def test_a_redacted_span_is_one_block_and_other_marks_follow_their_words() -> None:
    line = said(
        "Мой номер восемь девятьсот пять, эхо", Mark(2, 3, REDACTED), Mark(4, 4, REDACTED), Mark(5, 5, "crosstalk")
    )
    shown = without_redacted(Transcript("ru", (line,))).utterances[0]
    assert shown.text == f"Мой номер {HIDDEN} эхо"
    assert [word.text for word in shown.words] == ["Мой", "номер", HIDDEN, "эхо"]
    assert (shown.words[2].start_s, shown.words[2].end_s) == (2, 4.9)
    assert shown.marks == (Mark(2, 2, REDACTED), Mark(3, 3, "crosstalk"))


def test_text_without_words_is_redacted_too() -> None:
    line = said("Меня зовут Иван Петров", Mark(2, 3, REDACTED), words=False)
    assert without_redacted(Transcript("ru", (line,))).utterances[0].text == f"Меня зовут {HIDDEN}"


def test_nothing_changes_without_a_redacted_mark() -> None:
    transcript = Transcript("ru", (said("Спасибо за просмотр", Mark(0, 2, "silence_boilerplate")),))
    assert without_redacted(transcript) == transcript
    assert hidden_chars(transcript.utterances[0]) == []


def test_marks_beyond_the_words_hide_what_is_there_and_nothing_breaks() -> None:
    line = said("раз два", Mark(1, 99, REDACTED), Mark(7, 9, REDACTED))
    assert without_redacted(Transcript("ru", (line,))).utterances[0].text == f"раз {HIDDEN}"


def test_a_quote_over_a_redacted_span_hides_it_also_where_it_goes_on_in_the_next_utterance() -> None:
    transcript = Transcript("ru", (said("Пишите на почту"), said("ivan at mail точка", Mark(0, 2, REDACTED))))
    card = {"items": [{"evidence": [{"utterance": 0, "quote": "на почту ivan at mail точка", "rule": "x"}]}]}
    shown = quotes_without_redacted(card, transcript)
    assert shown["items"][0]["evidence"][0]["quote"] == f"на почту {HIDDEN} точка"


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("номер восемь девятьсот", f"номер {HIDDEN}"),
        ("Мой номер восемь.", f"Мой номер {HIDDEN}"),
        ("пять, звоните", f"{HIDDEN}, звоните"),
        ("девятьсот пять, звоните утром", f"{HIDDEN}, звоните утром"),
        ("девятьсот", HIDDEN),
        ("звоните утром", "звоните утром"),
    ],
)
def test_a_quote_that_begins_or_ends_within_a_redacted_span_shows_none_of_it(quote: str, shown: str) -> None:
    line = said("Мой номер восемь девятьсот пять, звоните утром", Mark(2, 4, REDACTED))
    found = {"utterance": 0, "quote": quote, "fragments": ["девятьсот"]}
    masked = quotes_without_redacted(found, Transcript("ru", (line,)))
    assert masked["quote"] == shown
    assert masked["fragments"] == (["девятьсот"] if shown == quote else [])
