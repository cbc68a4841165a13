"""Where rules fired in a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from service.scoring.results import Evidence


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule fired.

    `rule` is the full id (`objections/price`). `utterance`, `turn` and `sentence` are 0-based indices into the dialogue;
    `first_char`..`last_char` is the slice of the utterance's text that fired (end exclusive). `similarity` (0..1, rounded)
    is set where the example model decided. `cite` works the evidence out: most hits are never cited.
    """

    rule: str
    utterance: int
    turn: int
    sentence: int
    first_char: int
    last_char: int
    cite: Callable[[], Evidence] = field(compare=False, repr=False)
    similarity: float | None = None

    @property
    def evidence(self) -> Evidence:
        """Quote, seconds, rule and template."""
        return self.cite()


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """All hits of a call by full rule id, each rule's in the order they were said; positional conditions applied."""

    by_rule: Mapping[str, tuple[Hit, ...]]

    def of(self, rule: str) -> tuple[Hit, ...]:
        """Hits of one rule (full id), empty if it fired nowhere."""
        return self.by_rule.get(rule, ())

    def in_turn(self, rule: str, turn: int) -> tuple[Hit, ...]:
        """Hits of one rule in one turn."""
        return tuple(hit for hit in self.of(rule) if hit.turn == turn)

    def __iter__(self) -> Iterator[Hit]:
        """Every hit, by place, then by rule."""
        every = (hit for hits in self.by_rule.values() for hit in hits)
        return iter(sorted(every, key=lambda hit: (hit.sentence, hit.first_char, hit.last_char, hit.rule)))
