"""Where in a call the example models see a rule, and why: the nearest example and the words that weighed most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.scoring.dialogue import Dialogue, Sentence
from service.scoring.example_nearest import ROUNDED, NearestExample
from service.scoring.example_scores import Doubles, LinearScores
from service.scoring.examples import GroupModel, SpeakerModel, TrainedModels
from service.scoring.language import Pipeline, Word
from service.scoring.pack import Rule
from service.scoring.transcript import Speaker

#: What somebody says in one go is also judged as a whole, if it is no longer than this (in words).
LONGEST_WHOLE_TURN = 120
#: Words that explain a similarity, at most.
MOST_FRAGMENT_WORDS = 4


class Likeness(NamedTuple):
    """A sentence that is like a rule's examples. `similarity` 0..1, rounded."""

    rule: str
    sentence: Sentence
    similarity: float


class SpeakerRows(NamedTuple):
    """Rows of one speaker: all sentences, then the turns of several sentences (indices of those), and their scores.

    `judging` has the rows that judge a sentence, by its index in the dialogue: its own, then its turn's as a whole.
    `before` tells by row what the other party said just before.
    """

    sentences: list[Sentence]
    turns: list[list[int]]
    scores: Doubles
    judging: Mapping[int, list[int]]
    before: npt.NDArray[np.intp]


#: What the models make of a call, by speaker.
Heard = Mapping[Speaker, SpeakerRows]


#: What comes before a turn; also the row of a rule's odds.
_NOTHING, _QUESTION, _STATEMENT = range(3)


class _Place(NamedTuple):
    """Where a rule's score stands among a speaker's columns, and that of "none" (None if it has none)."""

    column: int
    none: int | None
    group: GroupModel


class ExampleFinder:
    """Runs the example models of a pack over calls."""

    def __init__(self, models: TrainedModels, rules: Mapping[str, Rule], language: Pipeline) -> None:
        self._models = models
        self._rules = rules
        self._language = language
        self._scores = {speaker: _side_by_side(model) for speaker, model in models.items()}
        self._places = {speaker: _places(model) for speaker, model in models.items()}
        self._nearest: dict[tuple[str, str], NearestExample] = {}

    def hear(self, dialogue: Dialogue) -> Heard:
        """The scores of everything that was said in a call."""
        heard: dict[Speaker, SpeakerRows] = {}
        for name in self._models:
            speaker: Speaker = "agent" if name == "agent" else "customer"
            rows = self._rows(dialogue, speaker)
            if rows is not None:
                heard[speaker] = rows
        return heard

    def similarity(self, heard: Heard, rule: str, sentence: Sentence) -> float | None:
        """How like the rule's examples a sentence is, by itself or with its whole turn, whatever other rules are liker.

        None where the rule learns from no examples of this speaker.
        """
        rows, place = heard.get(sentence.speaker), self._places.get(sentence.speaker, {}).get(rule)
        if rows is None or place is None:
            return None
        judging = rows.judging[sentence.index]
        scores = rows.scores[judging if place.none is not None else judging[:1]]
        margins = scores[:, place.column] - (0 if place.none is None else scores[:, place.none])
        return place.group.similarity(float(margins.max()))

    def likenesses(self, heard: Heard, *, share: float = 1.0) -> Iterator[Likeness]:
        """Sentences whose similarity reaches the rule's threshold (or that share of it), by group and place.

        In groups whose rules exclude one another the turn as a whole may reach it too; its most telling sentence is named.
        """
        for speaker, rows in heard.items():
            start = 0
            for group in self._models[speaker].groups:
                end = start + group.weights.shape[1]
                yield from self._in_group(group, rows, rows.scores[:, start:end], share)
                start = end

    def explain(self, likeness: Likeness) -> tuple[str, tuple[str, ...]]:
        """(the nearest example, the fragments of the sentence that weighed most)."""
        speaker, rule = likeness.sentence.speaker, likeness.rule
        words = likeness.sentence.words
        examples = self._rules[rule].like
        if (speaker, rule) not in self._nearest:
            read = [self._language.words(text) for text in examples]
            self._nearest[speaker, rule] = NearestExample(self._models[speaker].vocabulary, read)
        place = self._places[speaker][rule]
        shares = self._scores[speaker].shares(words, place.column, place.none)
        return examples[self._nearest[speaker, rule].to(words)], _fragments(words, shares)

    def _rows(self, dialogue: Dialogue, speaker: Speaker) -> SpeakerRows | None:
        sentences = [sentence for sentence in dialogue.sentences if sentence.speaker == speaker]
        if not sentences:
            return None
        turns: list[list[int]] = []
        first = 0
        for index in range(1, len(sentences) + 1):
            if index == len(sentences) or sentences[index].turn != sentences[first].turn:
                members = list(range(first, index))
                if len(members) > 1 and sum(len(sentences[i].words) for i in members) <= LONGEST_WHOLE_TURN:
                    turns.append(members)
                first = index
        units: list[Sequence[Word]] = [sentence.words for sentence in sentences]
        if any(group.exclusive for group in self._models[speaker].groups):
            units += [[word for i in members for word in sentences[i].words] for members in turns]
        judging = {sentence.index: [row] for row, sentence in enumerate(sentences)}
        if len(units) > len(sentences):
            for turn, members in enumerate(turns, start=len(sentences)):
                for row in members:
                    judging[sentences[row].index].append(turn)
        spoken = [sentence.turn for sentence in sentences] + [sentences[members[0]].turn for members in turns]
        before = np.array([_before(dialogue, turn) for turn in spoken[: len(units)]])
        return SpeakerRows(sentences, turns, self._scores[speaker].of(units), judging, before)

    def _in_group(self, group: GroupModel, rows: SpeakerRows, scores: Doubles, share: float) -> Iterator[Likeness]:
        similarities = group.similarities(scores, _odds([self._rules[rule] for rule in group.rules])[rows.before])
        thresholds = np.array([self._rules[rule].threshold * share for rule in group.rules])
        count = len(rows.sentences)
        seen: set[tuple[int, str]] = set()
        for row, column in _reaching(similarities[:count], thresholds):
            sentence = rows.sentences[row]
            seen.add((sentence.turn, group.rules[column]))
            yield Likeness(group.rules[column], sentence, float(similarities[row, column]))
        if not group.exclusive:
            return
        for row, column in _reaching(similarities[count:], thresholds):
            members = rows.turns[row]
            rule = group.rules[column]
            if (rows.sentences[members[0]].turn, rule) not in seen:
                over_none = np.round(scores[members, column] - scores[members, -1], ROUNDED)
                telling = rows.sentences[members[int(over_none.argmax())]]
                yield Likeness(rule, telling, float(similarities[count + row, column]))


