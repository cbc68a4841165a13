"""Two voices in one channel, told apart by their sound alone.

Stretches of speech become points (how far a mixture of the whole call has to be bent to fit each of them), the points are
reduced to their main directions and parted in two (Shum et al. 2011), and the two voices' mixtures then decide every tenth of
a second, with a cost for changing hands (Viterbi).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.speech.mixtures import Frames, Mixture, fitted
from workers.speech.spans import SAMPLE_RATE_HZ, Span, total_s
from workers.speech.voiceprint import HOP_SAMPLES, frames_of

States = npt.NDArray[np.int8]
#: Components of a mixture, and how many frames outweigh its prior means (for stretches, for whole voices).
_COMPONENTS = 6
_STRETCH_RELEVANCE, _VOICE_RELEVANCE = 8.0, 16.0
#: Stretches are about this long: a speaker rarely changes within, and a voice shows.
_STRETCH_FRAMES = 150
_LEAST_FRAMES = 15
_DIRECTIONS = 3
_PARTING_ROUNDS = 20
_DECIDING_ROUNDS = 4
#: Percent of the frames of speech that are too quiet to tell much of a voice.
_QUIET_SHARE = 20
#: Frames decided together (0.1 s), how much one frame's evidence counts (neighbours say the same again), and the cost of a change.
_STEP_FRAMES = 10
_EVIDENCE = 0.3
_CHANGE_COST = 6.0
#: Frames that the mixture of the whole call is learned from: more change nothing.
_LEARNED_FRAMES = 60_000
#: A voice with fewer frames than this (half a second) is none.
_VOICE_FRAMES = 50
_STEP_SAMPLES = _STEP_FRAMES * HOP_SAMPLES


@dataclass(frozen=True, slots=True)
class Voices:
    """Which of two voices (0 or 1) speaks in each tenth of a second of the spans; -1 outside.

    `changes_per_min` counts changes of the voice without a pause, in a minute of speech: people take turns at pauses, and one
    voice that is cut in two changes everywhere.
    """

    states: States
    changes_per_min: float

    def at(self, start_s: float, end_s: float) -> int:
        """The voice that speaks most of a time span; -1 if none does."""
        first = int(start_s * SAMPLE_RATE_HZ / _STEP_SAMPLES)
        last = max(first + 1, -int(-end_s * SAMPLE_RATE_HZ // _STEP_SAMPLES))
        heard = self.states[first:last]
        heard = heard[heard >= 0]
        return -1 if not len(heard) else int(heard.mean() >= 0.5)  # noqa: PLR2004  a majority

    def spans_of(self, voice: int) -> tuple[Span, ...]:
        """Where a voice speaks."""
        edges = np.flatnonzero(np.diff(self.states == voice, prepend=False, append=False))
        return tuple(
            Span(int(start) * _STEP_SAMPLES, int(end) * _STEP_SAMPLES)
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        )


def two_voices(read: Callable[[Span], npt.NDArray[np.float32]], spans: Sequence[Span]) -> Voices | None:
    """Tell apart who speaks in the spans of a channel; None if there is too little speech for two."""
    pieces = [piece for span in spans for piece in _stretches(span)]
    measured = [frames_of(read(piece)) for piece in pieces]
    if sum(len(loudness) for _, loudness in measured) < 2 * _STRETCH_FRAMES:
        return None
    loudness = np.concatenate([part for _, part in measured])
    features = np.concatenate([part for part, _ in measured]).astype(np.float64)
    # Vowels tell voices apart; hissing, and the line's noise, do not.
    loud = (loudness > np.percentile(loudness, _QUIET_SHARE)) & ~np.isnan(features[:, -1])
    if loud.sum() < 2 * _VOICE_FRAMES:
        return None
    frames = _normal(features, loud)
    edges = np.cumsum([0, *(len(part) for _, part in measured)])
    heard = frames[loud]
    whole = fitted(heard[:: max(1, len(heard) // _LEARNED_FRAMES)], _COMPONENTS)
    found = [
        decided
        for start in _partings(frames, loud, edges, whole)
        if (decided := _decided(np.repeat(start, np.diff(edges)), frames, loud, whole)) is not None
    ]
    if not found:
        return None
    states = _on_clock(max(found, key=lambda decided: decided[1])[0], pieces, edges)
    changes = sum(_changes(states[span.start // _STEP_SAMPLES : span.end // _STEP_SAMPLES]) for span in spans)
    return Voices(states, round(60 * changes / total_s(spans), 1))


def _changes(states: States) -> int:
    known = states[states >= 0]
    return int(np.count_nonzero(np.diff(known)))


def _decided(state: States, frames: Frames, loud: npt.NDArray[np.bool_], whole: Mixture) -> tuple[States, float] | None:
    """Who speaks in each frame, from a first guess, and by how much two voices explain a frame better than one."""
    gain = 0.0
    for _ in range(_DECIDING_ROUNDS):
        if min(int((loud & (state == voice)).sum()) for voice in (0, 1)) < _VOICE_FRAMES:
            return None
        mixtures = [whole.adapted(frames[loud & (state == voice)], _VOICE_RELEVANCE) for voice in (0, 1)]
        first, second = (mixture.log_likelihood(frames) for mixture in mixtures)
        state = _course(np.where(loud, first - second, 0.0) * _EVIDENCE)
        gain = float((np.where(state == 0, first, second) - whole.log_likelihood(frames))[loud].mean())
    return state, gain


def _stretches(span: Span) -> list[Span]:
    count = max(1, round(span.samples / (_STRETCH_FRAMES * HOP_SAMPLES)))
    edges = [span.start + span.samples * index // count for index in range(count + 1)]
    return [Span(start, end) for start, end in itertools.pairwise(edges)]


def _normal(features: Frames, loud: npt.NDArray[np.bool_]) -> Frames:
    """Every dimension with mean 0 and deviation 1 over the loud frames; a frame without pitch has the usual one."""
    frames = features.copy()
    frames[np.isnan(frames[:, -1]), -1] = np.median(frames[loud, -1])
    return np.asarray((frames - frames[loud].mean(axis=0)) / (frames[loud].std(axis=0) + 1e-6))


def _partings(
    frames: Frames, loud: npt.NDArray[np.bool_], edges: npt.NDArray[np.int64], whole: Mixture
) -> list[States]:
    """First guesses at the voice of each stretch (-1: too short to tell)."""
    scale = np.sqrt(whole.weights)[:, None] / np.sqrt(whole.variances)
    points, weights, pitches, known = [], [], [], []
    for index, (start, end) in enumerate(itertools.pairwise(edges)):
        heard = frames[start:end][loud[start:end]]
        if len(heard) >= _LEAST_FRAMES:
            points.append(((whole.adapted(heard, _STRETCH_RELEVANCE).means - whole.means) * scale).ravel())
            weights.append(len(heard))
            pitches.append(float(np.median(heard[:, -1])))
            known.append(index)
    if len(points) <= _DIRECTIONS:
        return []
    weight = np.array(weights, dtype=np.float64)
    cloud = np.array(points) - np.average(points, axis=0, weights=weight)
    directions = np.linalg.svd(np.sqrt(weight)[:, None] * cloud, full_matrices=False)[2][:_DIRECTIONS]
    places = cloud @ directions.T
    pitch = np.array(pitches)
    starts = [*places.T, pitch]
    guesses = []
    for start in starts:
        voices: States = np.full(len(edges) - 1, -1, dtype=np.int8)
        voices[known] = (
            _halved(places, weight, start) if start is not pitch else pitch > np.average(pitch, weights=weight)
        )
        guesses.append(voices)
    return guesses


def _halved(places: Frames, weight: Frames, start: Frames) -> States:
    """Two clusters (k-means) that begin as the two sides of a direction."""
    side = (start > np.average(start, weights=weight)).astype(np.int8)
    for _ in range(_PARTING_ROUNDS):
        centres = _centres(places, weight, side)
        moved = ((places[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1).astype(np.int8)
        if (moved == side).all():
            break
        side = moved
    return side


def _centres(places: Frames, weight: Frames, side: States) -> Frames:
    return np.array(
        [
            np.average(places[side == voice], axis=0, weights=weight[side == voice])
            if (side == voice).any()
            else np.zeros(places.shape[1])
            for voice in (0, 1)
        ]
    )


def _course(evidence: Frames) -> States:
    """The likeliest course of two voices; evidence (frames,) is positive for the first."""
    steps = np.add.reduceat(evidence, np.arange(0, len(evidence), _STEP_FRAMES))
    came_from = np.zeros((len(steps), 2), dtype=np.int8)
    first = second = 0.0
    for index, step in enumerate(steps.tolist()):
        # Staying costs nothing; a change has to be worth its cost.
        to_first, to_second = second - _CHANGE_COST > first, first - _CHANGE_COST > second
        came_from[index] = (int(to_first), int(not to_second))
        first, second = (
            (second - _CHANGE_COST if to_first else first) + step / 2,
            (first - _CHANGE_COST if to_second else second) - step / 2,
        )
    course: States = np.zeros(len(steps), dtype=np.int8)
    voice = int(second > first)
    for index in range(len(steps) - 1, -1, -1):
        course[index] = voice
        voice = int(came_from[index, voice])
    return np.repeat(course, _STEP_FRAMES)[: len(evidence)]


def _on_clock(state: States, pieces: Sequence[Span], edges: npt.NDArray[np.int64]) -> States:
    result: States = np.full(pieces[-1].end // _STEP_SAMPLES + 1, -1, dtype=np.int8)
    for piece, (start, end) in zip(pieces, itertools.pairwise(edges), strict=True):
        steps = np.arange(piece.start // _STEP_SAMPLES, piece.end // _STEP_SAMPLES + 1)
        if end > start:
            frames = np.clip((steps * _STEP_SAMPLES - piece.start) // HOP_SAMPLES, 0, end - start - 1)
            result[steps] = state[start + frames]
    return result
