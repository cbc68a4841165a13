"""A channel with both voices: whose each word is, as far as voices and words tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from service.scoring.transcript import Speaker, Word
from workers.speech.roles import agent_probability
from workers.speech.spans import Span
from workers.speech.voices import Voices

#: Below this the speakers count as unknown.
SURE_ENOUGH = 0.8
#: Share of seconds right where voices take turns at pauses (16 development calls mixed down: 97.7 %, the worst 94.7 %).
_RIGHT = 0.97
#: Changes of voice without a pause in a minute: up to the first as in those calls (4 to 9), from the second on as in single
#: voices cut in two (9 to 36).
_CALM_PER_MIN, _RESTLESS_PER_MIN = 9.0, 12.0
#: A sentence this short that stands alone between words of the other voice, without a pause, is the other voice's.
_ISLAND_S, _ISLAND_PAUSE_S = 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Told:
    """Words and spans of speech by speaker, and how sure it is that they are theirs (0..1, the share expected to be right)."""

    words: dict[Speaker, tuple[Word, ...]]
    spans: dict[Speaker, tuple[Span, ...]]
    confidence: float


def told_apart(words: Sequence[Word], voices: Voices | None, language: str) -> Told | None:
    """The words of a channel by speaker; None where that is a guess."""
    if voices is None or not words:
        return None
    said = _by_voice(words, voices)
    if not said[0] or not said[1]:
        return None
    agent = agent_probability(said[0], said[1], language)
    right = float(np.interp(voices.changes_per_min, (_CALM_PER_MIN, _RESTLESS_PER_MIN), (_RIGHT, 0.5)))
    confidence = round(right * max(agent, 1 - agent), 3)
    if confidence < SURE_ENOUGH:
        return None
    first: Speaker = "agent" if agent >= 0.5 else "customer"  # noqa: PLR2004  the likelier
    second: Speaker = "customer" if first == "agent" else "agent"
    return Told({first: said[0], second: said[1]}, {first: voices.spans_of(0), second: voices.spans_of(1)}, confidence)


def _by_voice(words: Sequence[Word], voices: Voices) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Each word goes to the voice under it; where none was heard, to the one before."""
    owners: list[int] = []
    for word in words:
        voice = voices.at(word.start_s, word.end_s)
        owners.append(voice if voice >= 0 else (owners[-1] if owners else 0))
    runs = [(owner, [index for index, _ in run]) for owner, run in groupby(enumerate(owners), key=lambda pair: pair[1])]
    for (before, head), (_, run), (after, tail) in zip(runs, runs[1:], runs[2:], strict=False):
        first, last = words[run[0]], words[run[-1]]
        lone = last.end_s - first.start_s <= _ISLAND_S
        glued = (
            first.start_s - words[head[-1]].end_s <= _ISLAND_PAUSE_S
            and words[tail[0]].start_s - last.end_s <= _ISLAND_PAUSE_S
        )
        if lone and glued and before == after:
            for index in run:
                owners[index] = before
    return (
        tuple(word for word, owner in zip(words, owners, strict=True) if owner == 0),
        tuple(word for word, owner in zip(words, owners, strict=True) if owner == 1),
    )