def _before(dialogue: Dialogue, turn: int) -> int:
    """What the other party said before a turn: its last sentence counts."""
    said = dialogue.sentences_of(dialogue.turns[turn - 1]) if turn else ()
    if not said:
        return _NOTHING
    return _QUESTION if said[-1].question else _STATEMENT


def _odds(rules: Sequence[Rule]) -> Doubles:
    """Factors of the odds: what comes before x rules."""
    return np.array(
        [
            np.ones(len(rules)),
            [rule.odds.after_question for rule in rules],
            [rule.odds.after_statement for rule in rules],
        ]
    )


def _reaching(similarities: Doubles, thresholds: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """(row, column) of the similarities that reach their threshold; nothing reaches one of 0."""
    rows, columns = np.nonzero((similarities >= thresholds) & (similarities > 0))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _side_by_side(model: SpeakerModel) -> LinearScores:
    """The weights and biases of all groups as one model."""
    weights = np.concatenate([group.weights for group in model.groups], axis=1)
    return LinearScores(model.vocabulary, weights, np.concatenate([group.bias for group in model.groups]))


def _places(model: SpeakerModel) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    start = 0
    for group in model.groups:
        columns = group.weights.shape[1]
        none = start + columns - 1 if group.exclusive else None
        places.update({rule: _Place(start + index, none, group) for index, rule in enumerate(group.rules)})
        start += columns
    return places


def _fragments(words: Sequence[Word], shares: Sequence[float]) -> tuple[str, ...]:
    """The words that weighed most, neighbours together, the weightiest first."""
    ranked = sorted((i for i in range(len(words)) if shares[i] > 0), key=lambda i: (-round(shares[i], ROUNDED), i))
    runs: list[list[int]] = []
    for index in sorted(ranked[:MOST_FRAGMENT_WORDS]):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    runs.sort(key=lambda run: (-round(sum(shares[i] for i in run), ROUNDED), run[0]))
    return tuple(" ".join(words[i].text for i in run) for run in runs)
