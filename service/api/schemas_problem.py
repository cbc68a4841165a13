"""The error documents, as the OpenAPI describes them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from service.store.records import CallStatus


class FieldProblem(BaseModel):
    """One input at fault."""

    field: str = Field(description="The field as it was sent; `body` for the whole body.", examples=["started_at"])
    message: str = Field(description="What the field may be, and what to do.")
    limit: float | None = Field(None, description="The number the field must keep to, where there is one.")


class Problem(BaseModel):
    """RFC 9457 problem document (`application/problem+json`). `code` is stable: decide by it, not by the sentences."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:callscore:problem:call_not_found"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What was wrong with this request, and what to do about it.")
    code: str = Field(examples=["call_not_found"])
    request_id: str = Field(description="Quote it when you report the problem; it stands in the log.")
    errors: list[FieldProblem] | None = Field(None, description="The inputs at fault, all of them.")
    retry_after_s: int | None = Field(None, description="Seconds to wait, as in the header Retry-After.")
    call_status: CallStatus | None = Field(None, description="Where the call stands, if that is the reason.")


def problem_schemas() -> dict[str, Any]:
    """The components that every operation's problems refer to."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {"Problem": schema, **inner}
