"""The audit log, as it is asked for and as it goes over the wire."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from service.api.queries import Moment, PageQuery
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
    at_to: Moment = Field(None, alias="to", description="Before; with a day, on that day or before.")

    @field_validator("at_to")
    @classmethod
    def _forwards(cls, value: datetime | date | None, info: ValidationInfo) -> datetime | date | None:
        begin, end = _midnight(info.data.get("at_from"), days_on=0), _midnight(value, days_on=1)
        if begin and end and begin >= end:
            raise ValueError("must lie after `from`")
        return value

    @property
    def begin(self) -> datetime | None:
        return _midnight(self.at_from, days_on=0)

    @property
    def end(self) -> datetime | None:
        return _midnight(self.at_to, days_on=1)


def _midnight(value: datetime | date | None, *, days_on: int) -> datetime | None:
    """A time as it is; of a day, the midnight it begins or ends with."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value + timedelta(days=days_on), time(), UTC)
