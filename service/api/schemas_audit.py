"""The audit log, as it is asked for and as it goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.periods import Moment, after, begin_of, end_of
from service.api.queries import PageQuery
from service.api.validation import Name
from service.store import records


class AuditEntry(BaseModel):
    """One act."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2c01",
                    "at": "2025-11-23T07:20:00Z",
                    "actor": "user:01938a4e-8f3c-7d52-9a3e-5d1c0f6b2b01",
                    "action": "call.listen",
                    "subject": "call:01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
                    "detail": {},
                }
            ]
        }
    )

    id: UUID
    at: AwareDatetime
    actor: str = Field(description="`user:<id>`, `key:<its first characters>`, `cli` or `system`.")
    action: str = Field(examples=["user.update"])
    subject: str = Field(description="What it was done to, as `kind:id`.")
    detail: dict[str, Any] = Field(description="What changed: names of fields and roles, never names of people.")

    @classmethod
    def of(cls, entry: records.AuditEntry) -> AuditEntry:
        return cls.model_validate(entry, from_attributes=True)


class AuditPage(BaseModel):
    """Acts, newest first."""

    items: list[AuditEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class AuditQuery(PageQuery):
    """Acts to list; every filter narrows."""

    actor: Name | None = Field(None, description="Who did it, as the log names it.", examples=["cli"])
    action: Name | None = Field(None, examples=["call.listen"])
    subject: Name | None = Field(None, examples=["call:01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"])
    at_from: Moment = Field(None, alias="from", description="At or after; a day begins at 00:00 UTC.")
    at_to: Annotated[Moment, after("at_from")] = Field(
        None, alias="to", description="Before; with a day, on that day or before."
    )

    @property
    def begin(self) -> datetime | None:
        return begin_of(self.at_from)

    @property
    def end(self) -> datetime | None:
        return end_of(self.at_to)
