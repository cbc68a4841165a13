"""Rules by example: `like:` and `unlike:` sentences -> a small linear model over n-grams.

For every rule a linear support vector machine tells its examples from the other examples of its group and from ordinary
talk (C.-J. Hsieh et al., "A dual coordinate descent method for large-scale linear SVM", ICML 2008). In groups whose rules
exclude one another, "none of them" is a class too and the margin over it counts. A logistic curve, fitted on examples held
out by folds, turns margins into similarities from 0 to 1 (J. Platt, "Probabilistic outputs for support vector machines",
1999). Nothing is drawn at random: the same examples give the same model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from service.scoring.example_sets import ExampleSet
from service.scoring.language import Pipeline, Word
from service.scoring.ngrams import Floats, Matrix, Vocabulary

#: Penalty of the support vector machines. On the stock examples, held out by fifths, F1 is flat between 0.2 and 1.
PENALTY = 0.4
#: Folds in which examples are held out to fit the curve.
FOLDS = 3
#: Of the sentences of a call about this share mean any one rule's kind of thing; examples are mostly hits, so they are weighed
#: down to it. Otherwise every second sentence would look like an objection.
EXPECTED_SHARE = 0.15
#: Similarities are rounded before any threshold sees them, so that no last bit ever decides.
DECIMALS = 3
#: Raised when training changes, so that models kept on disk are made anew.
TRAINING_VERSION = 4
_SEED = 0
_MOST_ITERATIONS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class GroupModel:
    """The model of one group. `weights` is n-grams x columns, one column a rule (and last, if exclusive, one for none).

    A margin m becomes the similarity 1 / (1 + exp(-(slope x m + offset))).
    """

    group: str
    exclusive: bool
    rules: tuple[str, ...]
    weights: Floats
    bias: Floats
    slope: float
    offset: float

    def similarities(
        self, scores: npt.NDArray[np.float64], odds: npt.NDArray[np.float64] | None = None
    ) -> npt.NDArray[np.float64]:
        """Rows of scores (one column of `weights` each) -> rows of similarities, one column a rule.

        In an exclusive group only the best rule of a row keeps its similarity. `odds` (rows x rules) multiply p / (1 - p).
        """
        margins = _margins(scores, exclusive=self.exclusive)
        similar = self._curve(margins, 0.0 if odds is None else np.log(odds))
        if self.exclusive:
            best = margins.argmax(axis=1)
            similar = np.where(np.arange(margins.shape[1]) == best[:, None], similar, 0.0)
        return np.round(similar, DECIMALS)

    def similarity(self, margin: float) -> float:
        """The similarity of one margin."""
        return round(float(self._curve(np.array(margin))), DECIMALS)

    def _curve(
        self, margins: npt.NDArray[np.float64], shift: npt.NDArray[np.float64] | float = 0.0
    ) -> npt.NDArray[np.float64]:
        return 1 / (1 + np.exp(-(self.slope * margins + self.offset + shift)))


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerModel:
    """All models for one speaker over one vocabulary."""

    vocabulary: Vocabulary
    groups: tuple[GroupModel, ...]


TrainedModels = Mapping[str, SpeakerModel]


def training_fingerprint() -> str:
    """Changes whenever the same examples might give another model."""
    return f"{TRAINING_VERSION}-{sklearn.__version__}-{np.__version__}"


def train(sets: Sequence[ExampleSet], language: Pipeline) -> TrainedModels:
    """One model for each set, by speaker. Takes about five seconds for the stock examples."""
    models: dict[str, SpeakerModel] = {}
    for speaker in dict.fromkeys(examples.speaker for examples in sets):
        own = [examples for examples in sets if examples.speaker == speaker]
        read = {text: language.words(text) for examples in own for text in examples.texts}
        vocabulary = Vocabulary.of([read[text] for text in sorted(read)])
        models[speaker] = SpeakerModel(vocabulary, tuple(_train_group(part, read, vocabulary) for part in own))
    return models


def held_out_scores(
    examples: ExampleSet, matrix: Matrix, vocabulary: Vocabulary, folds: int
) -> npt.NDArray[np.float64]:
    """Scores of every example from models that did not see it: texts x columns."""
    scores = np.zeros((len(examples.texts), _columns(examples)), dtype=np.float64)
    fold = _folds(examples, folds)
    for number in range(folds):
        test = np.flatnonzero(fold == number)
        training = np.flatnonzero(fold != number)
        if not len(test):
            continue
        weights, bias = _fit(examples, matrix, training)
        rows = vocabulary.without_unseen(matrix[test], matrix[training])
        scores[test] = rows @ weights + bias
    return scores


def group_matrix(examples: ExampleSet, read: Mapping[str, Sequence[Word]], vocabulary: Vocabulary) -> Matrix:
    """The examples of a set as rows."""
    return vocabulary.matrix([read[text] for text in examples.texts])


def _train_group(examples: ExampleSet, read: Mapping[str, Sequence[Word]], vocabulary: Vocabulary) -> GroupModel:
    matrix = group_matrix(examples, read, vocabulary)
    weights, bias = _fit(examples, matrix, np.arange(len(examples.texts)))
    slope, offset = _curve(examples, held_out_scores(examples, matrix, vocabulary, FOLDS))
    return GroupModel(
        group=examples.group,
        exclusive=examples.exclusive,
        rules=examples.rules,
        weights=weights,
        bias=bias,
        slope=slope,
        offset=offset,
    )


def _columns(examples: ExampleSet) -> int:
    return len(examples.rules) + examples.exclusive


def _truth(examples: ExampleSet, column: int) -> npt.NDArray[np.int8]:
    """1 where a text means the rule of a column, -1 where it does not, 0 where that is not known."""
    if column == len(examples.rules):
        return np.array([-1 if labels else 1 for labels in examples.labels], dtype=np.int8)
    pairs = zip(examples.labels, examples.against, strict=True)
    return np.array([1 if column in labels else -(column in against) for labels, against in pairs], dtype=np.int8)


def _fit(examples: ExampleSet, matrix: Matrix, training: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Weights (n-grams x columns) and biases of all columns, from the training rows."""
    weights = np.zeros((matrix.shape[1], _columns(examples)), dtype=np.float32)
    bias = np.zeros(_columns(examples), dtype=np.float32)
    for column in range(_columns(examples)):
        truth = _truth(examples, column)[training]
        known = training[truth != 0]
        answers = truth[truth != 0]
        if len(set(answers.tolist())) < 2:  # noqa: PLR2004 - both answers
            bias[column] = -1.0
            continue
        machine = LinearSVC(C=PENALTY, class_weight="balanced", random_state=_SEED, max_iter=_MOST_ITERATIONS)
        machine.fit(matrix[known], answers)
        weights[:, column] = machine.coef_[0]
        bias[column] = machine.intercept_[0]
    return weights, bias


