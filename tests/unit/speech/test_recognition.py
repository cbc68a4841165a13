"""What the recognizer leaves out is asked for again; loops and silence are told from speech; words make up the text."""

from dataclasses import dataclass

import pytest

from tests.unit.speech.samples import words
from workers.speech.recognition import unheard
from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.whisper import Heard, _joined
from workers.speech.windows import Window


def window(*pieces: tuple[float, float]) -> Window:
    return Window(0, tuple(Span(round(a * SAMPLE_RATE_HZ), round(b * SAMPLE_RATE_HZ)) for a, b in pieces))


def test_turns_without_a_word_are_heard_again() -> None:
    asked = window((10, 14), (20, 24), (30, 32))
    heard = Heard(words("почта у вас какая", 0.5), -0.3, 0.1)
    assert unheard(asked, heard) == window((20, 24), (30, 32))


def test_a_window_heard_to_its_end_is_done_and_breaths_are_no_turns() -> None:
    asked = window((10, 14), (20, 20.8), (30, 32))
    heard = Heard(words("почта у вас какая", 0.5) + words("до свидания", 5.0), -0.3, 0.1)
    assert unheard(asked, heard) is None


def test_a_window_without_any_word_is_not_asked_again() -> None:
    assert unheard(window((10, 14), (20, 24)), Heard((), 0.0, 1.0)) is None


def test_loops_are_told_from_speech() -> None:
    assert Heard(words("bring it in " * 20), -0.2, 0.1).looped
    assert not Heard(words("so you need one set of numbers across three branches with no stitching"), -0.2, 0.1).looped
    assert not Heard(words("да да да да"), -0.2, 0.1).looped


def test_silence_is_believed_only_where_text_and_sound_agree_on_it() -> None:
    assert Heard(words("you"), -1.5, 0.8).silent
    assert not Heard(words("you"), -0.3, 0.8).silent
    assert not Heard(words("you"), -1.5, 0.3).silent
    assert not Heard((), -1.5, 0.8).silent


@dataclass
class Piece:
    """A word as faster-whisper gives it."""

    word: str
    start: float
    end: float
    probability: float


def test_pieces_without_a_space_are_one_word_so_that_words_and_text_agree() -> None:
    pieces = [
        Piece(" Из", 10.0, 10.2, 0.9),
        Piece("-за", 10.2, 10.4, 0.7),
        Piece(" ", 10.4, 10.4, 0.1),
        Piece(" цены.", 10.5, 11.0, 0.8),
    ]
    joined = _joined(pieces, 10.0)
    assert [word.text for word in joined] == ["Из-за", "цены."]
    assert joined[0].start_s == 0.0
    assert joined[0].end_s == pytest.approx(0.4)
    assert joined[0].probability == pytest.approx(0.8)
