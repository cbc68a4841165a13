"""The compiled rules of a pack: an index by the words that must occur, and a matcher for each template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from service.scoring.dialogue import Sentence
from service.scoring.language import Word
from service.scoring.negation import negator_before, negator_within
from service.scoring.phrases import PhraseMatcher, WordClasses
from service.scoring.slots import Row

if TYPE_CHECKING:
    from spacy.tokens import Doc

#: At most this many hits of one rule in one sentence; more say nothing new.
MOST_HITS_IN_A_SENTENCE = 3


class Found(NamedTuple):
    """A template that matched in a sentence: words `first`..`end` (end exclusive) of the sentence, padding included."""

    rule: str
    template: str
    first: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class CompiledTemplate:
    """A template or raw pattern, ready to run.

    `rows` are the ways to say it (none for a raw pattern). `needs` holds, for each way, the sets of index keys of which one
    each must be in the sentence; `matchers` run one way each; `mentions` are all keys it knows.
    """

    rule: str
    text: str
    rows: tuple[Row, ...]
    needs: tuple[tuple[frozenset[str], ...], ...]
    mentions: frozenset[str]
    matchers: tuple[PhraseMatcher, ...]

    def ways_possible(self, keys: frozenset[str]) -> list[int]:
        """Indices of the ways whose needed words all occur."""
        return [way for way, needs in enumerate(self.needs) if all(not needed.isdisjoint(keys) for needed in needs)]


@dataclass(frozen=True, slots=True)
class RuleSwitches:
    """What of a rule the matching of single sentences must know."""

    negation: bool
    question: bool


class View(NamedTuple):
    """Words of a sentence that patterns see, with their places in the sentence."""

    words: list[Word]
    places: list[int]


class SentenceMatcher:
    """Runs the templates of one speaker's rules over sentences."""

    def __init__(
        self,
        classes: WordClasses,
        templates: Iterable[CompiledTemplate],
        unless: Mapping[str, Sequence[CompiledTemplate]],
        switches: Mapping[str, RuleSwitches],
        frequency: Mapping[str, int],
    ) -> None:
        self._classes = classes
        self._unless = unless
        self._switches = switches
        self._always: list[tuple[CompiledTemplate, int]] = []
        self._index: dict[str, list[tuple[tuple[frozenset[str], ...], CompiledTemplate, int]]] = defaultdict(list)
        for template in templates:
            self._enter(template, frequency)

    def _enter(self, template: CompiledTemplate, frequency: Mapping[str, int]) -> None:
        """Index a template, for each way to say it, under the rarest of the words that it needs."""
        for way, needs in enumerate(template.needs):
            if not needs:
                self._always.append((template, way))
                continue
            rarest = min(needs, key=lambda keys: (sum(frequency.get(key, 0) + 1 for key in keys), sorted(keys)))
            others = tuple(keys for keys in needs if keys is not rarest)
            for key in sorted(rarest):
                self._index[key].append((others, template, way))

    def find(self, sentence: Sentence) -> list[Found]:
        """Hits of all rules in this sentence: not negated, not excepted, at most a few for each rule."""
        word_keys = [self._classes.keys(word) for word in sentence.words]
        keys = frozenset().union(*word_keys)
        candidates = self._candidates(keys)
        if not candidates:
            return []
        views = _Views(sentence, self._classes)
        said_as_filler = frozenset().union(*(word_keys[index] for index in sentence.fillers))
        found: dict[str, list[Found]] = defaultdict(list)
        for template, ways in candidates.items():
            switches = self._switches[template.rule]
            if switches.question and not sentence.question:
                continue
            for view, doc in views.for_template(template, said_as_filler):
                found[template.rule] += self._run(template, ways, view, doc, negation=switches.negation)
        hits: list[Found] = []
        for rule in sorted(found):
            hits += self._without_excepted(rule, _leftmost(found[rule]), views, keys, said_as_filler)
        return hits

    def excepted(self, rule: str, sentence: Sentence) -> bool:
        """True if one of the rule's exceptions stands in the sentence."""
        if rule not in self._unless:
            return False
        word_keys = [self._classes.keys(word) for word in sentence.words]
        said_as_filler = frozenset().union(*(word_keys[index] for index in sentence.fillers))
        views = _Views(sentence, self._classes)
        return bool(self._exceptions(rule, views, frozenset().union(*word_keys), said_as_filler))

    def _candidates(self, keys: frozenset[str]) -> dict[CompiledTemplate, list[int]]:
        """Templates with the ways to say them of which every needed word occurs, in index order."""
        candidates: dict[CompiledTemplate, list[int]] = {}
        for template, way in self._always:
            candidates.setdefault(template, []).append(way)
        for key in sorted(self._index.keys() & keys):
            for others, template, way in self._index[key]:
                for needed in others:
                    if needed.isdisjoint(keys):
                        break
                else:
                    ways = candidates.setdefault(template, [])
                    if way not in ways:
                        ways.append(way)
        return candidates

    def _run(
        self, template: CompiledTemplate, ways: list[int], view: View, doc: Doc, *, negation: bool
    ) -> Iterator[Found]:
        language = self._classes.language
        for way in ways:
            for first, end, gaps in template.matchers[way].find(doc):
                if negation:
                    if negator_before(view.words, first, language) is not None:
                        continue
                    if any(negator_within(view.words, gap, language) is not None for gap in gaps):
                        continue
                yield Found(template.rule, template.text, view.places[first], view.places[end - 1] + 1)

    def _without_excepted(
        self, rule: str, hits: list[Found], views: _Views, keys: frozenset[str], said_as_filler: frozenset[str]
    ) -> list[Found]:
        if not hits or rule not in self._unless:
            return hits
        exceptions = self._exceptions(rule, views, keys, said_as_filler)
        return [hit for hit in hits if not any(hit.first < end and first < hit.end for first, end in exceptions)]

    def _exceptions(
        self, rule: str, views: _Views, keys: frozenset[str], said_as_filler: frozenset[str]
    ) -> list[tuple[int, int]]:
        """Word spans of the rule's exceptions."""
        spans: list[tuple[int, int]] = []
        for template in self._unless[rule]:
            ways = template.ways_possible(keys)
            if not ways:
                continue
            for view, doc in views.for_template(template, said_as_filler):
                matches = [match for way in ways for match in template.matchers[way].find(doc)]
                spans += [(view.places[first], view.places[end - 1] + 1) for first, end, _ in matches]
        return spans


