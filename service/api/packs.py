"""The rule packs: which versions are in use, and what is wrong with those on disk."""

from __future__ import annotations

from service.api.deps import ServicesDep
from service.api.problems import Refused
from service.api.routing import guarded_router, problems
from service.api.schemas_packs import PackAnswer, PackDetails, PackList, PackSummary, PackVersion

router = guarded_router("rules")


@router.get(
    "/packs", operation_id="list_packs", summary="List rule packs", response_model=PackList, responses=problems()
)
def list_packs(services: ServicesDep) -> PackList:
    """A pack with errors never replaces a good one: the last good version stays in use until the files are mended."""
    with services.packs.alone() as packs:
        return PackList(
            items=[
                PackSummary(
                    id=name, languages=[PackVersion.of(packs.state(name, spoken)) for spoken in packs.languages(name)]
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
    with services.packs.alone() as packs:
        languages = packs.languages(pack_id)
        if not languages:
            raise Refused("pack_unknown", f"no pack has the id {pack_id!r}; there are {', '.join(packs.ids())}")
        return PackAnswer(
            id=pack_id, languages=[PackDetails.of(packs.state(pack_id, language)) for language in languages]
        )
