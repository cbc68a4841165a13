"""The waveform of a call's page shows where each party was loud."""

from __future__ import annotations

import json

import numpy as np

from workers.speech.outline import LEVELS, POINTS, outline
from workers.speech.recording import Recording


def _outline(samples: np.ndarray[tuple[int, int], np.dtype[np.int16]]) -> list[list[int]]:
    with Recording() as recording:
        recording.append(samples)
        found: list[list[int]] = json.loads(outline(recording))["channels"]
    return found


def test_each_channel_is_drawn_where_it_is_loud() -> None:
    samples = np.zeros((16_000 * 60, 2), np.int16)
    samples[: 16_000 * 30, 0] = 12_000
    samples[16_000 * 30 :, 1] = 6_000
    left, right = _outline(samples)
    half = POINTS // 2
    assert (set(left[:half]), set(left[half:])) == ({LEVELS}, {0})
    assert (set(right[:half]), set(right[half:])) == ({0}, {round(LEVELS / 2)})


def test_hardly_any_sound_is_not_drawn_as_speech() -> None:
    assert max(_outline(np.full((16_000, 1), 20, np.int16))[0]) < LEVELS / 10


def test_a_recording_of_a_few_samples_has_an_outline() -> None:
    assert len(_outline(np.ones((3, 1), np.int16))[0]) == POINTS
