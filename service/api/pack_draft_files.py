"""The files of a draft: read, written and taken out one by one, without overwriting anybody."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from service.api.deps import AskerDep, ServicesDep
from service.api.routing import guarded_router, problems
from service.api.schemas_pack_drafts import DraftText, NewText, Path, Sha256
from service.scoring.errors import DraftUnknown
from service.scoring.pack_texts import checked_path, checked_text, checked_whole, text_sha256

router = guarded_router("rules")
_CHANGE = ("draft_unknown", "draft_state_wrong", "draft_changed", "draft_invalid")


@router.get(
    "/pack-drafts/{draft_id}/file",
    operation_id="get_pack_draft_file",
    summary="A file of a draft",
    response_model=DraftText,
    responses=problems("draft_unknown"),
)
def get_pack_draft_file(
    draft_id: UUID, path: Annotated[Path, Query(examples=["ru/b2b_sales/pack.yaml"])], services: ServicesDep
) -> DraftText:
    """As it stands in the draft."""
    with services.database.read() as tx:
        tx.drafts.get(draft_id)
        text = tx.drafts.text(draft_id, path)
    if text is None:
        raise DraftUnknown(f"the draft has no file {path}")
    return DraftText(path=path, text=text, sha256=text_sha256(text))


@router.put(
    "/pack-drafts/{draft_id}/file",
    operation_id="write_pack_draft_file",
    summary="Change or add a file",
    response_model=DraftText,
    responses=problems("body_too_large", "malformed_request", *_CHANGE),
)
def write_pack_draft_file(
    draft_id: UUID,
    path: Annotated[Path, Query(examples=["ru/b2b_sales/pack.yaml"])],
    new: NewText,
    services: ServicesDep,
    asker: AskerDep,
) -> DraftText:
    """Refused if somebody else saved the file since you read it. What stands in it may be wrong for now: see the draft's errors."""
    with services.database.transaction() as tx:
        draft = tx.drafts.get(draft_id)
        checked_path(path, draft.pack_id, draft.language)
        text = checked_text(path, new.text)
        tx.drafts.write(draft_id, path, text, seen=new.seen, by=asker.name, now=services.now())
        checked_whole(tx.drafts.sizes(draft_id))
    return DraftText(path=path, text=text, sha256=text_sha256(text))


@router.delete(
    "/pack-drafts/{draft_id}/file",
    operation_id="remove_pack_draft_file",
    summary="Take a file out",
    status_code=204,
    response_class=Response,
    responses=problems("draft_unknown", "draft_state_wrong", "draft_changed"),
)
def remove_pack_draft_file(
    draft_id: UUID,
    path: Annotated[Path, Query(examples=["ru/b2b_sales/script/greeting.yaml"])],
    seen: Annotated[Sha256, Query(description="The `sha256` of the file as you saw it.")],
    services: ServicesDep,
    asker: AskerDep,
) -> Response:
    """Refused if somebody else saved the file since."""
    with services.database.transaction() as tx:
        tx.drafts.remove(draft_id, path, seen=seen, by=asker.name, now=services.now())
    return Response(status_code=204)
