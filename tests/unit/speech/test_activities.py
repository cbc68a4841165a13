"""A channel that much leaks into is heard a second time, with the leak taken out; one without is heard once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.unit.speech.samples import FRAME_S, activity
from workers.speech.activities import Read, heard_apart
from workers.speech.recording import Recording
from workers.speech.spans import Span
from workers.speech.vad import FRAME_SAMPLES, Activity

SECONDS = 20.0
#: Each channel is one number, so that whoever listens knows which it is.
REP_SOUND, CUSTOMER_SOUND = 100, 200
REP = activity(SECONDS, (0, 12, 0.9, -30))
#: The customer's answer was missed behind the rep's leaking voice.
MISSED = activity(SECONDS, (0, 12, 0.9, -55), (13, 15, 0.1, -38), (16, 19, 0.9, -38))
FOUND = activity(SECONDS, (13, 15, 0.9, -38), (16, 19, 0.9, -38))


class Network:
    """Judges the rep's channel, the customer's as it is, and the customer's with the leak faded out."""

    def __init__(self, customer: Activity) -> None:
        self._customer = customer
        self.asked: list[str] = []

    def __call__(self, read: Read, samples: int, _on_progress: Callable[[float], None]) -> Activity:
        sound = read(Span(0, samples)) * 32768
        if round(float(sound.max())) == REP_SOUND:
            self.asked.append("rep")
            return REP
        faded = sound.min() == 0
        self.asked.append("customer without the leak" if faded else "customer")
        return FOUND if faded else self._customer


def heard(network: Network) -> list[Activity]:
    with Recording() as recording:
        count = len(REP.level_db) * FRAME_SAMPLES
        recording.append(np.tile(np.array([[REP_SOUND, CUSTOMER_SOUND]], dtype=np.int16), (count, 1)))
        return heard_apart(recording, lambda _share: None, judge=network)[0]


def test_what_was_missed_behind_a_leaking_voice_is_found() -> None:
    network = Network(MISSED)
    found = heard(network)
    assert sorted(network.asked) == ["customer", "customer without the leak", "rep"]
    answer = slice(round(13.2 / FRAME_S), round(14.8 / FRAME_S))
    assert found[1].probability[answer].min() > 0.5


def test_clean_channels_are_listened_to_once() -> None:
    network = Network(activity(SECONDS, (13, 19, 0.9, -38)))
    heard(network)
    assert sorted(network.asked) == ["customer", "rep"]
