"""Words come from aligned tokens: their text adds up, their times follow the path, their probability is their tokens'."""

import pytest

from workers.speech.words import Alignment, timed

#: " Из" "-за" " " " цены" "." and the end; each token is said over two states but the blank, which takes none of its own.
PIECES = [" Из", "-за", " ", " цены", ".", ""]
PATH = [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (3, 6), (4, 7), (5, 8)]
PROBABILITIES = [0.9, 0.7, 0.1, 0.8, 1.0]


def test_pieces_without_a_space_are_one_word_so_that_words_and_text_agree() -> None:
    words = timed(PIECES, [1] * 6, Alignment(PATH, PROBABILITIES), state_s=0.02)
    assert [word.text for word in words] == ["Из-за", "цены."]
    assert words[0].start_s == 0.0
    assert words[0].end_s == pytest.approx(0.08)
    assert words[0].probability == pytest.approx(0.8)
    assert words[1].start_s == pytest.approx(0.1)
    assert words[1].end_s == pytest.approx(0.16)


def test_a_word_of_several_tokens_lasts_until_the_next_begins() -> None:
    words = timed([" неделю", ""], [3, 1], Alignment([(0, 2), (1, 3), (2, 4), (3, 9)], [0.9, 0.6, 0.9]), state_s=0.02)
    assert (words[0].start_s, words[0].end_s) == pytest.approx((0.04, 0.18))
    assert words[0].probability == pytest.approx(0.8)


def test_half_a_letter_is_left_out() -> None:
    pieces = [" прец\ufffd", " \ufffd", ""]
    words = timed(pieces, [1, 1, 1], Alignment([(0, 0), (1, 2), (2, 4)], [0.9, 0.2, 1.0]), state_s=0.02)
    assert [word.text for word in words] == ["прец"]


def test_no_text_no_words() -> None:
    assert timed([""], [1], Alignment([], []), state_s=0.02) == ()
