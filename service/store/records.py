"""What the store hands out: frozen records, never database objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypedDict, get_args
from uuid import UUID

from service.scoring.kpi_sums import KpiSums

CallStatus = Literal["received", "transcribing", "transcribed", "scored", "failed"]
CALL_STATUSES: tuple[CallStatus, ...] = ("received", "transcribing", "transcribed", "scored", "failed")
Direction = Literal["inbound", "outbound"]
RepRole = Literal["sdr", "sales_manager", "account_manager"]
KeyRole = Literal["uploader", "reader", "manager", "qa_lead", "admin"]
KEY_ROLES: tuple[KeyRole, ...] = ("uploader", "reader", "manager", "qa_lead", "admin")
#: The work a call waits for.
WorkStep = Literal["transcribe", "score"]
AgentChannel = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Team:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Rep:
    """`external_id` is the telephony system's id. `registered` is False for a rep created by an upload."""

    id: UUID
    external_id: str
    name: str | None
    role: RepRole | None
    team: Team | None
    registered: bool


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: never the key itself. `prefix` is its first characters, `team` limits what it may see."""

    id: UUID
    name: str
    role: KeyRole
    prefix: str
    team_id: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AudioObject:
    """A stored recording. `key` names it in the audio store, `format` is the container as found (`wav`, `mp3`, `ogg` ...)."""

    key: str
    sha256: str
    size_bytes: int
    format: str
    duration_s: float | None
    channels: int | None


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call as it was uploaded and checked. `idempotency_key` is None unless the header was sent."""

    source: str
    external_id: str
    rep_external_id: str
    audio: AudioObject
    started_at: datetime | None = None
    direction: Direction | None = None
    customer_ref: str | None = None
    script: str = "b2b_sales"
    language: str | None = None
    agent_channel: AgentChannel = "left"
    metadata: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    uploaded_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call and where it stands. All times UTC. `progress` is 0..1 while transcribing. `speech_s` as in Transcript."""

    id: UUID
    source: str
    external_id: str
    rep: Rep
    audio: AudioObject
    status: CallStatus
    started_at: datetime | None
    direction: Direction | None
    customer_ref: str | None
    script: str
    language: str | None
    agent_channel: AgentChannel
    metadata: dict[str, Any]
    uploaded_by: UUID | None
    received_at: datetime
    transcribing_at: datetime | None
    transcribed_at: datetime | None
    scored_at: datetime | None
    failed_at: datetime | None
    attempts: int
    progress: float | None
    error_code: str | None
    error_message: str | None
    detected_language: str | None
    adherence: float | None
    argumentation: float | None
    objections_total: int | None
    objections_handled: int | None
    flags: tuple[str, ...]
    # When the recording, and what was said, were forgotten; None while they are there.
    audio_erased_at: datetime | None = None
    text_erased_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """True if no worker has anything to do for it: scored, failed, or set aside for want of rules in its language."""
        return self.status in ("scored", "failed") or self.error_code is not None


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls to list; None means any. `uploaded_by` limits an uploader's key to its own, `team_id` a team's key or
    manager to the team, `rep_id` a rep to his own.

    `text` is words that must all have been said, in any form of theirs. `reviewed`: by a person, since it was scored last or before.
    Adherence 0..1, argumentation 0..5, both ends included; calls without the score fit no range of it.
    """

    status: CallStatus | None = None
    rep: str | None = None
    team: str | None = None
    flagged: bool | None = None
    script: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    uploaded_by: UUID | None = None
    team_id: UUID | None = None
    rep_id: UUID | None = None
    reviewed: bool | None = None
    text: str | None = None
    adherence_min: float | None = None
    adherence_max: float | None = None
    argumentation_min: float | None = None
    argumentation_max: float | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """Newest first. `next_cursor` is opaque, None on the last page."""

    calls: tuple[Call, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """A call that waits for a step, as the sweeper finds it."""

    call_id: UUID
    step: WorkStep
    duration_s: float | None


GroupBy = Literal["rep", "team", "role", "script", "objection_type", "day", "week", "month", "all"]
GROUPS_BY: tuple[GroupBy, ...] = get_args(GroupBy)


@dataclass(frozen=True, slots=True)
class KpiTotals:
    """Sums of the rollup for one group; what `scoring.kpi` turns into KPIs.

    `keys` has the group's key by each dimension asked for (rep's external id, team name, role, script, objection type, first day
    of the day, week or month; "" for none); `titles` the names that differ from their keys.
    """

    keys: Mapping[GroupBy, str]
    titles: Mapping[GroupBy, str]
    sums: KpiSums

    @property
    def group(self) -> str:
        """All keys in one text, "/" between them; "all" where there is only one group."""
        return "/".join(self.keys.values())

    @property
    def title(self) -> str:
        """As `group`, with names for keys."""
        return " / ".join(self.titles.get(by, key) for by, key in self.keys.items())


@dataclass(frozen=True, slots=True)
class RulesSpan:
    """Days on which a version of the rules scored calls. `rules` is language and version, like ru/1.2.0."""

    script: str
    rules: str
    first_day: date
    last_day: date
    calls: int


@dataclass(frozen=True, slots=True)
class KpiFilter:
    """`date_from` inclusive, `date_to` inclusive; a call's day is the UTC day of `started_at`, else of its arrival.

    `rules`, pairs of script and rules, leaves out what other versions scored; arrivals count all the same. `not_rep_id` leaves
    out one rep, for comparing it with its colleagues; `rep_ids` leaves only these.
    """

    date_from: date | None = None
    date_to: date | None = None
    team: str | None = None
    rep: str | None = None
    role: RepRole | None = None
    team_id: UUID | None = None
    script: str | None = None
    objection_type: str | None = None
    rep_id: UUID | None = None
    not_rep_id: UUID | None = None
    rep_ids: frozenset[UUID] | None = None
    rules: frozenset[tuple[str, str]] | None = None


class ScorecardVersion(TypedDict):
    """One scorecard of a call's history, without its content."""

    id: UUID
    pack_id: str
    pack_version: str
    pack_sha256: str
    engine_version: str
    scored_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: who (`key:cs_1a2b3c4d`, `user:<id>`, `cli`) did what (`key.revoke`) to what (`key:<id>`)."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
