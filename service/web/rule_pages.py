"""The rules as their readers see them: what is looked for, how often it is found, and whether people agree."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

from service.api.agreement import AgreementQuery, get_agreement
from service.api.deps import AskerDep, ServicesDep
from service.api.kpi_titles import current_rules
from service.api.packs import get_pack
from service.scoring.pack import GROUPS
from service.store.records import KpiFilter
from service.web.explain import LONGEST, explained
from service.web.list_pages import filled, query_of
from service.web.rendering import render
from service.web.routing import page_router

router = page_router()
#: Days whose hits are counted: a quarter.
COUNTED_DAYS = 91
#: Groups of rules that the rollup counts, by the kind that it knows them under.
_KINDS = {"script": "item", "objections": "objection", "violations": "violation"}


@router.get("/rules", operation_id="page_rules")
def rules_page(request: Request, services: ServicesDep) -> Response:
    """Ids and versions as they stand on disk: building every pack, only to list it, would take seconds."""
    packs = sorted((pack, *rules.split("/", 1)) for pack, rules in current_rules(services.packs))
    return render(request, "rules.html", packs=packs)


@router.get("/rules/{pack_id}", operation_id="page_pack")
def pack_page(request: Request, pack_id: str, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    visitor = request.state.visitor
    languages = get_pack(pack_id, services).languages
    spoken = given.get("language") or visitor.language
    shown = next((found for found in languages if found.language == spoken), languages[0])
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
        languages_of=[found.language for found in languages],
        groups=[(group, [rule for rule in shown.rules if rule.group == group]) for group in GROUPS],
        agreement=agreement,
        counts=counts,
        kinds={group: _KINDS.get(group, "") for group in GROUPS},
        counted_days=COUNTED_DAYS,
        given=given,
        tried=tried,
        longest=LONGEST,
    )
