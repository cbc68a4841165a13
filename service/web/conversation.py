"""The words of a call as a page shows them: turns, the pauses between them, hits underlined, doubtful spans apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.scoring.dialogue import word_places
from service.scoring.redaction import REDACTED
from service.scoring.transcript import Speaker, Transcript, Utterance
from service.web.cited import Cited

#: Seconds of silence that are shown as a pause: what scoring counts as one.
PAUSE_S = 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under the same hits and the same doubt; `begins` are the hits that begin with it.

    The `text` of a redacted stretch is empty for who may not read it.
    """

    text: str
    hits: tuple[Cited, ...] = ()
    begins: tuple[Cited, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance. `pause_s` is the silence before it, None if it is not worth showing."""

    number: int
    speaker: Speaker
    start_s: float | None
    end_s: float | None
    confidence: float | None
    pieces: tuple[Piece, ...]
    pause_s: float | None


def turns(transcript: Transcript, hits: Sequence[Cited], *, hide: bool = False) -> tuple[Turn, ...]:
    """The transcript with its hits. `hide`: without the words of redacted spans."""
    by_utterance: dict[int, list[Cited]] = {}
    for hit in hits:
        by_utterance.setdefault(hit.utterance, []).append(hit)
    found: list[Turn] = []
    spoken_until: float | None = None
    for number, utterance in enumerate(transcript.utterances):
        pause = None if utterance.start_s is None or spoken_until is None else utterance.start_s - spoken_until
        found.append(
            Turn(
                number=number,
                speaker=utterance.speaker,
                start_s=utterance.start_s,
                end_s=utterance.end_s,
                confidence=utterance.confidence,
                pieces=pieces(utterance, by_utterance.get(number, ()), hide=hide),
                pause_s=pause if pause is not None and pause >= PAUSE_S else None,
            )
        )
        if utterance.end_s is not None:
            spoken_until = max(spoken_until or 0.0, utterance.end_s)
    return tuple(found)


def pieces(utterance: Utterance, hits: Sequence[Cited], *, hide: bool = False) -> tuple[Piece, ...]:
    """The utterance's text cut where a hit or a doubtful span begins or ends; joined again they are the text (or, `hide`, all of it that is
    not redacted).
    """
    text = utterance.text
    doubts = _doubts(utterance)
    edges = {0, len(text)}
    for first, end in [*((hit.first, hit.end) for hit in hits), *((first, end) for first, end, _ in doubts)]:
        edges |= {min(max(first, 0), len(text)), min(max(end, 0), len(text))}
    marks = sorted(edges)
    found = []
    for first, end in pairwise(marks):
        reasons = [reason for begin, close, reason in doubts if begin < end and first < close]
        doubt = REDACTED if REDACTED in reasons else next(iter(reasons), None)
        found.append(
            Piece(
                text="" if hide and doubt == REDACTED else text[first:end],
                hits=tuple(hit for hit in hits if hit.first < end and first < hit.end),
                begins=tuple(hit for hit in hits if hit.first == first),
                doubt=doubt,
            )
        )
    return tuple(found)


def _doubts(utterance: Utterance) -> list[tuple[int, int, str]]:
    """Characters that are not to be trusted, and why."""
    if not utterance.marks:
        return []
    places = word_places(utterance)
    last = len(places) - 1
    return [
        (places[min(mark.first, last)][0], places[min(mark.last, last)][1], mark.reason)
        for mark in utterance.marks
        if places
    ]
