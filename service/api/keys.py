"""API keys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.problems import invalid
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_people import ApiKey, ApiKeyPage, CreatedApiKey, NewApiKey
from service.api.validation import FieldError

router = guarded_router("keys")
_LIST = "api-keys"


@router.get("/api-keys", operation_id="list_keys", summary="List keys", response_model=ApiKeyPage, responses=problems())
def list_keys(query: Annotated[PageQuery, Query()], services: ServicesDep, asker: AskerDep) -> ApiKeyPage:  # noqa: ARG001
    """Revoked ones too, oldest first; never their secrets."""
    after = cursors.decode_id(_LIST, query.cursor)
    with services.database.read() as tx:
        found = tx.keys.list(limit=query.limit + 1, after=after)
    page = found[: query.limit]
    return ApiKeyPage(
        items=[ApiKey.of(key) for key in page],
        next_cursor=cursors.encode(_LIST, page[-1].id.hex) if len(found) > len(page) else None,
    )


@router.post(
    "/api-keys",
    operation_id="create_key",
    summary="Create a key",
    status_code=201,
    response_model=CreatedApiKey,
    responses=problems("body_too_large", "malformed_request", "name_taken", "team_unknown"),
)
def create_key(new: NewApiKey, services: ServicesDep, asker: AskerDep) -> CreatedApiKey:
    """The answer holds the secret, this once."""
    if new.role == "admin" and new.team is not None:
        raise invalid([FieldError("team", "must be left out for an admin, who looks after all teams")])
    now = services.now()
    with services.database.transaction() as tx:
        team_id = None if new.team is None else tx.teams.get_by_name(new.team).id
        key, secret = tx.keys.create(new.name, new.role, team_id, now)
        tx.audit.write(asker.name, "key.create", f"key:{key.id}", now=now, detail={"role": key.role})
    return CreatedApiKey(**ApiKey.of(key).model_dump(), key=secret)


@router.delete(
    "/api-keys/{key_id}",
    operation_id="revoke_key",
    summary="Revoke a key",
    response_model=ApiKey,
    responses=problems("key_unknown"),
)
def revoke_key(key_id: UUID, services: ServicesDep, asker: AskerDep) -> ApiKey:
    """At once and for good; the key stays listed."""
    now = services.now()
    with services.database.transaction() as tx:
        key = tx.keys.revoke(key_id, now)
        tx.audit.write(asker.name, "key.revoke", f"key:{key.id}", now=now)
    return ApiKey.of(key)
