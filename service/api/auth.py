"""API keys in requests: `Authorization: Bearer cs_...`."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.access import ACCESS, Access, Asker
from service.api.deps import Services, services_of
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.scoring.errors import StoreUnavailable
from service.store.keys import USED_EVERY
from service.store.records import ApiKey

#: A key has 55 characters; what is much longer is none, and not worth a hash.
_LONGEST_KEY = 200


async def admit(request: Request, operation: str) -> Asker:
    """Find out who asks, and whether they may do this.

    Raises:
        Refused: no key (401), an unknown or revoked one (401), or one of another role (403).
        StoreUnavailable: keys cannot be looked up now.
    """
    services = services_of(request)
    secret = _bearer(request)
    key = await run_in_threadpool(_authenticate, services, secret)
    if key is None:
        raise Refused("key_invalid", KINDS["key_invalid"].example)
    asker = Asker(key)
    access = ACCESS[operation]
    request.scope["asker"] = asker.name
    if not asker.may(access):
        raise Refused("role_insufficient", _why_not(access, asker))
    return asker


def _bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if not secret or scheme.lower() != "bearer":
        raise Refused("key_missing", KINDS["key_missing"].example)
    if len(secret) > _LONGEST_KEY:
        raise Refused("key_invalid", KINDS["key_invalid"].example)
    return secret


def _authenticate(services: Services, secret: str) -> ApiKey | None:
    now = services.now()
    with services.database.read() as tx:
        key = tx.keys.authenticate(secret, now)
    if key is not None and (key.last_used_at is None or key.last_used_at < now - USED_EVERY):
        _note_use(services, secret)
    return key


def _note_use(services: Services, secret: str) -> None:
    """When a key was used last is nice to know; a database that cannot be written must not keep anybody from reading."""
    try:
        with services.database.transaction() as tx:
            tx.keys.authenticate(secret, services.now())
    except StoreUnavailable:
        return


def _why_not(access: Access, asker: Asker) -> str:
    if access.whole_house and asker.role in access.roles:
        return "this concerns all teams; a key that is limited to one team may not do it"
    needed = " or ".join(sorted(access.roles))
    return f"this needs a key of role {needed}; yours has the role {asker.role}"
