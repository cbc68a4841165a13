"""All compiled rules of a pack: dialogue -> hits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.scoring.compiled import Candidates, RuleSwitches, SentenceMatcher
from service.scoring.conditions import gather, hold, in_order
from service.scoring.dialogue import Dialogue, Sentence
from service.scoring.evidence import hit_on
from service.scoring.example_hits import ExampleFinder, Heard, Likeness
from service.scoring.examples import TrainedModels
from service.scoring.hits import Hit, Hits
from service.scoring.language import Pipeline
from service.scoring.ngrams import NUMBER
from service.scoring.pack import Rule, Template
from service.scoring.partly_said import PartlySaid
from service.scoring.phrases import WordClasses
from service.scoring.rawpatterns import RawPattern
from service.scoring.slots import KEY_SIGN, NUMBER_KEY, Row
from service.scoring.transcript import Speaker
from service.scoring.ways import Need, Piece, Way, needs_of, pieces_of

_HEARD: tuple[Speaker, ...] = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A rule with its templates expanded, as parsing hands it over."""

    rule: Rule
    phrases: tuple[tuple[Template, tuple[Row, ...]], ...] = ()
    raw: tuple[RawPattern, ...] = ()
    unless: tuple[tuple[Template, tuple[Row, ...]], ...] = ()


