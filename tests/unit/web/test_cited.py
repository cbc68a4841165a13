"""Hits are underlined at the very words that fired the rule, and nothing of the text is lost or doubled."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from service.scoring.results import Evidence, ItemResult
from service.scoring.transcript import Mark, Transcript, Utterance, Word
from service.web.cited import Cited, cited, place_of
from service.web.conversation import pieces, turns
from tests.fixtures.samples import sample_scorecard

TITLE = {"ru": "Приветствие", "en": "Greeting"}


def hit(first: int, end: int, number: int = 1) -> Cited:
    return Cited(
        number=number,
        kind="item",
        target="item-x",
        titles=TITLE,
        step=None,
        utterance=0,
        first=first,
        end=end,
        start_s=None,
        rule="script/x",
        template="x",
        similarity=None,
    )


def evidence(quote: str, *, utterance: int = 0, start_s: float | None = None) -> Evidence:
    return Evidence(utterance, start_s, None, quote, "script/greeting", "привет")


def item(*found: Evidence) -> ItemResult:
    return ItemResult("greeting", TITLE, "met", 1.0, 1.0, False, {}, found)


def test_a_quote_said_twice_is_underlined_where_it_was_heard() -> None:
    words = tuple(Word(text, at, at + 0.5, 0.9) for at, text in enumerate(["да", "нет", "да", "нет"]))
    card = replace(sample_scorecard(()), items=(item(evidence("да", start_s=2.0)),))
    (found,) = cited(card, [Utterance("agent", "да нет да нет", 0.0, 4.0, 0.9, words)])
    assert (found.first, found.end) == (7, 9)


def test_a_quote_that_goes_on_into_the_next_utterance_is_underlined_to_the_end_of_the_first() -> None:
    assert place_of("очень дорого для нас", "Это очень дорого ") == (4, 16)


def test_evidence_that_points_beyond_the_transcript_is_left_out() -> None:
    card = replace(sample_scorecard(()), items=(item(evidence("да", utterance=9)),))
    assert cited(card, [Utterance("agent", "да")]) == ()


def test_a_doubtful_span_and_a_hit_may_overlap() -> None:
    utterance = Utterance("agent", "раз два три", marks=(Mark(1, 2, "repetition"),))
    found = pieces(utterance, [hit(0, 7)])
    assert [(piece.text, len(piece.hits), piece.doubt) for piece in found] == [
        ("раз ", 1, None),
        ("два", 1, "repetition"),
        (" три", 0, "repetition"),
    ]


def test_a_pause_is_shown_only_where_nobody_speaks() -> None:
    said = (
        Utterance("agent", "а", 0.0, 10.0),
        Utterance("customer", "б", 1.0, 2.0),
        Utterance("agent", "в", 11.0, 12.0),
        Utterance("agent", "г", 16.0, 17.0),
    )
    assert [turn.pause_s for turn in turns(Transcript("ru", said), ())] == [None, None, None, 4.0]


@given(
    text=st.text(max_size=60),
    spans=st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6),
    marks=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=3),
)
def test_the_pieces_of_a_turn_are_its_text(
    text: str, spans: list[tuple[int, int]], marks: list[tuple[int, int]]
) -> None:
    hits = [hit(min(span), max(span), number) for number, span in enumerate(spans)]
    doubts = tuple(Mark(min(mark), max(mark), "repetition") for mark in marks)
    assert "".join(piece.text for piece in pieces(Utterance("agent", text, marks=doubts), hits)) == text
