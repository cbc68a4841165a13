"""How objections are judged and when a person should look: the part of a pack that is policy, not language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from service.scoring.results import Outcome, Severity, Step, Text


@dataclass(frozen=True, slots=True)
class Condition:
    """Asks for steps and an outcome; everything left empty is no demand."""

    all_of: tuple[Step, ...] = ()
    any_of: tuple[Step, ...] = ()
    none_of: tuple[Step, ...] = ()
    at_least: tuple[int, tuple[Step, ...]] | None = None
    outcome: tuple[Outcome, ...] = ()
    outcome_not: tuple[Outcome, ...] = ()

    def holds(self, steps: frozenset[Step], outcome: Outcome) -> bool:
        """True if these steps and this outcome meet every demand."""
        enough = self.at_least is None or len(steps.intersection(self.at_least[1])) >= self.at_least[0]
        return (
            enough
            and steps.issuperset(self.all_of)
            and (not self.any_of or not steps.isdisjoint(self.any_of))
            and steps.isdisjoint(self.none_of)
            and (not self.outcome or outcome in self.outcome)
            and outcome not in self.outcome_not
        )


@dataclass(frozen=True, slots=True)
class PointsRow:
    """One row of the argumentation table: points 0..5 for an objection whose condition holds, and why in words."""

    points: float
    condition: Condition
    reason: Text


@dataclass(frozen=True, slots=True)
class Policy:
    """How objections are judged. The first row of `argumentation` that holds gives the points; the last always holds.

    `episode_turns`: rep's turns this far after the objection may still answer it; `repeat_turns`: the same type voiced
    again within this many turns is a repeat. `statement_words`: a statement at least this long in direct answer to an
    objection is an argument even where no argument rule fires, and questions are read by their place; None: rules only.
    """

    episode_turns: int
    repeat_turns: int
    handled: Condition
    argumentation: tuple[PointsRow, ...]
    statement_words: int | None = None


FlagCode = Literal[
    "critical_missed",
    "violation",
    "objection_unresolved",
    "low_adherence",
    "low_argumentation",
    "low_confidence",
    "no_speech",
    "unknown_rep",
]
FLAG_CODES: tuple[FlagCode, ...] = get_args(FlagCode)
#: Flags that compare a figure with `below`.
FLAGS_WITH_LIMIT: tuple[FlagCode, ...] = ("low_adherence", "low_argumentation", "low_confidence")


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When a person should look. `severity` is `from_violation` where the violation's own is taken."""

    code: FlagCode
    severity: Severity | Literal["from_violation"]
    below: float | None = None
