"""The copy of a recording for who may not hear all of it: silence where words are redacted, the same sound elsewhere."""

from __future__ import annotations

import io

import numpy as np
import pytest

from service.scoring.redaction import MARGIN_S, REDACTED, hidden_seconds
from service.scoring.transcript import Mark, Transcript, Utterance, Word
from tests.fixtures.installation import SAMPLES
from workers.speech.audio import decode
from workers.speech.recording import Recording
from workers.speech.silenced import write_silenced
from workers.speech.spans import SAMPLE_RATE_HZ, Span

#: A tenth of a second: what an encoder smears at the edge of a silence.
EDGE_S = 0.1
SILENT = ((5.0, 7.5), (29.5, 30.5), (40.0, 41.0))


def loudness(recording: Recording, start_s: float, end_s: float) -> float:
    span = Span(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))
    return max(float(np.abs(recording.read(channel, span)).max()) for channel in range(recording.channels))


@pytest.mark.parametrize("name", ["ru-dev-05.ogg", "en-dev-03.wav"])
def test_nothing_is_heard_in_the_silent_seconds_and_all_else_stays_in_its_place(name: str) -> None:
    copy = io.BytesIO()
    with decode(SAMPLES / name, max_duration_s=600) as whole:
        write_silenced(whole, SILENT, copy)
        copy.seek(0)
        with decode(copy, max_duration_s=600) as heard:
            assert heard.channels == whole.channels
            assert heard.duration_s == pytest.approx(whole.duration_s, abs=0.1)
            for start_s, end_s in SILENT:
                assert loudness(whole, start_s, end_s) > 0.02, "the sample says something here"
                assert loudness(heard, start_s + EDGE_S, end_s - EDGE_S) < 0.002
            # Second by second as loud as before: nothing has moved.
            for second in (second for second in range(2, int(whole.duration_s) - 2) if _apart(second)):
                before, after = loudness(whole, second, second + 1), loudness(heard, second, second + 1)
                assert after == pytest.approx(before, rel=0.5, abs=0.03), second


def _apart(second: int) -> bool:
    return all(second + 1 < start_s or second > end_s for start_s, end_s in SILENT)


def line(*marks: Mark, words: bool = True, timed: bool = True) -> Transcript:
    said = tuple(Word(text, 2.0 + at, 2.5 + at, 0.9) for at, text in enumerate(("Меня", "зовут", "Иван", "Кузнецов")))
    text = " ".join(word.text for word in said)
    from_s, to_s = (2.0, 5.5) if timed else (None, None)
    utterance = Utterance("customer", text, from_s, to_s, 0.9, said if words else (), marks)
    return Transcript("ru", (utterance,), duration_s=9.0)


def test_redacted_words_are_hidden_with_a_margin_since_times_are_not_exact() -> None:
    assert hidden_seconds(line()) == ()
    assert hidden_seconds(line(Mark(0, 1, "crosstalk"))) == ()
    assert hidden_seconds(line(Mark(2, 3, REDACTED))) == ((4.0 - MARGIN_S, 5.5 + MARGIN_S),)
    assert hidden_seconds(line(Mark(0, 0, REDACTED), Mark(2, 2, REDACTED))) == (
        (2.0 - MARGIN_S, 2.5 + MARGIN_S),
        (4.0 - MARGIN_S, 4.5 + MARGIN_S),
    )


def test_words_without_times_hide_their_whole_turn_and_a_turn_without_times_the_recording() -> None:
    assert hidden_seconds(line(Mark(2, 2, REDACTED), words=False)) == ((2.0 - MARGIN_S, 5.5 + MARGIN_S),)
    assert hidden_seconds(line(Mark(2, 2, REDACTED), words=False, timed=False)) is None
