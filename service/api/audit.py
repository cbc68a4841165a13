"""The audit log: who changed what, and who listened to which recording."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.routing import guarded_router, problems
from service.api.schemas_audit import AuditEntry, AuditPage, AuditQuery

router = guarded_router("audit")
_LIST = "audit"


@router.get(
    "/audit",
    operation_id="list_audit",
    summary="Who did what",
    response_model=AuditPage,
    responses=problems(),
)
def list_audit(query: Annotated[AuditQuery, Query()], services: ServicesDep, asker: AskerDep) -> AuditPage:  # noqa: ARG001
    """Newest first: every change, and every listening to a recording (once for each half hour of it)."""
    before = cursors.decode_id(_LIST, query.cursor)
    with services.database.read() as tx:
        found = tx.audit.list(
            limit=query.limit + 1,
            before=before,
            actor=query.actor,
            action=query.action,
            subject=query.subject,
            at_from=query.begin,
            at_to=query.end,
        )
    page = found[: query.limit]
    return AuditPage(
        items=[AuditEntry.of(entry) for entry in page],
        next_cursor=cursors.encode(_LIST, page[-1].id.hex) if len(found) > len(page) else None,
    )
