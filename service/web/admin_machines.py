"""Administration of machines: health, keys, webhooks, retention, jobs, and the log of who did what."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from service.api.asker import Asker
from service.api.audit import list_audit
from service.api.deliveries import list_deliveries, ping_webhook, redeliver
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.health import readyz
from service.api.keys import create_key, list_keys, revoke_key
from service.api.queries import MAX_PAGE, PageQuery
from service.api.rescore import cancel_rescore, list_rescores, pause_rescore, resume_rescore, start_rescore
from service.api.retention import change_retention, list_retention
from service.api.schemas_audit import AuditQuery
from service.api.schemas_people import NewApiKey
from service.api.schemas_rescore import NewRescore
from service.api.schemas_retention import RetentionChange
from service.api.schemas_webhooks import DeliveryQuery, NewWebhook, WebhookChange
from service.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    renew_webhook_secret,
    update_webhook,
)
from service.store.records import KEY_ROLES, CallFilter
from service.store.records_people import WebhookEvent
from service.web.admin_forms import model_of
from service.web.list_pages import filled, query_of
from service.web.people import names_of
from service.web.rendering import render
from service.web.routing import FormDep, page_router

router = page_router()
#: `ping` is for trying a webhook, not for asking to be sent.
EVENTS = tuple(event for event in get_args(WebhookEvent) if event != "ping")
_JOBS = {"pause": pause_rescore, "resume": resume_rescore, "cancel": cancel_rescore}


@router.get("/admin", operation_id="page_admin")
def health_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    """What runs, what waits, and the jobs over stored calls."""
    ready = readyz(Response(), services)
    with services.database.read() as tx:
        counts = tx.calls.counts()
        failed = tx.calls.list(CallFilter(status="failed"), limit=5).calls
        working = tx.calls.list(CallFilter(status="transcribing"), limit=20).calls
        teams = tx.teams.list()
    return render(
        request,
        "admin.html",
        ready=ready,
        counts=counts,
        failed=failed,
        working=working,
        teams=teams,
        scripts=services.packs.ids(),
        jobs=list_rescores(PageQuery(limit=20), services).items,
        asker_name=asker.name,
    )


@router.post("/admin/rescore", operation_id="page_admin_rescore_new")
def new_job(form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    start_rescore(model_of(NewRescore, form), services, asker, Response())
    return RedirectResponse("/admin", 303)


@router.post("/admin/rescore/{job_id}", operation_id="page_admin_rescore")
def change_job(job_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    do = _JOBS.get(str(form.get("do")))
    if do is not None:
        do(job_id, services, asker)
    return RedirectResponse("/admin", 303)


@router.get("/admin/keys", operation_id="page_admin_keys")
def keys_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    return _keys(request, services, asker)


@router.post("/admin/keys", operation_id="page_admin_key_new")
def new_key(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    made = create_key(model_of(NewApiKey, form), services, asker)
    return _keys(request, services, asker, secret=made.key, whose=made.name)


@router.post("/admin/keys/{key_id}/revoke", operation_id="page_admin_key_revoke")
def revoke(key_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    revoke_key(key_id, services, asker)
    return RedirectResponse("/admin/keys", 303)


@router.get("/admin/webhooks", operation_id="page_admin_webhooks")
def webhooks_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    return _webhooks(request, services, asker)


@router.post("/admin/webhooks", operation_id="page_admin_webhook_new")
def new_webhook(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    made = create_webhook(model_of(NewWebhook, form, {"events": form.getlist("events")}), services, asker)
    return _webhooks(request, services, asker, secret=made.secret, whose=made.name)


@router.get("/admin/webhooks/{webhook_id}", operation_id="page_admin_webhook")
def webhook_page(request: Request, webhook_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    webhook = get_webhook(webhook_id, services, asker)
    page = list_deliveries(webhook_id, query_of(DeliveryQuery, given), services, asker)
    return render(request, "admin_webhook.html", webhook=webhook, page=page, given=given)


@router.post("/admin/webhooks/{webhook_id}", operation_id="page_admin_webhook_change")
def change_webhook(
    request: Request, webhook_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep
) -> Response:
    do = form.get("do")
    if do == "ping":
        ping_webhook(webhook_id, services, asker)
    elif do in ("enable", "disable"):
        update_webhook(webhook_id, WebhookChange(enabled=do == "enable"), services, asker)
    elif do == "secret":
        made = renew_webhook_secret(webhook_id, services, asker)
        return _webhooks(
            request, services, asker, secret=made.secret, whose=get_webhook(webhook_id, services, asker).name
        )
    elif do == "delete":
        delete_webhook(webhook_id, services, asker)
        return RedirectResponse("/admin/webhooks", 303)
    elif do == "again":
        redeliver(webhook_id, UUID(str(form.get("delivery"))), services, asker)
    return RedirectResponse(f"/admin/webhooks/{webhook_id}", 303)


@router.get("/admin/retention", operation_id="page_admin_retention")
def retention_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    rules = list_retention(services, asker).items
    with services.database.read() as tx:
        teams = tx.teams.list()
        names = names_of(tx, [rule.changed_by for rule in rules])
    return render(request, "admin_retention.html", rules=rules, teams=teams, names=names)


@router.post("/admin/retention", operation_id="page_admin_retention_change")
def retention_change(form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    cleared = {} if str(form.get("days") or "").strip() else {"days": None}
    change_retention(model_of(RetentionChange, form, cleared), services, asker)
    return RedirectResponse("/admin/retention", 303)


@router.get("/admin/audit", operation_id="page_admin_audit")
def audit_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    page = list_audit(query_of(AuditQuery, given), services, asker)
    with services.database.read() as tx:
        names = names_of(tx, [entry.actor for entry in page.items])
    return render(request, "admin_audit.html", page=page, given=given, names=names)


def _keys(request: Request, services: Services, asker: Asker, **shown: Any) -> Response:
    page = list_keys(PageQuery(limit=MAX_PAGE), services, asker)
    with services.database.read() as tx:
        teams = tx.teams.list()
    values = {"secret": None, "whose": "", **shown}
    return render(
        request,
        "admin_keys.html",
        keys=page.items,
        teams=teams,
        roles=KEY_ROLES,
        team_names={team.id: team.name for team in teams},
        **values,
    )


def _webhooks(request: Request, services: Services, asker: Asker, **shown: Any) -> Response:
    page = list_webhooks(PageQuery(limit=MAX_PAGE), services, asker)
    with services.database.read() as tx:
        teams = tx.teams.list()
    values = {"secret": None, "whose": "", **shown}
    return render(request, "admin_webhooks.html", webhooks=page.items, teams=teams, events=EVENTS, **values)
