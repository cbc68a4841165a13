"""Words, utterances and channel activity as the tests write them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.scoring.transcript import Speaker, Utterance, Word
from workers.speech.guard import Backing
from workers.speech.vad import FRAME_SAMPLES, Activity, Flags

FRAME_S = FRAME_SAMPLES / 16_000


def words(text: str, start_s: float = 0.0, *, each_s: float = 0.4, probability: float = 0.9) -> tuple[Word, ...]:
    """One word after the other, without pauses."""
    return tuple(
        Word(word, start_s + index * each_s, start_s + (index + 1) * each_s, probability)
        for index, word in enumerate(text.split())
    )


def utterance(speaker: Speaker, said: Sequence[Word]) -> Utterance:
    return Utterance(
        speaker=speaker,
        text=" ".join(word.text for word in said),
        start_s=said[0].start_s,
        end_s=said[-1].end_s,
        confidence=0.9,
        words=tuple(said),
    )


def activity(seconds: float, *stretches: tuple[float, float, float, float], floor_db: float = -60.0) -> Activity:
    """A channel of noise at `floor_db` with stretches (start s, end s, probability of speech, level dB)."""
    count = round(seconds / FRAME_S)
    probability = np.full(count, 0.02, dtype=np.float32)
    level_db = np.full(count, floor_db, dtype=np.float32)
    for start_s, end_s, speech, db in stretches:
        frames = slice(round(start_s / FRAME_S), round(end_s / FRAME_S))
        probability[frames] = speech
        level_db[frames] = db
    return Activity(probability, level_db)


def flags(under: Activity, *stretches: tuple[float, float]) -> Flags:
    """True within the stretches (seconds)."""
    result: Flags = np.zeros(len(under.level_db), dtype=np.bool_)
    for start_s, end_s in stretches:
        result[round(start_s / FRAME_S) : round(end_s / FRAME_S)] = True
    return result


def backing(under: Activity, *, bleed: Flags | None = None, silent: Flags | None = None) -> Backing:
    none = flags(under)
    return Backing(under, none if bleed is None else bleed, none if silent is None else silent)
