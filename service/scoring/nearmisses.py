"""What came closest to a rule that did not fire: which part of which template was said, and what kept it from firing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from service.scoring.compiled import Candidates, Found
from service.scoring.conditions import enough, gather, rejection
from service.scoring.dialogue import Dialogue, Sentence
from service.scoring.example_hits import Likeness
from service.scoring.hits import Hit
from service.scoring.pack import Rule
from service.scoring.results import NearMiss
from service.scoring.rulebook import CompiledRules
from service.scoring.slots import Slot
from service.scoring.ways import matches

#: Share of a threshold that a similarity must reach to be close.
ALIKE_ENOUGH = 0.5
#: Alternatives shown of a missing word.
MOST_SHOWN = 6
#: Ranks: what was said in full but not allowed comes before what was said in part (ranked by its share, at most 1).
_FORBIDDEN = 3.0
_BLOCKED = 2.0

#: Why something that was said did not count, in the language of the pack.
_REASONS: Mapping[str, Mapping[str, str]] = {
    "negated": {"ru": "отрицается словом «{}»", "en": "negated by “{}”"},
    "excepted": {"ru": "попадает под исключение «{}»", "en": "falls under the exception “{}”"},
    "question": {"ru": "должно быть вопросом", "en": "must be a question"},
    "order": {
        "ru": "слова стоят в другом порядке или слишком далеко",
        "en": "the words are in another order or too far apart",
    },
    "speaker": {"ru": "сказано другой стороной", "en": "said by the other side"},
    "within": {"ru": "сказано не в той части разговора", "en": "said in another part of the call"},
    "after": {"ru": "сказано раньше, чем {}", "en": "said before {}"},
    "before": {"ru": "сказано позже, чем {}", "en": "said after {}"},
    "near": {"ru": "рядом нет {}", "en": "{} is not near"},
    "count": {"ru": "сказано {} раз, нужно {}", "en": "said {} times, {} are needed"},
    "parts": {"ru": "нет: {}", "en": "missing: {}"},
    "similar": {"ru": "сходство {}, нужно {}", "en": "similarity {}, {} is needed"},
    "outweighed": {
        "ru": "сказано, но не похоже на примеры: сходство {}, нужно {}",
        "en": "said, but unlike the examples: similarity {}, {} is needed",
    },
    "number": {"ru": "число", "en": "a number"},
}


class _Candidate(NamedTuple):
    rank: float
    place: int
    miss: NearMiss


def nearest_to(book: CompiledRules, dialogue: Dialogue, rule_ids: Iterable[str], limit: int) -> tuple[NearMiss, ...]:
    """The near misses of some rules (full ids), one a rule and sentence, best first."""
    return _Search(book, dialogue).best(rule_ids, limit)


def nearest_to_each(
    book: CompiledRules, dialogue: Dialogue, rule_ids: Iterable[str], limit: int
) -> Mapping[str, tuple[NearMiss, ...]]:
    """For each of some rules its near misses, best first; of a rule built from others also those of its parts."""
    search = _Search(book, dialogue)
    return {rule_id: search.best((rule_id, *search.missing_parts(rule_id)), limit) for rule_id in rule_ids}


class _Search:
    """One call, searched for near misses of any number of rules; hits are found once."""

    def __init__(self, book: CompiledRules, dialogue: Dialogue) -> None:
        self._book, self._dialogue = book, dialogue
        self.own = book.own_hits(dialogue)
        self.heard = book.examples.hear(dialogue)
        self.found = book.decided(self.own, dialogue)
        self.candidates = book.candidates(dialogue)
        self.alike: dict[str, list[Likeness]] = defaultdict(list)
        for likeness in book.examples.likenesses(self.heard, share=ALIKE_ENOUGH):
            self.alike[likeness.rule].append(likeness)

    def best(self, rule_ids: Iterable[str], limit: int) -> tuple[NearMiss, ...]:
        """One near miss a rule and sentence at most, the nearest first."""
        best: dict[tuple[int, str], _Candidate] = {}
        for rule_id in rule_ids:
            finder = _Finder(self._book, self._dialogue, self._book.rules[rule_id], self)
            for candidate in finder.candidates():
                key = (candidate.place, rule_id)
                before = best.get(key)
                if before is None or candidate.rank > before.rank:
                    best[key] = candidate
        ranked = sorted(best.items(), key=lambda item: (-item[1].rank, item[0]))
        return tuple(candidate.miss for _, candidate in ranked[:limit])

    def missing_parts(self, rule_id: str) -> tuple[str, ...]:
        """The rules that a rule is built from, down to those with words of their own, as far as they fired nowhere."""
        rule = self._book.rules[rule_id]
        either = () if any(name in self.found for name in rule.any_of) else rule.any_of
        missing = [name for name in (*rule.all_of, *either) if name not in self.found]
        return tuple(dict.fromkeys(part for name in missing for part in (name, *self.missing_parts(name))))


class _Finder:
    def __init__(self, book: CompiledRules, dialogue: Dialogue, rule: Rule, search: _Search) -> None:
        self._book = book
        self._dialogue = dialogue
        self._rule = rule
        self._search = search
        self._language = book.language

    def candidates(self) -> Iterator[_Candidate]:
        """Everything that came close."""
        yield from self._forbidden()
        for sentence in self._dialogue.sentences:
            if sentence.speaker not in self._book.matchers or self._rule.speaker not in {"any", sentence.speaker}:
                continue
            if (spoken := self._search.candidates.get(sentence.index)) is not None:
                yield from self._blocked(sentence, spoken)
            yield from self._partly_said(sentence)
        yield from self._alike()

    def _reason(self, key: str, *values: object) -> str:
        return _REASONS[key][self._language.language].format(*values)

    def _forbidden(self) -> Iterator[_Candidate]:
        """Hits that a condition of the rule threw out."""
        rule, found = self._rule, self._search.found
        hits = gather(rule, found, self._search.own.get(rule.id, ()))
        kept: list[Hit] = []
        for hit in hits:
            condition = rejection(rule, hit, found, self._dialogue)
            if condition is None:
                kept.append(hit)
            else:
                other = {"after": rule.after, "before": rule.before, "near": rule.near and rule.near.rule}.get(
                    condition
                )
                yield self._from_hit(hit, self._reason(condition, other))
        if kept and not enough(rule, kept):
            said = len({hit.sentence for hit in kept})
            yield from (self._from_hit(hit, self._reason("count", said, rule.count)) for hit in kept)
        missing = [name for name in rule.all_of if name not in found]
        if rule.any_of and not any(name in found for name in rule.any_of):
            missing.append(" | ".join(rule.any_of))
        if missing:
            for name in (*rule.all_of, *rule.any_of):
                yield from (
                    self._from_hit(hit, self._reason("parts", ", ".join(missing))) for hit in found.get(name, ())
                )

    def _from_hit(self, hit: Hit, reason: str) -> _Candidate:
        evidence = hit.evidence
        quote = self._dialogue.sentences[hit.sentence].text
        miss = NearMiss(evidence.utterance, quote, self._rule.id, evidence.template, evidence.quote, reason)
        return _Candidate(_FORBIDDEN, hit.sentence, miss)

    def _blocked(self, sentence: Sentence, spoken: Candidates) -> Iterator[_Candidate]:
        """Templates that were said, but negated, in an exception, not as a question, or unlike all examples."""
        exceptions: list[Found] | None = None
        outweighed = self._book.outweighed(self._search.heard, self._rule.id, sentence)
        for way in spoken.ways:
            if way.rule != self._rule.id:
                continue
            for view in spoken.views.for_pattern(way.mentions):
                for first, end, negator in matches(way, view, self._language):
                    span = Found(way.rule, way.template, *view.span(first, end))
                    exceptions = spoken.exceptions(self._rule.id) if exceptions is None else exceptions
                    exception = next((e for e in exceptions if e.overlaps(span)), None)
                    if self._rule.question and not sentence.may_ask:
                        reason = self._reason("question")
                    elif exception is not None:
                        reason = self._reason("excepted", exception.template)
                    elif negator is not None and self._rule.negation:
                        reason = self._reason("negated", negator.text)
                    elif outweighed is not None:
                        reason = self._reason("outweighed", outweighed, self._rule.floor)
                    else:
                        continue
                    matched = " ".join(word.text for word in view.words[first:end])
                    yield self._in_sentence(_BLOCKED, sentence, way.template, matched, reason)

    def _partly_said(self, sentence: Sentence) -> Iterator[_Candidate]:
        """The template of which most was said."""
        partly = self._book.partly_said(self._rule.id).nearest(sentence, self._book.classes)
        if partly is None:
            return
        missing = " … ".join(self._described(slot) for slot in partly.missing) or self._reason("order")
        yield self._in_sentence(partly.share, sentence, partly.way.template, " … ".join(partly.said), missing)

    def _described(self, slot: Slot) -> str:
        options = sorted(slot.options)
        if not options:
            return self._reason("number")
        shown = "|".join(options[:MOST_SHOWN]) + ("|…" if len(options) > MOST_SHOWN else "")
        return f"({shown})" if len(options) > 1 else shown

    def _alike(self) -> Iterator[_Candidate]:
        """Sentences whose similarity to the examples falls short of the threshold."""
        threshold = self._rule.threshold
        for likeness in self._search.alike.get(self._rule.id, ()):
            if likeness.similarity < threshold:
                nearest, fragments = self._book.examples.explain(likeness)
                reason = self._reason("similar", likeness.similarity, threshold)
                rank = likeness.similarity / threshold
                yield self._in_sentence(rank, likeness.sentence, nearest, ", ".join(fragments), reason)

    def _in_sentence(self, rank: float, sentence: Sentence, template: str, matched: str, missing: str) -> _Candidate:
        miss = NearMiss(sentence.utterance, sentence.text, self._rule.id, template, matched, missing)
        return _Candidate(rank, sentence.index, miss)