def _folds(examples: ExampleSet, folds: int) -> npt.NDArray[np.intp]:
    """Which fold holds each text out: the texts of each label are dealt out in turn."""
    dealt: dict[tuple[int, ...], int] = {}
    fold = np.zeros(len(examples.texts), dtype=np.intp)
    for index, labels in enumerate(examples.labels):
        key = tuple(sorted(labels))
        fold[index] = dealt.get(key, 0) % folds
        dealt[key] = dealt.get(key, 0) + 1
    return fold


def _margins(scores: npt.NDArray[np.float64], *, exclusive: bool) -> npt.NDArray[np.float64]:
    return scores[:, :-1] - scores[:, -1:] if exclusive else scores


def _curve(examples: ExampleSet, scores: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the logistic curve from margins of held-out examples to similarities."""
    margins = _margins(scores, exclusive=examples.exclusive)
    truth = np.stack([_truth(examples, column) for column in range(len(examples.rules))], axis=1)
    if examples.exclusive:
        rows = np.arange(len(margins))
        best = margins.argmax(axis=1)
        margin, answer = margins[rows, best], truth[rows, best] > 0
        positive = np.array([bool(labels) for labels in examples.labels])
    else:
        known = truth != 0
        margin, answer = margins[known], truth[known] > 0
        positive = answer
    hits, others = int(positive.sum()), int((~positive).sum())
    if not hits or not others or len(set(answer.tolist())) < 2:  # noqa: PLR2004 - both answers
        return 1.0, 0.0
    weight = np.where(positive, EXPECTED_SHARE / hits, (1 - EXPECTED_SHARE) / others) * len(margin)
    curve = LogisticRegression(C=1e6).fit(margin.reshape(-1, 1), answer, sample_weight=weight)
    return round(float(curve.coef_[0, 0]), DECIMALS), round(float(curve.intercept_[0]), DECIMALS)
