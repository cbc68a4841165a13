"""Drafts of rule packs: made, looked at and thrown away. Their files are for `pack_draft_files`, publishing for `pack_publishing`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.draft_state import DraftState, blockers, in_use_of, state_of
from service.api.packs import languages_of
from service.api.problems import Refused, invalid
from service.api.routing import guarded_router, problems
from service.api.schemas_pack_drafts import (
    DraftDetails,
    DraftFile,
    DraftList,
    DraftSummary,
    NewDraft,
    Note,
)
from service.api.schemas_pack_trials import TrialInfo
from service.api.schemas_packs import Problem
from service.api.validation import FieldError, Name
from service.pack_archive import LARGEST_ARCHIVE_BYTES, read_archive, write_archive
from service.scoring.errors import DraftStateWrong
from service.scoring.pack_texts import checked_whole
from service.scoring.parsing import BASELINE_FOLDER, LISTS_FOLDER
from service.store.pack_drafts import CLOSED
from service.store.records_packs import Draft

router = guarded_router("rules")
_CHANGE = ("draft_unknown", "draft_state_wrong", "draft_changed", "draft_invalid")
_ZIP = "application/zip"
#: What a client may call the bytes that it sends; they are looked at, not their name.
_BYTES = "application/octet-stream"


@router.get(
    "/pack-drafts",
    operation_id="list_pack_drafts",
    summary="List drafts of rule packs",
    response_model=DraftList,
    responses=problems(),
)
def list_pack_drafts(
    services: ServicesDep,
    pack: Annotated[Name | None, Query(description="Only this pack's.")] = None,
    published: Annotated[bool, Query(description="Also those that were published.")] = False,
) -> DraftList:
    """Newest first."""
    with services.database.read() as tx:
        found = tx.drafts.list(pack_id=pack, published=published)
    return DraftList(items=[DraftSummary.of(draft) for draft in found])


@router.post(
    "/pack-drafts",
    operation_id="create_pack_draft",
    summary="Begin a draft",
    status_code=201,
    response_model=DraftSummary,
    responses=problems("pack_unknown", "body_too_large", "malformed_request", *_CHANGE),
)
def create_pack_draft(new: NewDraft, services: ServicesDep, asker: AskerDep) -> DraftSummary:
    """A copy of the version in use (or of another) that changes nothing until it is published."""
    _check_pack(services, new.pack, new.language)
    if new.start == "version":
        if new.number is None:
            raise invalid([FieldError("number", "is required: of the published version to begin from")])
        with services.database.read() as tx:
            texts = tx.packs.texts(tx.packs.get(new.pack, new.language, new.number).files_sha256)
    else:
        texts = services.packs.texts(new.pack, new.language, on_disk=new.start == "folder")
    return DraftSummary.of(_create(services, asker, new.pack, new.language, texts, new.note))


@router.post(
    "/pack-drafts/upload",
    operation_id="upload_pack_draft",
    summary="Begin a draft with a .zip",
    status_code=201,
    response_model=DraftSummary,
    responses=problems("pack_unknown", "body_too_large", "malformed_request", *_CHANGE),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": f"The pack's folder as a .zip of at most {LARGEST_ARCHIVE_BYTES} bytes, YAML files only.",
            "content": {_BYTES: {"schema": {"type": "string", "contentMediaType": _ZIP}}},
        }
    },
)
async def upload_pack_draft(
    request: Request,
    services: ServicesDep,
    asker: AskerDep,
    pack: Annotated[Name, Query(description="A rule pack's id.")],
    language: Annotated[Name, Query(description="Of the pack.")],
    note: Annotated[Note, Query(description="What it is for.")] = "",
) -> DraftSummary:
    """Lists and ordinary talk (`_lists/`, `_baseline/`) that the archive does not hold beside the pack are those in use."""
    data = await request.body()
    draft = await run_in_threadpool(draft_of_archive, services, asker, pack, language, data, note)
    return DraftSummary.of(draft)


@router.get(
    "/pack-drafts/{draft_id}",
    operation_id="get_pack_draft",
    summary="One draft",
    response_model=DraftDetails,
    responses=problems("draft_unknown"),
)
def get_pack_draft(draft_id: UUID, services: ServicesDep) -> DraftDetails:
    """Its files against the version in use now, every error in them, its trials, and what has to be done before publishing."""
    with services.database.read() as tx:
        state = state_of(services, tx, tx.drafts.get(draft_id))
    return _details(state)


@router.delete(
    "/pack-drafts/{draft_id}",
    operation_id="discard_pack_draft",
    summary="Throw a draft away",
    status_code=204,
    response_class=Response,
    responses=problems("draft_unknown", "draft_state_wrong"),
)
def discard_pack_draft(draft_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """With what its trials found. A published draft stays: it says where a version came from."""
    with services.database.transaction() as tx:
        draft = tx.drafts.get(draft_id)
        tx.drafts.discard(draft_id)
        tx.packs.forget_unused()
        tx.audit.write(asker.name, "draft.discard", _subject(draft), now=services.now())
    return Response(status_code=204)


@router.get(
    "/pack-drafts/{draft_id}/archive",
    operation_id="download_pack_draft",
    summary="A draft as a .zip",
    response_class=Response,
    responses={
        200: {"description": "The draft's files.", "content": {_ZIP: {}}},
        **problems("draft_unknown", "draft_state_wrong"),
    },
)
def download_pack_draft(draft_id: UUID, services: ServicesDep) -> Response:
    """To edit it elsewhere, and upload it as another draft. The files stand below `ru/` or `en/`, as in the rules folder."""
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        texts = tx.drafts.texts(draft_id)
    if not texts:
        raise DraftStateWrong(CLOSED.format(version=draft.published_version))
    name = f"{draft.pack_id}-{draft.language}-draft.zip"
    return Response(
        write_archive(texts), media_type=_ZIP, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def draft_of_archive(services: Services, asker: Asker, pack_id: str, language: str, data: bytes, note: str) -> Draft:
    """A draft with the files of a .zip. Raises Refused, DraftInvalid, DraftStateWrong."""
    _check_pack(services, pack_id, language)
    texts = read_archive(data, pack_id, language)
    for folder in (LISTS_FOLDER, BASELINE_FOLDER):
        place = f"{language}/{folder}/"
        if not any(path.startswith(place) for path in texts):
            in_use = services.packs.texts(pack_id, language)
            texts |= {path: text for path, text in in_use.items() if path.startswith(place)}
    checked_whole({path: len(text.encode()) for path, text in texts.items()})
    return _create(services, asker, pack_id, language, texts, note)


def _create(services: Services, asker: Asker, pack_id: str, language: str, texts: dict[str, str], note: str) -> Draft:
    in_use, now = in_use_of(services, pack_id, language), services.now()
    with services.database.transaction() as tx:
        draft = tx.drafts.create(
            pack_id,
            language,
            texts,
            note=note,
            base_version=in_use.version,
            base_sha256=in_use.sha256,
            by=asker.name,
            now=now,
        )
        tx.audit.write(asker.name, "draft.create", _subject(draft), now=now, detail={"from": in_use.version})
    return draft


def _details(state: DraftState) -> DraftDetails:
    files = [
        DraftFile(path=path, bytes=state.sizes.get(path, 0), sha256=state.hashes.get(path), change=change)
        for path, change in state.changes.items()
    ]
    return DraftDetails(
        **DraftSummary.of(state.draft).model_dump(),
        version=state.version,
        files_sha256=state.sha256,
        in_use_version=state.in_use.version,
        in_use_sha256=state.in_use.sha256,
        files=files,
        problem_list=[Problem.of(problem) for problem in state.checked.problems],
        blockers=list(blockers(state)),
        trials=[TrialInfo.of(trial, state.sha256) for trial in state.trials],
    )


def _check_pack(services: Services, pack_id: str, language: str) -> None:
    languages = languages_of(services, pack_id)
    if language not in languages:
        raise Refused(
            "pack_unknown", f"the pack {pack_id!r} has no language {language!r}; it has {', '.join(languages)}"
        )


def _subject(draft: Draft) -> str:
    return f"draft:{draft.id}"
