"""The shapes of answers, as far as programs usually read them. Times are RFC 3339 texts, ids texts.

A test holds every field against the OpenAPI. Answers have more fields than are named here.
"""

from __future__ import annotations

from typing import Any, Generic, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list. `next_cursor` is None on the last."""

    items: list[Item]
    next_cursor: str | None


class Team(TypedDict):
    id: str
    name: str


class Rep(TypedDict):
    id: str
    external_id: str
    name: str | None
    role: str | None
    team: Team | None
    registered: bool


class Scores(TypedDict):
    """Shares 0..1, argumentation 0..5; None where there was nothing to score."""

    adherence: float | None
    argumentation: float | None
    objections_total: int | None
    objections_handled: int | None
    flags: list[str]


class CallError(TypedDict):
    code: str
    message: str


class Call(TypedDict):
    """`status`: received, transcribing, transcribed, scored or failed."""

    id: str
    status: str
    source: str
    external_id: str
    rep: Rep
    received_at: str
    scored_at: str | None
    progress: float | None
    error: CallError | None
    script: str
    detected_language: str | None
    metadata: dict[str, Any]
    scores: Scores | None


class KpiFigure(TypedDict):
    """`status`: met, missed or too_few, None without a target; `value` is None where `n` is 0."""

    id: str
    title: dict[str, str]
    unit: str
    value: float | None
    n: int
    target: float | None
    status: str | None
    interval: list[float] | None
    previous: float | None


class KpiCalls(TypedDict):
    received: int | None
    scored: int


class KpiGroup(TypedDict):
    group: str
    title: str
    calls: KpiCalls
    kpis: list[KpiFigure]


class KpiAnswer(TypedDict):
    groups: list[KpiGroup]


class User(TypedDict):
    id: str
    email: str
    name: str | None
    role: str
    language: str | None
    time_zone: str


class WhoAmI(TypedDict):
    """`csrf_token` is None for a key; the client sends it by itself."""

    kind: str
    role: str
    user: User | None
    team_id: str | None
    rep_id: str | None
    operations: list[str]
    csrf_token: str | None


class QueueEntry(TypedDict):
    """A call that waits for a review, and why."""

    call: Call
    severity: str | None
    reasons: list[dict[str, str]]
    waiting_since: str
    claimed_by: str | None


class NextReview(TypedDict):
    item: QueueEntry | None


class CallReview(TypedDict):
    """People's word on a call; `effective` is the scorecard that counts."""

    scorecard_id: str
    version: int
    reviews: list[dict[str, Any]]
    effective: dict[str, Any]


class Webhook(TypedDict):
    id: str
    url: str
    name: str
    events: list[str]
    enabled: bool


class CreatedWebhook(Webhook):
    """`secret` is shown this once."""

    secret: str


class Delivery(TypedDict):
    """`state`: waiting, delivered or failed."""

    id: str
    event: str
    state: str
    attempts: int
    error: str | None
    message: dict[str, Any]
