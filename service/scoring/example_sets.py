"""What the example models learn from: which sentences mean a rule, which do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.scoring.pack import Group, Rule
from service.scoring.parsing_tests import BaselineEntry
from service.scoring.transcript import Speaker

#: Groups in which a sentence means one rule at most: their rules compete, and none of them is an answer too.
EXCLUSIVE: frozenset[Group] = frozenset({"objections", "reactions"})
#: Reactions that are certainly no objection.
_PEACEFUL = frozenset({"reactions/accepted", "reactions/neutral"})
#: What a rep is asked to say is no violation.
_ASKED_FOR: frozenset[Group] = frozenset({"script", "steps", "arguments", "signals"})
#: Steps that give no reason of value; evidence mostly does, and script items may.
_NO_ARGUMENT = frozenset({"steps/acknowledge", "steps/clarify", "steps/confirm"})
#: A rule learns from at least this many examples, and a group from as many of none of its rules.
FEWEST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """The examples of one group of rules for one speaker.

    `labels[i]` are the rules (indices into `rules`) that text i means; `against[i]` those that it certainly does not mean.
    A text with neither for some rule is not used for it.
    """

    group: Group
    speaker: Speaker
    exclusive: bool
    rules: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[frozenset[int], ...]
    against: tuple[frozenset[int], ...]


def example_sets(rules: Sequence[Rule], baseline: Iterable[BaselineEntry]) -> tuple[ExampleSet, ...]:
    """The sets of all groups that have rules with enough examples."""
    entries = tuple(baseline)
    sets: list[ExampleSet] = []
    for group in dict.fromkeys(rule.group for rule in rules):
        for speaker in ("agent", "customer"):
            concerned = [rule for rule in rules if rule.group == group and rule.speaker in {"any", speaker}]
            learning = [rule for rule in concerned if len(rule.like) >= FEWEST_EXAMPLES]
            if learning:
                found = _set(group, speaker, learning, concerned, rules=rules, baseline=entries)
                if len([1 for label in found.labels if not label]) >= FEWEST_EXAMPLES:
                    sets.append(found)
    return tuple(sets)


def _others(group: Group, concerned: Sequence[Rule], rules: Sequence[Rule]) -> list[str]:
    """Examples of rules of other groups that mean nothing in this one."""
    # Helpers that a rule of the group is built from have no model here, but speak against its other rules.
    parts = {name for rule in concerned for name in (*rule.all_of, *rule.any_of)}
    speakers = {rule.speaker for rule in concerned}
    return [
        text
        for rule in rules
        if rule.speaker in speakers and rule.group != group and (rule.id in parts or _excluded(rule, group))
        for text in rule.like
    ]


def _excluded(rule: Rule, group: Group) -> bool:
    """True if an example of the rule cannot mean any rule of the group."""
    if group == "objections":
        return rule.id in _PEACEFUL
    if group == "reactions":
        return rule.group == "objections"
    if group == "violations":
        return rule.group in _ASKED_FOR
    return group == "arguments" and (rule.id in _NO_ARGUMENT or rule.group == "violations")


def _set(
    group: Group,
    speaker: Speaker,
    learning: Sequence[Rule],
    concerned: Sequence[Rule],
    *,
    rules: Sequence[Rule],
    baseline: Sequence[BaselineEntry],
) -> ExampleSet:
    places = {rule.id: place for place, rule in enumerate(learning)}
    everyone = frozenset(places.values())
    labels: dict[str, set[int]] = {}
    against: dict[str, set[int]] = {}
    for rule in concerned:
        for text in rule.like:
            labels.setdefault(text, set())
            if rule.id in places:
                labels[text].add(places[rule.id])
            # In a group of helpers the rules have nothing to do with one another; elsewhere one's example speaks against the rest.
            against.setdefault(text, set()).update(everyone if group != "signals" else set())
    for rule in concerned:
        for text in rule.unlike:
            own = {places[rule.id]} if rule.id in places else set()
            against.setdefault(text, set()).update(everyone if group in EXCLUSIVE else own)
    if group != "reactions":
        # Ordinary talk is full of reactions ("давайте в четверг"), but holds no objection, step or violation.
        for entry in baseline:
            if entry.speaker == speaker:
                allowed = {places[name] for name in entry.allowed if name in places}
                against.setdefault(entry.text, set()).update(everyone - allowed)
    for text in _others(group, concerned, rules):
        against.setdefault(text, set()).update(everyone)
    texts = sorted(against.keys() | labels.keys())
    return ExampleSet(
        group=group,
        speaker=speaker,
        exclusive=group in EXCLUSIVE,
        rules=tuple(rule.id for rule in learning),
        texts=tuple(texts),
        labels=tuple(frozenset(labels.get(text, ())) for text in texts),
        against=tuple(frozenset(against.get(text, set()) - labels.get(text, set())) for text in texts),
    )