class CompiledRules:
    """The rules of one pack, ready to run. Holds only caches, so it may be used for any number of calls."""

    def __init__(
        self, language: Pipeline, sources: Sequence[RuleSource], order: Sequence[str], models: TrainedModels
    ) -> None:
        """Compile. `order` lists all full rule ids so that each comes after those that it refers to."""
        rows = [row for source in sources for _, ways in (*source.phrases, *source.unless) for row in ways]
        raw = [pattern for source in sources for pattern in source.raw]
        self.language = language
        self.rules: Mapping[str, Rule] = {source.rule.id: source.rule for source in sources}
        self.classes = WordClasses(
            language,
            rows,
            lemmas=[lemma for pattern in raw for lemma in pattern.lemmas],
            exact=[word for pattern in raw for word in pattern.exact],
        )
        self.ways: dict[str, tuple[Way, ...]] = {
            source.rule.id: (*self._ways(source.rule.id, source.phrases), *self._raw(source.rule.id, source.raw))
            for source in sources
        }
        self._exceptions = {
            source.rule.id: self._ways(source.rule.id, source.unless, excepts=True) for source in sources
        }
        self._order = tuple(order)
        self.models = models
        self.examples = ExampleFinder(models, self.rules, language)
        self._frequency = self._key_frequency()
        self._partly_said: dict[str, PartlySaid] = {}
        self.matchers = {speaker: self._matcher(speaker) for speaker in _HEARD}

    def find(self, dialogue: Dialogue) -> Hits:
        """See `matching.find_hits`."""
        return Hits(self.decided(self.own_hits(dialogue), dialogue))

    def decided(self, own: Mapping[str, Sequence[Hit]], dialogue: Dialogue) -> dict[str, tuple[Hit, ...]]:
        """Hits of all rules by name, conditions applied to their own hits."""
        found: dict[str, tuple[Hit, ...]] = {}
        for name in self._order:
            rule = self.rules[name]
            hits = hold(rule, gather(rule, found, own.get(name, ())), found, dialogue)
            if hits:
                found[name] = tuple(_owned(hit, name) for hit in hits)
        return {name: found[name] for name in sorted(found)}

    def own_hits(self, dialogue: Dialogue) -> dict[str, list[Hit]]:
        """Hits of each rule's own phrases and examples, before its conditions."""
        own: dict[str, list[Hit]] = defaultdict(list)
        candidates = self.candidates(dialogue)
        heard = self.examples.hear(dialogue)
        for spoken in candidates.values():
            sentence = spoken.sentence
            for found in self.matchers[sentence.speaker].find(spoken):
                if self.outweighed(heard, found.rule, sentence) is not None:
                    continue
                hit = hit_on(dialogue, sentence, found.first, found.end, rule=found.rule, template=found.template)
                own[found.rule].append(hit)
        for likeness in self.examples.likenesses(heard):
            by_example = self._hit_by_example(dialogue, likeness, own, candidates.get(likeness.sentence.index))
            if by_example is not None:
                own[likeness.rule].append(by_example)
        return {name: in_order(own[name]) for name in sorted(own)}

    def candidates(self, dialogue: Dialogue) -> Mapping[int, Candidates]:
        """By index the sentences in which a template may have been said."""
        found: dict[int, Candidates] = {}
        for speaker, matcher in self.matchers.items():
            sentences = [sentence for sentence in dialogue.sentences if sentence.speaker == speaker]
            found.update({spoken.sentence.index: spoken for spoken in matcher.candidates(sentences)})
        return found

    def outweighed(self, heard: Heard, rule: str, sentence: Sentence) -> float | None:
        """The sentence's similarity to the rule's examples if it is below the rule's floor: there no phrase counts."""
        floor = self.rules[rule].floor
        similarity = self.examples.similarity(heard, rule, sentence) if floor > 0 else None
        return similarity if similarity is not None and similarity < floor else None

    def _hit_by_example(
        self, dialogue: Dialogue, likeness: Likeness, own: Mapping[str, Sequence[Hit]], spoken: Candidates | None
    ) -> Hit | None:
        """The hit, None where a phrase of the rule found the sentence already, was negated, or an exception forbids it."""
        rule = self.rules[likeness.rule]
        sentence = likeness.sentence
        if rule.question and not sentence.may_ask:
            return None
        if spoken is not None and (rule.id in spoken.denied or spoken.exceptions(rule.id)):
            return None
        if any(hit.sentence == sentence.index for hit in own.get(rule.id, ())):
            return None
        return hit_on(
            dialogue,
            sentence,
            0,
            len(sentence.words),
            rule=rule.id,
            similarity=likeness.similarity,
            explanation=lambda: self.examples.explain(likeness),
        )

    def partly_said(self, rule: str) -> PartlySaid:
        """Tells which of a rule's templates a sentence says a part of. Made when it is first asked for."""
        if rule not in self._partly_said:
            self._partly_said[rule] = PartlySaid(self.ways[rule], self._rarity)
        return self._partly_said[rule]

    def _rarity(self, keys: frozenset[str]) -> float:
        """How much it says that one of these words was said, 0..1: the rarer, the more.

        Rare is what few of the pack's examples say; in a pack without examples, what few of its templates know.
        """
        if self.models:
            lemmas = [NUMBER if key == NUMBER_KEY else key.lstrip("".join(KEY_SIGN.values())) for key in keys]
            return min(model.vocabulary.rarity(lemmas) for model in self.models.values())
        total = sum(len(ways) for ways in self.ways.values())
        common = max((self._frequency.get(key, 0) for key in keys), default=0)
        return 1 - math.log(1 + common) / math.log(2 + total)

    def _matcher(self, speaker: Speaker) -> SentenceMatcher:
        concerned = [name for name in self._order if self.rules[name].speaker in {"any", speaker}]
        return SentenceMatcher(
            self.classes,
            [way for name in concerned for way in (*self._exceptions[name], *self.ways[name])],
            {name: RuleSwitches(self.rules[name].negation, self.rules[name].question) for name in concerned},
            self._frequency,
        )

    def _ways(
        self, rule: str, templates: Sequence[tuple[Template, tuple[Row, ...]]], *, excepts: bool = False
    ) -> tuple[Way, ...]:
        return tuple(
            Way(
                rule=rule,
                template=template.text,
                row=row,
                needs=needs_of(row),
                mentions=frozenset(key for slot in row for key in slot.keys),
                pieces=pieces_of(row),
                excepts=excepts,
            )
            for template, rows in templates
            for row in rows
        )

    def _raw(self, rule: str, patterns: Sequence[RawPattern]) -> tuple[Way, ...]:
        return tuple(
            Way(
                rule=rule,
                template=pattern.text,
                row=None,
                needs=tuple(Need(keys, range(0)) for keys in pattern.needs),
                mentions=frozenset(key for keys in pattern.needs for key in keys),
                pieces=(Piece(0, self.classes.raw_matcher(pattern.tokens, pattern.lemmas)),),
            )
            for pattern in patterns
        )

    def _key_frequency(self) -> Mapping[str, int]:
        """How many ways know each index key: words that many know are frequent in speech too, and bad to index by."""
        counts: dict[str, int] = defaultdict(int)
        for ways in self.ways.values():
            for way in ways:
                for key in way.mentions:
                    counts[key] += 1
        return counts


def _owned(hit: Hit, rule: str) -> Hit:
    """The hit as the rule's own; its evidence goes on naming the rule whose words were found."""
    if hit.rule == rule:
        return hit
    return Hit(rule, hit.utterance, hit.turn, hit.sentence, hit.first_char, hit.last_char, hit.cite, hit.similarity)
