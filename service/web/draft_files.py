"""A draft's files, one at a time: read, edited, compared with what is in use. Nobody's change is overwritten unseen."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from service.api.deps import AskerDep, Services, ServicesDep
from service.api.draft_state import DraftState, state_of
from service.api.pack_draft_files import remove_pack_draft_file, write_pack_draft_file
from service.api.schemas_pack_drafts import NewText
from service.scoring.errors import DraftChanged, DraftInvalid, DraftStateWrong, DraftUnknown, PackProblem
from service.scoring.pack_texts import LARGEST_TEXT_BYTES, checked_path, text_sha256
from service.store.pack_drafts import CLOSED
from service.web.failures import failure_of
from service.web.list_pages import filled
from service.web.rendering import render
from service.web.routing import FormDep, page_router
from service.web.text_diff import TextDiff, text_diff

router = page_router()
#: Changed files that one page compares; the others are named.
MOST_COMPARED = 30


@router.get("/rules/drafts/{draft_id}/file", operation_id="page_draft_file")
def file_page(request: Request, draft_id: UUID, services: ServicesDep) -> Response:
    """A file to edit, or, where there is none of this name, one to begin."""
    path = filled(request)["path"]
    state = _state(services, draft_id)
    checked_path(path, state.draft.pack_id, state.draft.language)
    with services.database.read() as tx:
        text = tx.drafts.text(draft_id, path)
    return _editor(request, state, path, text or "", seen=None if text is None else text_sha256(text))


@router.post("/rules/drafts/{draft_id}/file", operation_id="page_draft_file_save")
def save(request: Request, draft_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    """Saves; where somebody else was quicker, or the text cannot be kept, what was typed stays on the page."""
    path, text, seen = (str(form.get(name, "")) for name in ("path", "text", "seen"))
    address = f"/rules/drafts/{draft_id}/file?path={quote(path)}"
    try:
        write_pack_draft_file(draft_id, path, NewText.model_construct(text=text, seen=seen or None), services, asker)
    except (DraftChanged, DraftInvalid, DraftStateWrong, DraftUnknown) as error:
        told = failure_of(error, request.state.visitor)
        try:
            state = _state(services, draft_id)
        except (DraftStateWrong, DraftUnknown):
            # Published or thrown away meanwhile: what was typed is shown, to be taken elsewhere.
            return render(request, "draft_file_late.html", status=told.status, told=told, file=path, text=text)
        checked_path(path, state.draft.pack_id, state.draft.language)
        with services.database.read() as tx:
            there = tx.drafts.text(draft_id, path)
        kept = text.replace("\r\n", "\n")
        return _editor(
            request,
            state,
            path,
            kept,
            seen=None if there is None else text_sha256(there),
            status=told.status,
            clash=text_diff(there, kept) if isinstance(error, DraftChanged) and there is not None else None,
            theirs=there if isinstance(error, DraftChanged) else None,
            taken_out=there is None and isinstance(error, DraftUnknown),
            refused=error.problems if isinstance(error, DraftInvalid) else (),
            told=told,
        )
    return RedirectResponse(f"{address}&saved={seen or 'new'}", 303)


@router.post("/rules/drafts/{draft_id}/remove", operation_id="page_draft_file_remove")
def remove(draft_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    remove_pack_draft_file(draft_id, str(form.get("path", "")), str(form.get("seen", "")), services, asker)
    return RedirectResponse(f"/rules/drafts/{draft_id}", 303)


@router.get("/rules/drafts/{draft_id}/changes", operation_id="page_draft_changes")
def changes(request: Request, draft_id: UUID, services: ServicesDep) -> Response:
    """All that the draft changes, line by line."""
    state = _state(services, draft_id)
    with services.database.read() as tx:
        texts = tx.drafts.texts(draft_id)
    changed = [(path, change) for path, change in state.changes.items() if change != "same"]
    compared = [
        (path, change, text_diff(state.in_use.texts.get(path, ""), texts.get(path, "")))
        for path, change in changed[:MOST_COMPARED]
    ]
    return render(
        request, "draft_changes.html", draft=state.draft, state=state, compared=compared, rest=changed[MOST_COMPARED:]
    )


def _state(services: Services, draft_id: UUID) -> DraftState:
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        if draft.state != "open":
            raise DraftStateWrong(CLOSED.format(version=draft.published_version))
        return state_of(services, tx, draft)


def _editor(
    request: Request,
    state: DraftState,
    path: str,
    text: str,
    *,
    seen: str | None,
    status: int = 200,
    clash: TextDiff | None = None,
    refused: tuple[PackProblem, ...] = (),
    told: object = None,
    theirs: str | None = None,
    taken_out: bool = False,
) -> Response:
    in_use = state.in_use.texts.get(path)
    lines = text.splitlines()
    problems = [found for found in state.checked.problems if found.file == path] if told is None else list(refused)
    return render(
        request,
        "draft_file.html",
        status=status,
        draft=state.draft,
        file=path,
        name=path.rpartition("/")[2],
        text=text,
        seen=seen,
        problems=[(found, lines[found.line - 1] if 0 < found.line <= len(lines) else "") for found in problems],
        others_wrong=sum(found.file != path for found in state.checked.problems),
        changed=text_diff(in_use, text) if in_use is not None and in_use != text else None,
        is_new=in_use is None,
        clash=clash,
        theirs=theirs,
        taken_out=taken_out,
        told=told,
        saved=filled(request)["saved"] if told is None else "",
        largest=LARGEST_TEXT_BYTES,
    )