class _Views:
    """The documents of a sentence, made only when a template wants to run: without fillers, and with them."""

    def __init__(self, sentence: Sentence, classes: WordClasses) -> None:
        self._sentence = sentence
        self._classes = classes
        self._made: dict[bool, tuple[View, Doc]] = {}

    def for_template(self, template: CompiledTemplate, said_as_filler: frozenset[str]) -> Iterator[tuple[View, Doc]]:
        """The documents to run it on: with fillers only if it names one of those that were said."""
        if len(self._sentence.fillers) < len(self._sentence.words):
            yield self._view(fillers=False)
        if self._sentence.fillers and not template.mentions.isdisjoint(said_as_filler):
            yield self._view(fillers=True)

    def _view(self, *, fillers: bool) -> tuple[View, Doc]:
        made = self._made.get(fillers)
        if made is None:
            skipped = frozenset() if fillers else self._sentence.fillers
            places = [index for index in range(len(self._sentence.words)) if index not in skipped]
            view = View([self._sentence.words[index] for index in places], places)
            made = self._made[fillers] = (view, self._classes.document(view.words))
        return made


def _leftmost(found: list[Found]) -> list[Found]:
    """The hits that begin first, of those the shortest, none overlapping another."""
    kept: list[Found] = []
    for hit in sorted(set(found), key=lambda hit: (hit.first, hit.end, hit.template)):
        if len(kept) < MOST_HITS_IN_A_SENTENCE and (not kept or hit.first >= kept[-1].end):
            kept.append(hit)
    return kept
