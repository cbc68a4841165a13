"""Reviewed calls as labelled calls, for measuring rules elsewhere."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.validation import Name

router = guarded_router("reviews")
_LIST = "labels"


class LabelQuery(PageQuery):
    """Which reviewed calls."""

    script: Name | None = Field(None, description="A rule pack's id.")
    sample_only: bool = Field(False, description="Only calls of the random sample.")


class LeftOut(BaseModel):
    """A reviewed call that cannot be labelled."""

    call_id: UUID
    reason: str


class LabelledCalls(BaseModel):
    """Reviewed calls, by id."""

    items: list[dict[str, Any]] = Field(
        description="One file of `callscore evaluate` each: turns with speaker and text, objections, expected items and violations."
    )
    left_out: list[LeftOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


@router.get(
    "/labels",
    operation_id="list_labels",
    summary="Reviewed calls as labelled calls",
    response_model=LabelledCalls,
    responses=problems("stored_text_damaged"),
)
def list_labels(query: Annotated[LabelQuery, Query()], services: ServicesDep, asker: AskerDep) -> LabelledCalls:
    """What was said and what people decided, in the format that `callscore evaluate` reads. Every page is noted in the audit log."""
    share = services.settings.review_sample_share if query.sample_only else None
    now = services.now()
    with services.database.transaction() as tx:
        found = tx.labels.page(
            script=query.script,
            team_id=asker.team_id,
            sample_share=share,
            limit=query.limit + 1,
            after=cursors.decode_id(_LIST, query.cursor),
        )
        page = found[: query.limit]
        tx.audit.write(asker.name, "labels.export", "labels", now=now, detail={"calls": len(page)})
    return LabelledCalls(
        items=[one.data for one in page if one.data is not None],
        left_out=[LeftOut(call_id=one.call_id, reason=one.why_not or "") for one in page if one.data is None],
        next_cursor=cursors.encode(_LIST, page[-1].call_id.hex) if len(found) > len(page) else None,
    )
