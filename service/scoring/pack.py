"""The frozen model of a rule pack: what to look for, and what a find is worth.

A `Pack` is one pack in one language. Rules are named by full id, `group/name` (`objections/price`, `steps/clarify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from service.scoring.gate import Gate
from service.scoring.policy import FlagRule, Policy
from service.scoring.results import Outcome, Severity, Step, Text

if TYPE_CHECKING:
    from service.scoring.rulebook import CompiledRules

Group = Literal["script", "objections", "steps", "arguments", "reactions", "violations", "signals"]
GROUPS: tuple[Group, ...] = ("script", "objections", "steps", "arguments", "reactions", "violations", "signals")
RuleSpeaker = Literal["agent", "customer", "any"]
RULE_SPEAKERS: tuple[RuleSpeaker, ...] = ("agent", "customer", "any")
CallDirection = Literal["inbound", "outbound"]
CALL_DIRECTIONS: tuple[CallDirection, ...] = ("inbound", "outbound")
CallRole = Literal["sdr", "sales_manager", "account_manager"]
CALL_ROLES: tuple[CallRole, ...] = ("sdr", "sales_manager", "account_manager")
OUTCOMES: tuple[Outcome, ...] = ("accepted", "neutral", "rejected")
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
#: Name of the argument rule that speaks to objections of every type.
GENERAL_ARGUMENT = "general"
#: Groups of rules named by a prefix where other rules refer to them; the others go by their bare name.
REFERENCE_PREFIX: Mapping[Group, str] = {"steps": "step_", "arguments": "argument_", "reactions": "reaction_"}


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase template as written, and where (1-based line of the rule's file)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class TokenPattern:
    """A raw spaCy token pattern and where it stands."""

    tokens: tuple[dict[str, Any], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Within:
    """Where in the call a rule may fire. Turns are those of the rule's speaker, seconds those of the recording."""

    first_turns: int | None = None
    last_turns: int | None = None
    first_seconds: float | None = None
    last_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Another rule (full id) must hit at most `turns` turns away, either way."""

    rule: str
    turns: int


class Odds(NamedTuple):
    """How many times as likely as the examples alone say a rule is, by what the other party said just before.

    Factors of the odds p / (1 - p); 1 changes nothing.
    """

    after_question: float = 1.0
    after_statement: float = 1.0


EVEN = Odds()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It hits where a phrase, a token pattern or the example model says so and all conditions hold.

    With `all_of` or `any_of` (full ids) it has no phrases and is built from other rules' hits. `threshold` (0..1) is the
    example model's for this rule, the pack's for the group unless the rule gives its own. Below the similarity `floor` (0..1,
    0 for none) a phrase does not count either. `odds` weigh the similarity by what came before.
    """

    id: str
    group: Group
    name: str
    title: Text
    speaker: RuleSpeaker
    file: str
    line: int
    phrases: tuple[Template, ...] = ()
    token_patterns: tuple[TokenPattern, ...] = ()
    unless: tuple[Template, ...] = ()
    negation: bool = True
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    threshold: float = 0.5
    floor: float = 0.0
    odds: Odds = EVEN
    within: Within | None = None
    after: str | None = None
    before: str | None = None
    near: Near | None = None
    question: bool = False
    count: int = 1
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The name under which other rules of the pack refer to this one (`price`, `step_clarify`)."""
        return REFERENCE_PREFIX.get(self.group, "") + self.name

    @property
    def refers_to(self) -> tuple[str, ...]:
        """Full ids of the rules that this one needs."""
        single = (self.after, self.before, self.near.rule if self.near else None)
        return (*(rule for rule in single if rule is not None), *self.all_of, *self.any_of)


@dataclass(frozen=True, slots=True)
class AppliesWhen:
    """When a script item counts: empty tuples mean always. `rule` is the full id of a rule that must have hit."""

    direction: tuple[CallDirection, ...] = ()
    role: tuple[CallRole, ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """A rule (full id) that earns `points` (0..1) of an item when the item itself was not met."""

    rule: str
    points: float


@dataclass(frozen=True, slots=True)
class ScriptItem:
    """Something the rep has to say. `order_after` is the full id of the item that must come first."""

    rule: Rule
    weight: float = 1.0
    critical: bool = False
    applies_when: AppliesWhen = field(default_factory=AppliesWhen)
    partial: Partial | None = None
    order_after: str | None = None

    @property
    def id(self) -> str:
        """The item's name in scorecards (`greeting`)."""
        return self.rule.name


@dataclass(frozen=True, slots=True)
class ObjectionType:
    """A kind of objection. `arguments` are the full ids of the argument rules that speak to it, its own first."""

    rule: Rule
    arguments: tuple[str, ...]

    @property
    def type(self) -> str:
        """The type's name in scorecards (`price`)."""
        return self.rule.name


@dataclass(frozen=True, slots=True)
class ViolationRule:
    """Something the rep must not say."""

    rule: Rule
    severity: Severity

    @property
    def id(self) -> str:
        """The violation's name in scorecards (`overpromise`)."""
        return self.rule.name


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """What a pack says about itself, without being able to score: to be read and checked in a fraction of the time."""

    id: str
    version: str
    language: str
    title: Text
    sha256: str
    pass_mark: float
    rules: Mapping[str, Rule]
    script: tuple[ScriptItem, ...]
    violations: tuple[ViolationRule, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A pack in one language, ready to score. `sha256` covers every file that can change a score."""

    id: str
    version: str
    language: str
    title: Text
    sha256: str
    pass_mark: float
    critical_cap: float
    rules: Mapping[str, Rule]
    script: tuple[ScriptItem, ...]
    objections: tuple[ObjectionType, ...]
    steps: Mapping[Step, Rule]
    arguments: Mapping[str, Rule]
    reactions: Mapping[Outcome, Rule]
    violations: tuple[ViolationRule, ...]
    policy: Policy
    flags: tuple[FlagRule, ...]
    #: The compiled rules; opaque to everyone but `matching`.
    matcher: CompiledRules
    #: How far a rule has to agree with reviewers; None where the pack does not say.
    gate: Gate | None = None
