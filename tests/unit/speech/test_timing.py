"""A pause before an answer is as long as it was: words do not reach into it."""

from dataclasses import replace

from service.scoring.transcript import Word
from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.timing import on_speech


def span(start_s: float, end_s: float) -> Span:
    return Span(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))


def times(words: list[Word], *spans: Span) -> list[tuple[float, float]]:
    return [(word.start_s, word.end_s) for word in on_speech(words, spans)]


def test_a_word_that_begins_in_the_pause_before_it_is_cut_to_the_speech() -> None:
    assert times([Word("да", 4.2, 5.4, 0.9)], span(1, 4), span(5, 6)) == [(4.9, 5.4)]


def test_a_word_that_ends_in_the_pause_after_it_is_cut_to_the_speech() -> None:
    assert times([Word("да", 3.5, 4.6, 0.9)], span(1, 4), span(5, 6)) == [(3.5, 4.1)]


def test_words_within_speech_and_beside_any_keep_their_times() -> None:
    assert times([Word("a", 1.234, 1.567, 0.9), Word("b", 8.0, 8.5, 0.9)], span(1, 4)) == [(1.23, 1.57), (8.0, 8.5)]
    assert times([Word("a", 1.0, 1.5, 0.9)]) == [(1.0, 1.5)]


def test_words_come_in_order_of_time() -> None:
    assert [word.text for word in on_speech([Word("b", 2, 2.5, 1), Word("a", 1, 1.5, 1)], [span(0, 4)])] == ["a", "b"]


def test_the_last_word_of_a_sentence_stays_with_it_though_the_aligner_stretched_it_over_the_pause() -> None:
    need, it, yes = Word("need", 3.0, 3.6, 0.9), Word("it.", 3.9, 8.3, 0.9), Word("Goodbye.", 8.35, 9.0, 0.9)
    assert times([need, it, yes], span(1, 4), span(8, 9)) == [(3.0, 3.6), (3.9, 4.1), (8.35, 9.0)]
    for late in (Word("it.", 8.0, 8.35, 0.9), Word("it.", 7.7, 7.85, 0.9)):
        at_once = replace(yes, start_s=late.end_s)
        assert times([need, late, at_once], span(1, 4), span(8, 9))[1] == (4.0, 4.1)


def test_a_sentence_that_begins_in_the_pause_is_not_torn_apart() -> None:
    done, yes = Word("15000.", 3.0, 3.6, 0.9), Word("Да,", 7.5, 7.8, 0.9)
    see, small = Word("понимаю.", 8.0, 8.4, 0.9), Word("Для", 8.4, 8.8, 0.9)
    assert times([done, yes, see, small], span(1, 4), span(8, 9))[2] == (8.0, 8.4)


def test_a_word_that_was_said_by_itself_after_a_pause_stays_where_it_was() -> None:
    need, three = Word("need", 3.0, 3.6, 0.9), Word("three.", 8.0, 8.3, 0.9)
    assert times([need, three], span(1, 4), span(8, 9)) == [(3.0, 3.6), (8.0, 8.3)]


def test_the_first_word_after_a_pause_stays_behind_it() -> None:
    done, fine = Word("done", 3.0, 3.6, 0.9), Word("Fine.", 3.9, 8.3, 0.9)
    assert times([done, fine], span(1, 4), span(8, 9)) == [(3.0, 3.6), (7.9, 8.3)]


def test_no_words_have_no_times() -> None:
    assert times([], span(1, 4)) == []
