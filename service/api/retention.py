"""Keeping and forgetting: how long recordings and texts are kept, and erasure on request."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.routing import guarded_router, problems
from service.api.schemas_retention import ErasureReceipt, ErasureRequest, RetentionChange, RetentionRules
from service.store.forgetting import forget_call, forget_customer, forget_rep

router = guarded_router("keeping")


@router.get(
    "/retention",
    operation_id="list_retention",
    summary="How long recordings and texts are kept",
    response_model=RetentionRules,
    responses=problems(takes_input=False),
)
def list_retention(services: ServicesDep, asker: AskerDep) -> RetentionRules:  # noqa: ARG001
    """The house's rules first, then by team."""
    with services.database.read() as tx:
        return RetentionRules.of(tx.retention.rules())


@router.put(
    "/retention",
    operation_id="change_retention",
    summary="Set how long something is kept",
    response_model=RetentionRules,
    responses=problems("team_unknown", "body_too_large", "malformed_request"),
)
def change_retention(change: RetentionChange, services: ServicesDep, asker: AskerDep) -> RetentionRules:
    """What is older is forgotten within the hour, and cannot be had back."""
    now = services.now()
    with services.database.transaction() as tx:
        team_id = None if change.team is None else tx.teams.get_by_name(change.team).id
        tx.retention.keep(change.what, change.days, team_id=team_id, by=asker.name, now=now)
        detail = {"days": change.days, "team": None if team_id is None else str(team_id)}
        tx.audit.write(asker.name, "retention.change", f"retention:{change.what}", now=now, detail=detail)
        return RetentionRules.of(tx.retention.rules())


@router.delete(
    "/calls/{call_id}",
    operation_id="erase_call",
    summary="Erase a call",
    status_code=204,
    responses=problems("call_not_found"),
)
def erase_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Recording, text, data and what people wrote about it, for good. Its anonymous numbers stay, so that past KPIs add up."""
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
    forget_call(services.database, services.audio, call_id, by=asker.name, now=services.now())
    return Response(status_code=204)


@router.post(
    "/erasures",
    operation_id="erase_person",
    summary="Erase a customer, or who a rep is",
    response_model=ErasureReceipt,
    responses=problems("rep_unknown", "body_too_large", "malformed_request"),
)
def erase_person(wanted: ErasureRequest, services: ServicesDep, asker: AskerDep) -> ErasureReceipt:
    """All calls with the customer; or the rep's name, id and login with all its calls. Role and team of the rep stay, so that past
    KPIs add up. If it is cut off in the middle, ask again.
    """
    now = services.now()
    if wanted.customer_ref is not None:
        receipt = forget_customer(services.database, services.audio, wanted.customer_ref, by=asker.name, now=now)
    else:
        with services.database.read() as tx:
            rep_id = tx.reps.get_by_external_id(wanted.rep or "").id
        receipt = forget_rep(services.database, services.audio, rep_id, by=asker.name, now=now)
    return ErasureReceipt(id=receipt.id, calls=receipt.calls)
