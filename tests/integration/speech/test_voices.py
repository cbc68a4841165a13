"""Real calls mixed down to one channel: every second of speech goes to the right voice; one voice does not pass for two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.encoding import Sound, read
from workers.speech.crosstalk import bleed
from workers.speech.spans import Span
from workers.speech.vad import measure, speech_spans
from workers.speech.voices import Voices, two_voices

SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"


def told(sound: Sound) -> Voices:
    def part(span: Span) -> Sound:
        return sound[span.start : span.end]

    voices = two_voices(part, speech_spans(measure(part, len(sound))))
    assert voices is not None
    return voices


def speaking(sound: Sound, other: Sound, steps: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """True for the tenths of a second in which a channel holds speech of its own, and not the other's leaked into it."""
    here, there = (measure(lambda asked, of=of: of[asked.start : asked.end], len(of)) for of in (sound, other))
    flags = np.zeros(steps, dtype=np.bool_)
    for span in speech_spans(here, ignored=bleed(here, there)):
        flags[round(span.start_s * 10) : round(span.end_s * 10)] = True
    return flags


@pytest.mark.parametrize("name", ["ru-dev-10.wav", "en-dev-03.wav", "ru-dev-05.ogg", "ru-dev-04.mp3"])
def test_nine_seconds_in_ten_go_to_the_right_voice(name: str) -> None:
    agent, customer = read(SAMPLES / name)
    voices = told(agent + customer)
    first, second = (speaking(*pair, len(voices.states)) for pair in ((agent, customer), (customer, agent)))
    judged = (first != second) & (voices.states >= 0)
    right = float((voices.states[judged] == second[judged]).mean())
    assert max(right, 1 - right) > 0.9
    assert voices.changes_per_min < 10


def test_one_voice_shows_by_changing_in_the_middle_of_words() -> None:
    assert told(read(SAMPLES / "ru-dev-10.wav")[0]).changes_per_min > 12
