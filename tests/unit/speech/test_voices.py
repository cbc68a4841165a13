"""Where nobody or hardly anybody speaks there are no two voices; who speaks when can be asked for."""

from __future__ import annotations

import numpy as np
import pytest

from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.voices import Voices, two_voices

VOICES = Voices(np.array([0] * 20 + [-1] * 5 + [1] * 10 + [0] * 5, dtype=np.int8), 3.0)


def test_silence_and_a_single_word_are_too_little_for_two_voices() -> None:
    quiet = np.zeros(SAMPLE_RATE_HZ * 10, np.float32)
    assert two_voices(lambda span: quiet[span.start : span.end], [Span(0, len(quiet))]) is None
    word = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
    assert two_voices(lambda span: word[span.start : span.end], [Span(0, len(word))]) is None
    assert two_voices(lambda _span: word, []) is None


@pytest.mark.parametrize(
    ("start_s", "end_s", "voice"), [(0.0, 1.0, 0), (2.1, 2.4, -1), (2.6, 3.4, 1), (3.2, 3.6, 1), (900.0, 901.0, -1)]
)
def test_a_word_is_said_by_the_voice_under_most_of_it(start_s: float, end_s: float, voice: int) -> None:
    assert VOICES.at(start_s, end_s) == voice


def test_each_voice_has_its_spans() -> None:
    assert [(span.start_s, span.end_s) for span in VOICES.spans_of(0)] == [(0.0, 2.0), (3.5, 4.0)]
    assert [(span.start_s, span.end_s) for span in VOICES.spans_of(1)] == [(2.5, 3.5)]
