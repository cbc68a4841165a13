"""Where in a call the example models see a rule, and why: the nearest example and the words that weighed most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.scoring.dialogue import Dialogue, Sentence
from service.scoring.examples import GroupModel, SpeakerModel, TrainedModels
from service.scoring.language import Pipeline, Word
from service.scoring.ngrams import Floats, Matrix, SparseRow, closeness, row_of
from service.scoring.pack import Rule
from service.scoring.transcript import Speaker

#: What somebody says in one go is also judged as a whole, if it is no longer than this (in words).
LONGEST_WHOLE_TURN = 120
#: Words that explain a similarity, at most.
MOST_FRAGMENT_WORDS = 4
#: Decimals that decide between examples and between fragments.
ROUNDED = 6


class Likeness(NamedTuple):
    """A sentence that is like a rule's examples. `similarity` 0..1, rounded."""

    rule: str
    sentence: Sentence
    similarity: float
    row: SparseRow


class _Rows(NamedTuple):
    """Rows of one speaker: all sentences, then the turns of several sentences."""

    sentences: list[Sentence]
    turns: list[list[int]]
    matrix: Matrix
    scores: npt.NDArray[np.float64]


class ExampleFinder:
    """Runs the example models of a pack over calls."""

    def __init__(self, models: TrainedModels, rules: Mapping[str, Rule], language: Pipeline) -> None:
        self._models = models
        self._rules = rules
        self._language = language
        self._weights = {speaker: _side_by_side(model) for speaker, model in models.items()}
        self._examples: dict[tuple[str, str], Matrix] = {}

    def likenesses(self, dialogue: Dialogue, *, share: float = 1.0) -> Iterator[Likeness]:
        """Sentences whose similarity reaches the rule's threshold (or that share of it), by group and place.

        In groups whose rules exclude one another the turn as a whole may reach it too; its most telling sentence is named.
        """
        for speaker, model in self._models.items():
            rows = self._rows(dialogue, "agent" if speaker == "agent" else "customer", model)
            if rows is None:
                continue
            start = 0
            for group in model.groups:
                end = start + group.weights.shape[1]
                yield from self._in_group(group, rows, rows.scores[:, start:end], share)
                start = end

    def _rows(self, dialogue: Dialogue, speaker: Speaker, model: SpeakerModel) -> _Rows | None:
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
        units += [[word for i in members for word in sentences[i].words] for members in turns]
        weights, bias = self._weights[speaker]
        matrix = model.vocabulary.matrix(units)
        scores: npt.NDArray[np.float64] = (matrix @ weights).astype(np.float64) + bias
        return _Rows(sentences, turns, matrix, scores)

    def _in_group(
        self, group: GroupModel, rows: _Rows, scores: npt.NDArray[np.float64], share: float
    ) -> Iterator[Likeness]:
        similarities = group.similarities(scores)
        thresholds = np.array([self._rules[rule].threshold * share for rule in group.rules])
        count = len(rows.sentences)
        seen: set[tuple[int, str]] = set()
        for row, column in np.argwhere(similarities[:count] >= thresholds).tolist():
            sentence = rows.sentences[row]
            seen.add((sentence.turn, group.rules[column]))
            yield Likeness(group.rules[column], sentence, float(similarities[row, column]), row_of(rows.matrix, row))
        if not group.exclusive:
            return
        for row, column in np.argwhere(similarities[count:] >= thresholds).tolist():
            members = rows.turns[row]
            rule = group.rules[column]
            if (rows.sentences[members[0]].turn, rule) not in seen:
                over_none = scores[members, column] - scores[members, -1]
                telling = members[int(over_none.argmax())]
                similarity = float(similarities[count + row, column])
                yield Likeness(rule, rows.sentences[telling], similarity, row_of(rows.matrix, telling))

    def explain(self, likeness: Likeness) -> tuple[str, tuple[str, ...]]:
        """(the nearest example, the fragments of the sentence that weighed most)."""
        speaker = likeness.sentence.speaker
        model = self._models[speaker]
        words = likeness.sentence.words
        examples = self._rules[likeness.rule].like
        key = (speaker, likeness.rule)
        if key not in self._examples:
            self._examples[key] = model.vocabulary.matrix([self._language.words(text) for text in examples])
        close = np.round(closeness(self._examples[key], likeness.row), ROUNDED)
        shares = model.vocabulary.by_word(words, likeness.row, _column(model, likeness.rule))
        return examples[int(close.argmax())], _fragments(words, shares)


def _side_by_side(model: SpeakerModel) -> tuple[Floats, Floats]:
    """The weights and biases of all groups as one matrix and one row."""
    weights = np.concatenate([group.weights for group in model.groups], axis=1)
    return np.ascontiguousarray(weights), np.concatenate([group.bias for group in model.groups])


def _column(model: SpeakerModel, rule: str) -> Floats:
    """What each n-gram adds to a rule's margin."""
    group = next(group for group in model.groups if rule in group.rules)
    weights = group.weights[:, group.rules.index(rule)]
    return weights - group.weights[:, -1] if group.exclusive else weights


def _fragments(words: Sequence[Word], shares: Sequence[float]) -> tuple[str, ...]:
    """The words that weighed most, neighbours together, the weightiest first."""
    ranked = sorted((i for i in range(len(words)) if shares[i] > 0), key=lambda i: (-round(shares[i], ROUNDED), i))
    chosen = sorted(ranked[:MOST_FRAGMENT_WORDS])
    runs: list[list[int]] = []
    for index in chosen:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    runs.sort(key=lambda run: (-round(sum(shares[i] for i in run), ROUNDED), run[0]))
    return tuple(" ".join(words[i].text for i in run) for run in runs)
