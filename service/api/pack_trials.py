"""Trials of drafts: a draft's own tests, and what it would move in stored calls, worked on by the scoring workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Response

from service.api.backtest_answer import backtest_of
from service.api.deps import AskerDep, ServicesDep
from service.api.draft_state import DraftState, state_of
from service.api.routing import guarded_router, problems
from service.api.schemas_pack_trials import NewTrial, TestResult, TrialDetails, TrialInfo
from service.scoring.errors import DraftInvalid, DraftStateWrong
from service.scoring.pack_texts import files_sha256
from service.store.pack_drafts import CLOSED
from service.store.records_packs import Trial, TrialChoice
from service.store.transaction import Transaction
from service.trials import steps_of_tests

router = guarded_router("rules")


@router.post(
    "/pack-drafts/{draft_id}/trials",
    operation_id="start_pack_trial",
    summary="Test or back-test a draft",
    status_code=202,
    response_model=TrialInfo,
    responses={
        200: {"model": TrialInfo, "description": "The same trial is under way: this is it."},
        **problems("draft_unknown", "draft_state_wrong", "draft_invalid", "body_too_large", "malformed_request"),
    },
)
def start_pack_trial(
    draft_id: UUID, new: NewTrial, services: ServicesDep, asker: AskerDep, response: Response
) -> TrialInfo:
    """Tries the draft as it stands now, against the version in use now; a trial of its kind that is under way is given up.

    A backtest scores stored calls by both sides; nothing of them is changed. Needs a draft without errors.
    """
    now = services.now()
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        if draft.state != "open":
            raise DraftStateWrong(CLOSED.format(version=draft.published_version))
        state = state_of(services, tx, draft)
        if state.checked.problems:
            raise DraftInvalid(state.checked.problems)
        choice = _choice(new)
        subjects = _subjects(tx, state, choice)
        texts = tx.drafts.texts(draft_id)
    with services.database.transaction() as tx:
        for side in (texts, state.in_use.texts):
            tx.packs.keep(side, now=now)
        trial, created = tx.trials.start(
            draft,
            choice,
            subjects,
            version=state.version or "",
            files_sha256=state.sha256,
            before=(state.in_use.version, state.in_use.sha256),
            by=asker.name,
            now=now,
        )
        if created:
            # Ending the trial before may have dropped what this one needs as well.
            for side in (texts, state.in_use.texts):
                tx.packs.keep(side, now=now)
            detail = new.model_dump(mode="json", by_alias=True, exclude_none=True)
            tx.audit.write(asker.name, "draft.try", f"draft:{draft_id}", now=now, detail=detail)
            tx.after_commit(lambda: services.queue.send_trial(trial.id))
    response.status_code = 202 if created else 200
    return TrialInfo.of(trial, state.sha256)


@router.get(
    "/pack-drafts/{draft_id}/trials/{trial_id}",
    operation_id="get_pack_trial",
    summary="How far a trial is, and what came of it",
    response_model=TrialDetails,
    responses=problems("draft_unknown"),
)
def get_pack_trial(draft_id: UUID, trial_id: UUID, services: ServicesDep) -> TrialDetails:
    """Results stay with the draft, also after it was published; they go when it is thrown away."""
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        sha256 = files_sha256(tx.drafts.hashes(draft_id)) if draft.state == "open" else None
        trial = tx.trials.get(trial_id, draft_id=draft_id)
        return TrialDetails.model_validate(TrialDetails.of(trial, sha256, **_results(tx, trial)))


@router.post(
    "/pack-drafts/{draft_id}/trials/{trial_id}/cancel",
    operation_id="cancel_pack_trial",
    summary="Give a trial up",
    response_model=TrialInfo,
    responses=problems("draft_unknown"),
)
def cancel_pack_trial(draft_id: UUID, trial_id: UUID, services: ServicesDep, asker: AskerDep) -> TrialInfo:
    """One that has ended stays as it is."""
    now = services.now()
    with services.database.transaction() as tx:
        tx.drafts.get(draft_id)
        trial = tx.trials.cancel(trial_id, draft_id=draft_id, now=now)
        tx.audit.write(asker.name, "draft.give_up_trial", f"draft:{draft_id}", now=now)
        return TrialInfo.of(trial, files_sha256(tx.drafts.hashes(draft_id)))


def _choice(new: NewTrial) -> TrialChoice:
    if new.kind == "test":
        return TrialChoice("test")
    return TrialChoice("backtest", new.date_from, new.date_to, new.most_calls)


def _subjects(tx: Transaction, state: DraftState, choice: TrialChoice) -> list[str]:
    draft = state.draft
    if choice.kind == "test":
        return steps_of_tests(state.hashes, draft.pack_id, draft.language)
    found = tx.trials.calls_of(draft.pack_id, draft.language, choice)
    if not found:
        raise DraftStateWrong(
            f"there are no scored calls of the pack {draft.pack_id!r} in the language {draft.language!r} in this period; "
            "choose a longer one"
        )
    return found


def _results(tx: Transaction, trial: Trial) -> Mapping[str, Any]:
    if trial.result is None:
        return {}
    if trial.choice.kind == "test":
        return {"tests": TestResult.model_validate(trial.result)}
    return {"backtest": backtest_of(tx, trial.result)}
