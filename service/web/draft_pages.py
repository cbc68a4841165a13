"""Drafts of rules: begun, looked at, tried, thrown away, published; and the versions that were."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from service.api.deps import AskerDep, Services, ServicesDep
from service.api.draft_state import blockers, highest_version, state_of
from service.api.pack_drafts import (
    create_pack_draft,
    discard_pack_draft,
    download_pack_draft,
    draft_of_archive,
)
from service.api.pack_publishing import publish_pack_draft
from service.api.pack_trials import cancel_pack_trial, get_pack_trial, start_pack_trial
from service.api.packs import list_pack_versions, pack_in, restore_pack_version
from service.api.problems import invalid
from service.api.schemas_pack_drafts import LONGEST_NOTE, DraftSummary, NewDraft, Publication, Restore
from service.api.schemas_pack_trials import MOST_CALLS, USUAL_CALLS, NewTrial, TrialInfo
from service.api.validation import FieldError
from service.pack_archive import LARGEST_ARCHIVE_BYTES
from service.store.records_packs import Draft
from service.web.admin_forms import model_of
from service.web.list_pages import filled
from service.web.people import names_of
from service.web.rendering import render
from service.web.routing import FormDep, page_router
from service.web.trial_view import trial_view

router = page_router()
#: Errors of a draft that its page shows; mending some lets others vanish.
MOST_PROBLEMS = 50
#: Trials that a draft's page shows.
MOST_TRIALS = 10


@router.get("/rules/{pack_id}/drafts", operation_id="page_pack_drafts")
def pack_drafts(request: Request, pack_id: str, services: ServicesDep) -> Response:
    """What was published, what is drafted, and how to begin."""
    spoken = filled(request).get("language") or request.state.visitor.language
    languages = services.packs.languages(pack_id)
    language = spoken if spoken in languages or not languages else languages[0]
    versions = list_pack_versions(pack_id, language, services).items
    with services.database.read() as tx:
        drafts = [found for found in tx.drafts.list(pack_id=pack_id) if found.language == language]
        names = names_of(tx, [*(draft.changed_by for draft in drafts), *(found.published_by for found in versions)])
    return render(
        request,
        "pack_drafts.html",
        pack_id=pack_id,
        language_of=language,
        languages_of=languages,
        shown=pack_in(services, pack_id, language),
        versions=versions,
        drafts=[DraftSummary.of(draft) for draft in drafts],
        names=names,
        longest_note=LONGEST_NOTE,
        largest_archive=LARGEST_ARCHIVE_BYTES,
    )


@router.post("/rules/{pack_id}/drafts", operation_id="page_draft_new")
def new_draft(pack_id: str, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    start = str(form.get("start", ""))
    number = {"start": "version", "number": start} if start.isdecimal() else {}
    made = create_pack_draft(model_of(NewDraft, form, {"pack": pack_id, **number}), services, asker)
    return RedirectResponse(f"/rules/drafts/{made.id}", 303)


@router.post("/rules/{pack_id}/drafts/upload", operation_id="page_draft_upload")
def upload(pack_id: str, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    file = form.get("archive")
    if not isinstance(file, UploadFile) or not file.filename:
        if isinstance(file, UploadFile):
            file.file.close()
        raise invalid([FieldError("archive", "is required: the pack's folder as a .zip")])
    with file.file:
        data = file.file.read(LARGEST_ARCHIVE_BYTES + 1)
    wanted = model_of(NewDraft, form, {"pack": pack_id})
    draft = draft_of_archive(services, asker, wanted.pack, wanted.language, data, wanted.note)
    return RedirectResponse(f"/rules/drafts/{draft.id}", 303)


@router.post("/rules/{pack_id}/restore", operation_id="page_pack_restore")
def restore(pack_id: str, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    wanted = model_of(Restore, form)
    restore_pack_version(pack_id, wanted, services, asker)
    return RedirectResponse(f"/rules/{pack_id}/drafts?language={wanted.language}", 303)


@router.get("/rules/drafts/{draft_id}", operation_id="page_draft")
def draft_page(request: Request, draft_id: UUID, services: ServicesDep) -> Response:
    """A draft: what it changes, what is wrong with it, what it would move, and what is left to do."""
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        if draft.state != "open":
            return _published(request, services, draft)
        state = state_of(services, tx, draft)
        names = names_of(tx, [draft.created_by, draft.changed_by])
    missing = blockers(state)
    return render(
        request,
        "draft.html",
        draft=draft,
        state=state,
        changes=[(path, change) for path, change in state.changes.items() if change != "same"],
        files=_by_folder(sorted(state.hashes), draft),
        wrong_files={problem.file for problem in state.checked.problems},
        problems=state.checked.problems[:MOST_PROBLEMS],
        blockers=missing,
        highest=highest_version(state),
        trials=[TrialInfo.of(trial, state.sha256) for trial in state.trials[:MOST_TRIALS]],
        failed_tests=(state.tested.result or {}).get("failed", 0) if state.tested else None,
        names=names,
        usual_calls=USUAL_CALLS,
        most_calls=MOST_CALLS,
    )


@router.get("/rules/drafts/{draft_id}/archive", operation_id="page_draft_archive")
def archive(draft_id: UUID, services: ServicesDep) -> Response:
    return download_pack_draft(draft_id, services)


@router.post("/rules/drafts/{draft_id}/discard", operation_id="page_draft_discard")
def discard(draft_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
    discard_pack_draft(draft_id, services, asker)
    return RedirectResponse(f"/rules/{draft.pack_id}/drafts?language={draft.language}", 303)


@router.post("/rules/drafts/{draft_id}/publish", operation_id="page_draft_publish")
def publish(draft_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    publish_pack_draft(draft_id, model_of(Publication, form), services, asker)
    return RedirectResponse(f"/rules/drafts/{draft_id}", 303)


@router.post("/rules/drafts/{draft_id}/trials", operation_id="page_draft_try")
def start_trial(draft_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    trial = start_pack_trial(draft_id, model_of(NewTrial, _without_dates_of_tests(form)), services, asker, Response())
    return RedirectResponse(f"/rules/drafts/{draft_id}/trials/{trial.id}", 303)


@router.get("/rules/drafts/{draft_id}/trials/{trial_id}", operation_id="page_trial")
def trial_page(request: Request, draft_id: UUID, trial_id: UUID, services: ServicesDep) -> Response:
    """What a trial found; while it runs, how far it is, asked again by a script or by hand."""
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
    trial = get_pack_trial(draft_id, trial_id, services)
    values = trial_view(services, request.state.visitor, trial)
    if "hx-request" not in request.headers:
        return render(request, "draft_trial.html", draft=draft, trial=trial, **values)
    response = render(request, "draft_trial_state.html", draft=draft, trial=trial)
    if trial.state != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@router.post("/rules/drafts/{draft_id}/trials/{trial_id}", operation_id="page_trial_cancel")
def cancel_trial(draft_id: UUID, trial_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    cancel_pack_trial(draft_id, trial_id, services, asker)
    return RedirectResponse(f"/rules/drafts/{draft_id}", 303)


def _published(request: Request, services: Services, draft: Draft) -> Response:
    with services.database.read() as tx:
        trials = [TrialInfo.of(trial, None) for trial in tx.trials.of_draft(draft.id)]
        version = next(
            (row for row in tx.packs.history(draft.pack_id, draft.language) if row.draft_id == draft.id), None
        )
        names = names_of(tx, [draft.created_by, None if version is None else version.published_by])
    return render(request, "draft_published.html", draft=draft, trials=trials, version=version, names=names)


def _by_folder(paths: list[str], draft: Draft) -> list[tuple[str, list[str]]]:
    """Files by the folder that they lie in, the pack's own first."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("/")[0], []).append(path)
    own = f"{draft.language}/{draft.pack_id}"
    return sorted(found.items(), key=lambda item: (not item[0].startswith(own), item[0]))


def _without_dates_of_tests(form: FormData) -> FormData:
    """The form of a backtest, or of tests, which take no period."""
    if form.get("kind") == "backtest":
        return form
    return FormData([("kind", str(form.get("kind", "")))])
