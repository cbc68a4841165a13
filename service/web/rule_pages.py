"""The rules as their readers see them: what is looked for, how often it is found, and whether people agree."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

from service.api.agreement import AgreementQuery, get_agreement
from service.api.deps import AskerDep, ServicesDep
from service.api.pack_drafts import list_pack_drafts
from service.api.packs import languages_of, pack_in
from service.scoring.pack import GROUPS
from service.store.records import KpiFilter
from service.web.explain import LONGEST, explained
from service.web.list_pages import filled, query_of
from service.web.people import names_of
from service.web.rendering import render
from service.web.routing import page_router

router = page_router()
#: Days whose hits are counted: a quarter.
COUNTED_DAYS = 91
#: Groups of rules that the rollup counts, by the kind that it knows them under.
_KINDS = {"script": "item", "objections": "objection", "violations": "violation"}


@router.get("/rules", operation_id="page_rules")
def rules_page(request: Request, services: ServicesDep) -> Response:
    """The packs by what their files say of themselves, and the drafts of them."""
    packs = services.packs
    drafts = list_pack_drafts(services).items if request.state.visitor.may("list_pack_drafts") else []
    with services.database.read() as tx:
        names = names_of(tx, (draft.changed_by for draft in drafts))
    headers = [packs.header(name, spoken) for name in packs.ids() for spoken in packs.languages(name)]
    return render(request, "rules.html", packs=headers, drafts=drafts, names=names)


@router.get("/rules/{pack_id}", operation_id="page_pack")
def pack_page(request: Request, pack_id: str, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    visitor = request.state.visitor
    languages = languages_of(services, pack_id)
    spoken = given.get("language") or visitor.language
    shown = pack_in(services, pack_id, spoken if spoken in languages else languages[0])
    agreement = {}
    if visitor.may("get_agreement"):
        query = query_of(AgreementQuery, {"script": pack_id, "language": shown.language})
        agreement = {found.rule: found for found in get_agreement(query, services, asker).rules}
    since = visitor.now.date() - timedelta(days=COUNTED_DAYS)
    wanted = KpiFilter(date_from=since, script=pack_id, team_id=asker.team_id, rep_id=asker.rep_id)
    with services.database.read() as tx:
        counts = {f"{part.kind}:{part.id}": part for part in tx.rollup.parts(wanted)}
    text = given.get("text", "")[:LONGEST]
    tried = explained(services, pack_id, shown.language, text, given.get("speaker", "customer")) if text else None
    return render(
        request,
        "pack.html",
        pack_id=pack_id,
        shown=shown,
        languages_of=languages,
        groups=[(group, [rule for rule in shown.rules if rule.group == group]) for group in GROUPS],
        agreement=agreement,
        counts=counts,
        kinds={group: _KINDS.get(group, "") for group in GROUPS},
        counted_days=COUNTED_DAYS,
        given=given,
        tried=tried,
        longest=LONGEST,
    )
