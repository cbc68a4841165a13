"""Calls, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.schemas_people import Rep
from service.store import records
from service.store.records import AgentChannel, CallStatus, Direction

_CALL: dict[str, Any] = {
    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
    "status": "scored",
    "source": "pbx-moscow",
    "external_id": "2025-11-23/000123",
    "rep": {
        "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a10",
        "external_id": "r-17",
        "name": "Анна Белова",
        "role": "sdr",
        "team": {"id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a01", "name": "North"},
        "registered": True,
    },
    "received_at": "2025-11-23T07:20:00Z",
    "transcribing_at": "2025-11-23T07:20:01Z",
    "transcribed_at": "2025-11-23T07:20:14Z",
    "scored_at": "2025-11-23T07:20:15Z",
    "failed_at": None,
    "progress": None,
    "attempts": 0,
    "error": None,
    "started_at": "2025-11-23T07:15:00Z",
    "direction": "outbound",
    "customer_ref": "crm-4711",
    "script": "b2b_sales",
    "language": None,
    "detected_language": "ru",
    "agent_channel": "left",
    "metadata": {"campaign": "autumn"},
    "audio": {
        "format": "wav",
        "size_bytes": 2558284,
        "duration_s": 159.9,
        "channels": 2,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    "audio_erased_at": None,
    "text_erased_at": None,
    "scores": {"adherence": 0.82, "argumentation": 4.1, "objections_total": 3, "objections_handled": 2, "flags": []},
}
#: Codes have two or three letters.
_LONGEST_LANGUAGE = 8
Step = Annotated[AwareDatetime | None, Field(description="When the call reached this step; null before.")]


class Audio(BaseModel):
    """The recording as its header describes it."""

    format: str = Field(description="Container: wav, mp3, ogg, mp4, flac, webm, amr or aiff.")
    size_bytes: int
    duration_s: float | None = Field(description="Seconds; null until it is known.")
    channels: int | None
    sha256: str

    @classmethod
    def of(cls, audio: records.AudioObject) -> Audio:
        return cls(
            format=audio.format,
            size_bytes=audio.size_bytes,
            duration_s=audio.duration_s,
            channels=audio.channels,
            sha256=audio.sha256,
        )


class CallError(BaseModel):
    """Why a call failed."""

    code: str = Field(examples=["audio_unreadable"])
    message: str


class Scores(BaseModel):
    """The scorecard in short."""

    adherence: float | None = Field(description="Script adherence, 0..1; null where nothing could be assessed.")
    argumentation: float | None = Field(description="Mean points of the objections, 0..5; null without objections.")
    objections_total: int | None
    objections_handled: int | None
    flags: list[str] = Field(description="Codes of the reasons why a person should look at this call.")


class Call(BaseModel):
    """A call and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CALL]})

    id: UUID
    status: CallStatus
    source: str
    external_id: str
    rep: Rep
    received_at: AwareDatetime
    transcribing_at: Step
    transcribed_at: Step
    scored_at: Step
    failed_at: Step
    progress: float | None = Field(description="0..1 while transcribing.")
    attempts: int
    error: CallError | None = Field(
        description="Set when the status is failed, and when a transcribed call waits for rules in its language."
    )
    started_at: AwareDatetime | None
    direction: Direction | None
    customer_ref: str | None
    script: str
    language: str | None = Field(description="As given at upload; null: to be detected.")
    detected_language: str | None
    agent_channel: AgentChannel
    metadata: dict[str, Any]
    audio: Audio
    audio_erased_at: AwareDatetime | None = Field(
        description="When the recording was forgotten; null while it is there."
    )
    text_erased_at: AwareDatetime | None = Field(
        description="When what was said was forgotten; null while it is there."
    )
    scores: Scores | None = Field(
        description="Null until the call is scored, and for keys of role uploader; flags alone where there are no rules."
    )

    @property
    def ended(self) -> bool:
        """True if no worker has anything to do for it."""
        return self.status in ("scored", "failed") or self.error is not None

    @classmethod
    def of(cls, call: records.Call, *, with_scores: bool) -> Call:
        return cls(
            id=call.id,
            status=call.status,
            source=call.source,
            external_id=call.external_id,
            rep=Rep.of(call.rep),
            received_at=call.received_at,
            transcribing_at=call.transcribing_at,
            transcribed_at=call.transcribed_at,
            scored_at=call.scored_at,
            failed_at=call.failed_at,
            progress=call.progress,
            attempts=call.attempts,
            error=_error(call),
            started_at=call.started_at,
            direction=call.direction,
            customer_ref=call.customer_ref,
            script=call.script,
            language=call.language,
            detected_language=call.detected_language,
            agent_channel=call.agent_channel,
            metadata=call.metadata,
            audio=Audio.of(call.audio),
            audio_erased_at=call.audio_erased_at,
            text_erased_at=call.text_erased_at,
            scores=_scores(call) if with_scores else None,
        )


class CallPage(BaseModel):
    """Calls, newest first."""

    items: list[Call]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class RetryCall(BaseModel):
    """How to run a call again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"language": "ru"}]})

    language: str | None = Field(
        None,
        max_length=_LONGEST_LANGUAGE,
        description="Transcribe anew in this language, one of the script's; left out: go on where it ended.",
    )


class ScorecardVersion(BaseModel):
    """One scorecard of a call's history."""

    id: UUID
    pack_id: str
    pack_version: str
    pack_sha256: str
    engine_version: str
    scored_at: datetime
    current: bool = Field(description="True for the one that counts.")


class ScorecardHistory(BaseModel):
    """All scorecards of a call, newest first."""

    items: list[ScorecardVersion]


def _error(call: records.Call) -> CallError | None:
    if call.error_code is None:
        return None
    return CallError(code=call.error_code, message=call.error_message or "")


def _scores(call: records.Call) -> Scores | None:
    if call.scored_at is None and not (call.ended and call.status == "transcribed"):
        return None
    return Scores(
        adherence=call.adherence,
        argumentation=call.argumentation,
        objections_total=call.objections_total,
        objections_handled=call.objections_handled,
        flags=list(call.flags),
    )
