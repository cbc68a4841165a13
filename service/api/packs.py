"""The rule packs: which versions are in use, what is wrong with those on disk, and which were published before."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from service.api.deps import AskerDep, Services, ServicesDep
from service.api.draft_state import in_use_of
from service.api.problems import Refused
from service.api.routing import guarded_router, problems
from service.api.schemas_pack_drafts import PackVersionInfo, PackVersionList, Restore
from service.api.schemas_packs import PackAnswer, PackDetails, PackList, PackSummary, PackVersion
from service.api.validation import Name
from service.rule_files import PackFiles
from service.scoring.errors import DraftInvalid, DraftStateWrong
from service.scoring.parsing import check
from service.store.records_packs import NewVersion

router = guarded_router("rules")


@router.get(
    "/packs", operation_id="list_packs", summary="List rule packs", response_model=PackList, responses=problems()
)
def list_packs(services: ServicesDep) -> PackList:
    """What their files say about themselves. A pack with errors never replaces a good one: ask for the pack to see them."""
    packs = services.packs
    return PackList(
        items=[
            PackSummary(
                id=name,
                languages=[
                    PackVersion.of(packs.state(name, spoken))
                    if packs.looked_at(name, spoken)
                    else PackVersion.listed(packs.header(name, spoken))
                    for spoken in packs.languages(name)
                ],
            )
            for name in packs.ids()
        ]
    )


@router.get(
    "/packs/{pack_id}",
    operation_id="get_pack",
    summary="One rule pack",
    response_model=PackAnswer,
    responses=problems("pack_unknown"),
)
def get_pack(pack_id: str, services: ServicesDep) -> PackAnswer:
    """Its rules by title, and every error in its files with file, line and what was expected."""
    return PackAnswer(
        id=pack_id, languages=[pack_in(services, pack_id, language) for language in languages_of(services, pack_id)]
    )


@router.get(
    "/packs/{pack_id}/versions",
    operation_id="list_pack_versions",
    summary="Versions of a rule pack",
    response_model=PackVersionList,
    responses=problems("pack_unknown"),
)
def list_pack_versions(
    pack_id: str, language: Annotated[Name, Query(description="Of the pack.")], services: ServicesDep
) -> PackVersionList:
    """Who published what, when and why, the newest first."""
    _check_language(services, pack_id, language)
    with services.database.read() as tx:
        found = tx.packs.history(pack_id, language)
    return PackVersionList(items=[PackVersionInfo.of(row, in_use=row is found[0]) for row in found])


@router.post(
    "/packs/{pack_id}/versions/restore",
    operation_id="restore_pack_version",
    summary="Put an earlier version to use again",
    status_code=201,
    response_model=PackVersionInfo,
    responses=problems(
        "pack_unknown",
        "draft_unknown",
        "draft_state_wrong",
        "draft_changed",
        "draft_invalid",
        "body_too_large",
        "malformed_request",
    ),
)
def restore_pack_version(pack_id: str, wanted: Restore, services: ServicesDep, asker: AskerDep) -> PackVersionInfo:
    """The very same rules under the same version: scorecards that they wrote before and after are alike. Calls that come from now
    on are scored by them; stored ones keep their scorecards until they are scored again."""
    _check_language(services, pack_id, wanted.language)
    now = services.now()
    in_use = in_use_of(services, pack_id, wanted.language)
    with services.database.transaction() as tx:
        row = tx.packs.get(pack_id, wanted.language, wanted.number)
        if row.files_sha256 == in_use.sha256:
            raise DraftStateWrong(f"these are the rules in use: version {row.version}")
        found = check(PackFiles.of(tx.packs.texts(row.files_sha256)).files, pack_id, wanted.language)
        if found.problems:
            raise DraftInvalid(found.problems)
        new = NewVersion(
            pack_id=pack_id,
            language=wanted.language,
            version=row.version,
            pack_sha256=row.pack_sha256,
            files_sha256=row.files_sha256,
            source="earlier",
            reason=wanted.reason,
        )
        published = tx.packs.publish(new, after=in_use.number, by=asker.name, now=now)
        detail = {"version": row.version, "instead_of": in_use.version, "sha256": row.pack_sha256}
        tx.audit.write(asker.name, "pack.restore", f"pack:{pack_id}/{wanted.language}", now=now, detail=detail)
        tx.after_commit(services.packs.look_again)
    return PackVersionInfo.of(published, in_use=True)


def pack_in(services: Services, pack_id: str, language: str) -> PackDetails:
    """A pack in one language; the first look after a change takes about a second. Raises LanguageUnsupported."""
    return PackDetails.of(services.packs.state(pack_id, language))


def languages_of(services: Services, pack_id: str) -> tuple[str, ...]:
    """Raises Refused."""
    languages = services.packs.languages(pack_id)
    if not languages:
        raise Refused("pack_unknown", f"no pack has the id {pack_id!r}; there are {', '.join(services.packs.ids())}")
    return languages


def _check_language(services: Services, pack_id: str, language: str) -> None:
    languages = languages_of(services, pack_id)
    if language not in languages:
        raise Refused(
            "pack_unknown", f"the pack {pack_id!r} has no language {language!r}; it has {', '.join(languages)}"
        )
