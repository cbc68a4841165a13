"""Names that rules use for one another -> full ids; cycles; an order in which every rule comes after those it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from service.scoring.pack import REFERENCE_PREFIX
from service.scoring.parsing_rules import Reference, RuleDraft
from service.scoring.source import Problems

#: Keys whose target must have been found before the rule itself can be decided.
_DECIDING = ("after", "before", "near", "all_of", "any_of")


class References:
    """Looks up rule names: `price`, `step_clarify`, `argument_price`, `reaction_accepted`, or a full id `steps/clarify`."""

    def __init__(self, drafts: Sequence[RuleDraft], problems: Problems) -> None:
        self._problems = problems
        self._by_name: dict[str, RuleDraft] = {}
        for draft in drafts:
            name = REFERENCE_PREFIX.get(draft.group, "") + draft.name
            if name in self._by_name:
                other = self._by_name[name]
                problems.add(draft.file, draft.line, f"rule id {name!r} is already used by {other.file}:{other.line}")
                continue
            self._by_name[name] = draft
        self._drafts = {draft.id: draft for draft in drafts}

    @property
    def full_ids(self) -> Mapping[str, str]:
        """Full id by every name that may be used."""
        return {**{name: draft.id for name, draft in self._by_name.items()}, **{name: name for name in self._drafts}}

    def one(self, draft: RuleDraft, key: str) -> str | None:
        """Full id of the single rule that `key` names; None if it names none or an unknown one."""
        return next(iter(self.many(draft, key)), None)

    def many(self, draft: RuleDraft, key: str) -> tuple[str, ...]:
        """Full ids of the rules that `key` names; unknown names are noted."""
        found = [target for reference in draft.named(key) if (target := self._look_up(draft, reference)) is not None]
        return tuple(dict.fromkeys(found))

    def _look_up(self, draft: RuleDraft, reference: Reference) -> str | None:
        known = self.full_ids
        if reference.name not in known:
            near = get_close_matches(reference.name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; the pack has {', '.join(sorted(self._by_name)[:20])}"
            self._problems.add(draft.file, reference.line, f"{reference.key!r}: unknown rule {reference.name!r}{hint}")
            return None
        target = known[reference.name]
        if target == draft.id:
            self._problems.add(draft.file, reference.line, f"{reference.key!r}: the rule refers to itself")
            return None
        return target


def deciding(draft: RuleDraft, references: References) -> tuple[str, ...]:
    """Full ids of the rules that must be decided before this one."""
    return tuple(dict.fromkeys(target for key in _DECIDING for target in references.many(draft, key)))


def in_dependency_order(drafts: Sequence[RuleDraft], references: References, problems: Problems) -> tuple[str, ...]:
    """Full ids, each after those that it needs; cycles are noted, once each."""
    needs = {draft.id: deciding(draft, references) for draft in drafts}
    by_id = {draft.id: draft for draft in drafts}
    order: list[str] = []
    done: set[str] = set()
    for start in sorted(needs):
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, position = stack.pop()
            if position == 0:
                if name in done:
                    continue
                path.append(name)
            targets = needs.get(name, ())
            if position < len(targets):
                stack.append((name, position + 1))
                target = targets[position]
                if target in path:
                    cycle = [*path[path.index(target) :], target]
                    first = by_id[min(cycle)]
                    message = f"rules refer to one another in a circle: {' -> '.join(_from_least(cycle))}"
                    problems.add(first.file, first.line, message)
                elif target not in done:
                    stack.append((target, 0))
            else:
                path.pop()
                done.add(name)
                order.append(name)
    return tuple(order)


def _from_least(cycle: Sequence[str]) -> list[str]:
    """The same cycle written from its alphabetically first rule, so that it is reported once."""
    ring = list(cycle[:-1])
    start = ring.index(min(ring))
    return [*ring[start:], *ring[:start], ring[start]]
