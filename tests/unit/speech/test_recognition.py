"""What the recognizer leaves out is asked for again, in parallel and in order; loops and silence are told from speech."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from tests.unit.speech.samples import words
from workers.speech.heard import Heard
from workers.speech.recognition import recognized, unheard
from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.transcriber import Sound
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


class Listener:
    """Hears in every window one word: how many samples it holds. Two threads at a time, four windows a batch."""

    parallel, batch_size, longest_s = 2, 4, 30.0

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self._lock = threading.Lock()

    def check_language(self, language: str) -> None: ...

    def language_probabilities(self, sound: Sound) -> dict[str, float]:
        return {"ru": float(len(sound) > 0)}

    def recognize(self, windows: Sequence[Sound], language: str, names: Sequence[str] = ()) -> list[Heard]:
        assert (language, names) == ("ru", ())
        with self._lock:
            self.batches.append([len(sound) for sound in windows])
        return [Heard(words(str(len(sound))), -0.1, 0.0) for sound in windows]


def silence(asked: Window) -> Sound:
    return np.zeros(asked.samples, dtype=np.float32)


def test_windows_come_back_in_order_of_time_and_share_batches_with_their_like() -> None:
    windows = [window((start, start + length)) for start, length in [(0, 3), (10, 20), (40, 4), (50, 19), (80, 21)]]
    listener = Listener()
    shares: list[float] = []
    heard = recognized(windows, silence, listener, "ru", shares.append)
    assert [asked for asked, _ in heard] == windows
    assert [result.words[0].text for _, result in heard] == [str(item.samples) for item in windows]
    assert sorted(map(sorted, listener.batches)) == sorted(
        [sorted(w.samples for w in windows)[2:], sorted(w.samples for w in windows)[:2]]
    )
    assert shares[-1] == pytest.approx(1.0)


def test_long_windows_share_a_batch_with_fewer_so_that_memory_is_bounded() -> None:
    listener = Listener()
    windows = [window((30 * n, 30 * n + 28)) for n in range(8)] + [window((300 + 5 * n, 304 + 5 * n)) for n in range(8)]
    recognized(windows, silence, listener, "ru", lambda _share: None)
    assert sorted(len(batch) for batch in listener.batches) == [2, 2, 2, 2, 4, 4]


def test_a_call_that_is_not_wanted_any_more_ends_with_the_batches_in_hand() -> None:
    class Cancelled(Exception):
        pass

    def cancel(_share: float) -> None:
        raise Cancelled

    windows = [window((start, start + 10)) for start in range(0, 1000, 20)]
    listener = Listener()
    with pytest.raises(Cancelled):
        recognized(windows, silence, listener, "ru", cancel)
    assert len(listener.batches) <= 4
