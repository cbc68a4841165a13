"""What a pack's examples would score on sentences they have not seen, and what phrases add to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.scoring.dialogue import Dialogue
from service.scoring.example_sets import ExampleSet, example_sets
from service.scoring.examples import GroupModel, held_out_scores
from service.scoring.ngrams import Vocabulary
from service.scoring.pack import Pack
from service.scoring.parsing_tests import BaselineEntry
from service.scoring.transcript import Transcript, Utterance

#: Every fifth example is held out in turn.
FOLDS = 5


@dataclass(frozen=True, slots=True)
class UnseenScore:
    """One rule on its own examples. Shares 0..1 of `examples` found by phrases, by the model that did not see them, by either.

    `false_hits` counts sentences that do not mean the rule and that the model, not having seen them, took for it.
    """

    rule: str
    examples: int
    by_phrases: float
    by_examples: float
    by_either: float
    false_hits: int

    @property
    def precision(self) -> float:
        """Share of the model's hits that are right; 1.0 without hits."""
        right = self.by_examples * self.examples
        return right / (right + self.false_hits) if right + self.false_hits else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and `by_examples`."""
        total = self.precision + self.by_examples
        return 2 * self.precision * self.by_examples / total if total else 0.0


def unseen_scores(pack: Pack, baseline: Iterable[BaselineEntry]) -> tuple[UnseenScore, ...]:
    """One score for each rule with examples, by speaker and group. Trains every model anew, once for each fold."""
    scores: list[UnseenScore] = []
    sets = example_sets(tuple(pack.rules.values()), baseline)
    language = pack.matcher.language
    for speaker in dict.fromkeys(examples.speaker for examples in sets):
        own = [examples for examples in sets if examples.speaker == speaker]
        read = {text: language.words(text) for examples in own for text in examples.texts}
        vocabulary = Vocabulary.of([read[text] for text in sorted(read)])
        models = {model.group: model for model in pack.matcher.models[speaker].groups}
        for examples in own:
            matrix = vocabulary.matrix([read[text] for text in examples.texts])
            held_out = held_out_scores(examples, matrix, vocabulary, FOLDS)
            scores += _of_set(pack, examples, models[examples.group], held_out)
    return tuple(scores)


def _of_set(
    pack: Pack, examples: ExampleSet, model: GroupModel, held_out: npt.NDArray[np.float64]
) -> list[UnseenScore]:
    thresholds = np.array([pack.rules[rule].threshold for rule in examples.rules])
    similarities = model.similarities(held_out)
    alike = (similarities >= thresholds) & (similarities > 0)
    phrases = _found_by_phrases(pack, examples)
    scores: list[UnseenScore] = []
    for column, rule in enumerate(examples.rules):
        meant = [index for index, labels in enumerate(examples.labels) if column in labels]
        others = [index for index, against in enumerate(examples.against) if column in against]
        by_phrases = {index for index in meant if rule in phrases[index]}
        by_examples = {index for index in meant if alike[index, column]}
        scores.append(
            UnseenScore(
                rule=rule,
                examples=len(meant),
                by_phrases=len(by_phrases) / len(meant),
                by_examples=len(by_examples) / len(meant),
                by_either=len(by_phrases | by_examples) / len(meant),
                false_hits=int(alike[others, column].sum()),
            )
        )
    return scores


def _found_by_phrases(pack: Pack, examples: ExampleSet) -> Mapping[int, frozenset[str]]:
    """For each text the rules whose phrases it fires."""
    matcher = pack.matcher.matchers[examples.speaker]
    found: dict[int, frozenset[str]] = {}
    for index, text in enumerate(examples.texts):
        dialogue = Dialogue.of(Transcript(pack.language, (Utterance(examples.speaker, text),)), pack)
        hits = (matcher.find(spoken) for spoken in matcher.candidates(dialogue.sentences))
        found[index] = frozenset(hit.rule for sentence_hits in hits for hit in sentence_hits)
    return found
