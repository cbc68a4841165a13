"""What of a pack is needed to judge anew what people decided about a call: policy, names and weights, no language.

Kept with every pack that ever scored a call, so that a review of an old scorecard is judged by the rules that it was scored by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from service.scoring.gate import Gate
from service.scoring.pack import Pack
from service.scoring.policy import Condition, FlagRule, PointsRow, Policy
from service.scoring.results import Outcome, Severity, Step, Text


@dataclass(frozen=True, slots=True)
class Rulings:
    """`types` are titles of objection types, `violations` titles and severities, both by id.

    `policy` is None where nothing is known of the pack (a scorecard stored before rulings were): reviewers then have
    to say themselves whether an objection was handled and what points it gets.
    """

    critical_cap: float = 1.0
    pass_mark: float | None = None
    policy: Policy | None = None
    types: Mapping[str, Text] = field(default_factory=dict)
    violations: Mapping[str, tuple[Text, Severity]] = field(default_factory=dict)
    flags: tuple[FlagRule, ...] = ()
    gate: Gate | None = None
    #: Similarity (0..1) from which a rule by example fires, by the rule's full id.
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, pack: Pack) -> Rulings:
        return cls(
            critical_cap=pack.critical_cap,
            pass_mark=pack.pass_mark,
            policy=pack.policy,
            types={kind.type: kind.rule.title for kind in pack.objections},
            violations={found.id: (found.rule.title, found.severity) for found in pack.violations},
            flags=pack.flags,
            gate=pack.gate,
            thresholds={rule.id: rule.threshold for rule in pack.rules.values() if rule.like},
        )

    def judge(self, steps: Sequence[Step], outcome: Outcome) -> tuple[bool, PointsRow] | None:
        """Whether an objection with these steps and outcome is handled, and its row of the table; None without a policy."""
        if self.policy is None:
            return None
        taken = frozenset(steps)
        row = next(row for row in self.policy.argumentation if row.condition.holds(taken, outcome))
        return self.policy.handled.holds(taken, outcome), row

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, the inverse of `rulings_from_dict`."""
        return asdict(self)


#: What is assumed of a pack that nothing is known of.
UNKNOWN = Rulings()


def rulings_from_dict(data: Mapping[str, Any]) -> Rulings:
    """Rebuild rulings from `Rulings.to_dict()` data."""
    policy, gate = data["policy"], data.get("gate")
    return Rulings(
        critical_cap=data["critical_cap"],
        pass_mark=data["pass_mark"],
        policy=None if policy is None else _policy(policy),
        types=dict(data["types"]),
        violations={name: (found[0], found[1]) for name, found in data["violations"].items()},
        flags=tuple(FlagRule(**rule) for rule in data["flags"]),
        gate=None if gate is None else Gate(**gate),
        thresholds=dict(data["thresholds"]),
    )


def _policy(data: Mapping[str, Any]) -> Policy:
    return Policy(
        episode_turns=data["episode_turns"],
        repeat_turns=data["repeat_turns"],
        handled=_condition(data["handled"]),
        argumentation=tuple(
            PointsRow(row["points"], _condition(row["condition"]), row["reason"]) for row in data["argumentation"]
        ),
        statement_words=data["statement_words"],
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    at_least = data["at_least"]
    return Condition(
        all_of=tuple(data["all_of"]),
        any_of=tuple(data["any_of"]),
        none_of=tuple(data["none_of"]),
        at_least=None if at_least is None else (at_least[0], tuple(at_least[1])),
        outcome=tuple(data["outcome"]),
        outcome_not=tuple(data["outcome_not"]),
    )
