"""A draft becomes the version in use."""

from __future__ import annotations

from uuid import UUID

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.draft_state import DraftState, blockers, state_of
from service.api.routing import guarded_router, problems
from service.api.schemas_pack_drafts import PackVersionInfo, Publication
from service.scoring.errors import DraftChanged, DraftStateWrong
from service.store.pack_drafts import CLOSED
from service.store.packs import FOLDER
from service.store.records_packs import NewVersion, PackVersionRow

router = guarded_router("rules")


@router.post(
    "/pack-drafts/{draft_id}/publish",
    operation_id="publish_pack_draft",
    summary="Publish a draft",
    status_code=201,
    response_model=PackVersionInfo,
    responses=problems("draft_unknown", "draft_state_wrong", "draft_changed", "body_too_large", "malformed_request"),
)
def publish_pack_draft(
    draft_id: UUID, publication: Publication, services: ServicesDep, asker: AskerDep
) -> PackVersionInfo:
    """Needs no errors, tests that pass, and a higher version. The next calls are scored by it, everywhere within a second; stored
    ones keep their scorecards until they are scored again."""
    with services.database.read() as tx:
        draft = tx.drafts.get(draft_id)
        if draft.state != "open":
            raise DraftStateWrong(CLOSED.format(version=draft.published_version))
        state = state_of(services, tx, draft)
    row = _publish(services, asker, state, publication)
    return PackVersionInfo.of(row, in_use=True)


def _publish(services: Services, asker: Asker, state: DraftState, publication: Publication) -> PackVersionRow:
    draft, in_use, now = state.draft, state.in_use, services.now()
    if draft.revision != publication.revision:
        raise DraftChanged("somebody changed the draft since you looked at it; look at it again")
    if in_use.sha256 != publication.over:
        raise DraftChanged(
            f"version {in_use.version} came into use since you compared; look at what the draft changes now"
        )
    missing = blockers(state)
    outline = state.checked.outline
    if missing or outline is None:
        raise DraftStateWrong("; ".join(blocker.message for blocker in missing))
    with services.database.transaction() as tx:
        number = in_use.number
        if number == 0:
            # What lay in the folder stays at hand: nobody could go back to it otherwise.
            before = NewVersion(
                pack_id=draft.pack_id,
                language=draft.language,
                version=in_use.version,
                pack_sha256=services.packs.header(draft.pack_id, draft.language).sha256,
                files_sha256=tx.packs.keep(in_use.texts, now=now),
                source="folder",
                reason="",
            )
            number = tx.packs.publish(before, after=0, by=FOLDER, now=now).number
        new = NewVersion(
            pack_id=draft.pack_id,
            language=draft.language,
            version=outline.version,
            pack_sha256=outline.sha256,
            files_sha256=tx.packs.keep(tx.drafts.texts(draft.id), now=now),
            source="draft",
            reason=publication.reason,
            draft_id=draft.id,
        )
        row = tx.packs.publish(new, after=number, by=asker.name, now=now)
        for trial in state.trials:
            tx.trials.cancel(trial.id, draft_id=draft.id, now=now)
        tx.drafts.published(draft.id, revision=draft.revision, version=row.version, now=now)
        detail = {"version": row.version, "instead_of": in_use.version, "sha256": row.pack_sha256}
        tx.audit.write(asker.name, "pack.publish", f"pack:{draft.pack_id}/{draft.language}", now=now, detail=detail)
        tx.after_commit(services.packs.look_again)
    return row
