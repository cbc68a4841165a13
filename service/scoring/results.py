"""What scoring a call yields: statuses, points and the evidence behind each of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

#: Text in every language of the product, by ISO 639-1 code ("ru", "en").
Text = dict[str, str]

#: `not_counted` only where a rule was switched off; the machine's own scorecards never hold it.
ItemStatus = Literal["met", "partial", "missed", "not_applicable", "not_assessable", "not_counted"]
Outcome = Literal["accepted", "neutral", "rejected"]
Severity = Literal["low", "medium", "high"]
Step = Literal["acknowledge", "clarify", "argument", "evidence", "confirm"]
STEPS: tuple[Step, ...] = ("acknowledge", "clarify", "argument", "evidence", "confirm")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words behind a point.

    `utterance` is the 0-based index in the transcript; times in seconds, None for text. `template` is the phrase template
    (or, for a rule by example, the nearest example) that matched. `similarity` (0..1, rounded) and `fragments` are
    set where an example decided.
    """

    utterance: int
    start_s: float | None
    end_s: float | None
    quote: str
    rule: str
    template: str
    similarity: float | None = None
    fragments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """What came closest to a missed rule: which part of which template matched, and what was missing."""

    utterance: int
    quote: str
    rule: str
    template: str
    matched: str
    missing: str


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One script item. `points` 0..1, or None where the status leaves numerator and denominator."""

    id: str
    title: Text
    status: ItemStatus
    points: float | None
    weight: float
    critical: bool
    reason: Text
    evidence: tuple[Evidence, ...]
    near_misses: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step the rep took in answer to an objection."""

    step: Step
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class ObjectionResult:
    """One objection episode: where it was voiced, how it was answered, what came of it. `points` 0..5."""

    id: str
    type: str
    title: Text
    evidence: tuple[Evidence, ...]
    repeats: tuple[Evidence, ...]
    steps: tuple[StepResult, ...]
    outcome: Outcome
    outcome_evidence: tuple[Evidence, ...]
    handled: bool
    points: float
    reason: Text


@dataclass(frozen=True, slots=True)
class ViolationResult:
    """A forbidden behaviour that was found."""

    id: str
    title: Text
    severity: Severity
    reason: Text
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a person should look at this call."""

    code: str
    severity: Severity
    reason: Text


@dataclass(frozen=True, slots=True)
class Conversation:
    """Figures from times; every one is None where the transcript has none. Shares 0..1, times in seconds."""

    agent_talk_share: float | None = None
    longest_monologue_s: float | None = None
    pauses_over_3s: int | None = None
    interruptions: int | None = None
    agent_words_per_minute: float | None = None
    questions_per_10_minutes: float | None = None
    reaction_after_objection_s: float | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The whole result for one call.

    `adherence` is sum(weight x points) / sum(weight) over applicable, assessable items (0..1), None if there are none;
    `adherence_points` and `adherence_weight` are that fraction's two sides. `argumentation` is the mean of the
    objections' points (0..5), None without objections. `no_speech` is True where nobody was heard.
    """

    pack_id: str
    pack_version: str
    pack_sha256: str
    engine_version: str
    transcript_sha256: str
    language: str
    speaker_source: str
    no_speech: bool
    adherence: float | None
    adherence_points: float
    adherence_weight: float
    passed: bool | None
    items: tuple[ItemResult, ...]
    objections: tuple[ObjectionResult, ...]
    objections_total: int
    objections_handled: int
    argumentation: float | None
    violations: tuple[ViolationResult, ...]
    conversation: Conversation
    flags: tuple[Flag, ...]
    notes: tuple[Text, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def canonical_json(self) -> bytes:
        """The same bytes for the same transcript and pack, in any process."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
