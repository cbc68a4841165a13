"""A call's language is that of its speech on both channels, not of whoever begins or of a short aside."""

import pytest

from workers.speech.language import LanguageVote, order_of_listening
from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.windows import Window


def window(channel: int, start_s: int, seconds: float) -> Window:
    start = start_s * SAMPLE_RATE_HZ
    return Window(channel, (Span(start, start + round(seconds * SAMPLE_RATE_HZ)),))


def test_both_channels_are_asked_the_fullest_windows_first_wherever_they_are() -> None:
    windows = [window(0, 0, 2), window(0, 60, 28), window(0, 100, 20), window(1, 30, 10), window(1, 90, 25)]
    order = order_of_listening(windows)
    assert order[:4] == (window(0, 60, 28), window(1, 90, 25), window(0, 100, 20), window(1, 30, 10))


def test_a_word_or_two_is_asked_last() -> None:
    order = order_of_listening([window(0, 0, 1), window(1, 10, 20), window(1, 40, 15)])
    assert order[-1] == window(0, 0, 1)


def test_the_vote_weighs_speech_by_its_length() -> None:
    vote = LanguageVote()
    vote.add(window(0, 0, 5), {"en": 0.9, "ru": 0.1})
    vote.add(window(1, 0, 25), {"en": 0.1, "ru": 0.9})
    language, probability = vote.result()
    assert language == "ru"
    assert probability == pytest.approx((0.1 * 5 + 0.9 * 25) / 30)


def test_nobody_is_sure_before_both_channels_were_heard() -> None:
    vote = LanguageVote()
    vote.add(window(0, 0, 20), {"en": 0.99})
    assert not vote.sure(2)
    assert vote.sure(1)
    vote.add(window(1, 0, 20), {"en": 0.95})
    assert vote.sure(2)


def test_without_a_window_there_is_no_result() -> None:
    with pytest.raises(ValueError, match="no window"):
        LanguageVote().result()


def test_parties_who_each_speak_their_own_language_are_heard_in_it() -> None:
    vote = LanguageVote()
    vote.add(window(0, 0, 20), {"ru": 0.99, "en": 0.01})
    vote.add(window(1, 0, 25), {"en": 0.97, "ru": 0.01})
    assert vote.sure(2)
    spoken = vote.spoken(2, rep=0)
    assert (spoken.language, spoken.by_channel) == ("ru", ("ru", "en"))
    assert spoken.probability == pytest.approx(0.99)
    assert vote.spoken(2, rep=1).language == "en"


def test_a_few_foreign_words_or_a_doubt_do_not_part_the_channels() -> None:
    short = LanguageVote()
    short.add(window(0, 0, 20), {"ru": 0.99})
    short.add(window(1, 0, 3), {"en": 0.97})
    assert short.spoken(2, rep=0).by_channel == ("ru", "ru")
    doubtful = LanguageVote()
    doubtful.add(window(0, 0, 20), {"ru": 0.99})
    doubtful.add(window(1, 0, 20), {"uk": 0.6, "ru": 0.4})
    assert doubtful.spoken(2, rep=0).by_channel == ("ru", "ru")
