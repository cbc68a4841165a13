"""Who asks: an API key (`Authorization: Bearer cs_...`) or a session (cookie `callscore_session`).

    asker = await admit(request, operation)      what every route below /v1 does: identify, CSRF header, rights
    asker = await admit(request, op, csrf=False) for pages with forms, which then `await require_csrf(request)` of csrf.py
    asker = await asker_of(request)              for pages: the Asker, or None where nobody is logged in (or no longer)
    asker.may_do(operation)                      whether its role allows an operation of service.api.access at all
    asker.user, asker.session, asker.csrf_token  None with a key
    asker.team_id, asker.rep_id                  what limits it; None for all

A request with both a key and a cookie counts as the key's. Logging in and out is in login.py, the token of forms in csrf.py.
"""

from __future__ import annotations

import math

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.access import ACCESS, Access
from service.api.asker import Asker
from service.api.csrf import COOKIE, csrf_token_of, require_csrf_header
from service.api.deps import Services, services_of
from service.api.login import idle_of
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.scoring.errors import StoreUnavailable
from service.store.keys import USED_EVERY
from service.store.records import ApiKey
from service.store.sessions import SEEN_EVERY

#: A key has 55 characters; what is much longer is none, and not worth a hash.
_LONGEST_KEY = 200
#: What a user may do before choosing a password of its own.
_WITH_OLD_PASSWORD = frozenset({"get_session", "end_session", "change_own_password"})


async def admit(request: Request, operation: str, *, csrf: bool = True) -> Asker:
    """Find out who asks, and whether they may do this.

    With `csrf=False` the caller checks the token itself: `csrf.require_csrf` finds it in a form too.

    Raises:
        Refused: nobody (401), an unknown or revoked key, a session that is over (401), a request without its CSRF token (403),
            somebody of another role (403), or too many requests (429).
        StoreUnavailable: keys and sessions cannot be looked up now.
    """
    asker = await identify(request)
    request.scope["asker"] = asker.name
    await _check_rate(services_of(request), asker)
    if csrf and asker.key is None:
        require_csrf_header(request)
    check_rights(asker, operation)
    return asker


async def identify(request: Request) -> Asker:
    """Who asks. Raises Refused (401), StoreUnavailable."""
    services = services_of(request)
    if "authorization" in request.headers or COOKIE not in request.cookies:
        secret = _bearer(request)
        key = await run_in_threadpool(_authenticate, services, secret)
        if key is None:
            raise Refused("key_invalid", KINDS["key_invalid"].example)
        return Asker.of_key(key)
    found = await run_in_threadpool(_session, services, request.cookies[COOKIE])
    if found is None:
        raise Refused("session_over", KINDS["session_over"].example)
    return found


async def asker_of(request: Request) -> Asker | None:
    """Who is logged in with this request's cookie, or None. Raises StoreUnavailable."""
    token = request.cookies.get(COOKIE)
    asker = None if token is None else await run_in_threadpool(_session, services_of(request), token)
    if asker is not None:
        request.scope["asker"] = asker.name
    return asker


def check_rights(asker: Asker, operation: str) -> None:
    """Raises Refused (403)."""
    access = ACCESS[operation]
    if not asker.may(access):
        raise Refused("role_insufficient", _why_not(access, asker))
    if asker.user is not None and asker.user.password_must_change and operation not in _WITH_OLD_PASSWORD:
        raise Refused("password_must_change", KINDS["password_must_change"].example)


async def _check_rate(services: Services, asker: Asker) -> None:
    """Raises Refused (429)."""
    wait_s = math.ceil(await services.limiter.wait_s(asker.name))
    if wait_s:
        limit = services.settings.requests_per_minute
        text = f"more than {limit} requests in a minute; wait {wait_s} s, and ask for less or more slowly"
        raise Refused("rate_limited", text, headers={"Retry-After": str(wait_s)}, retry_after_s=wait_s)


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


def _session(services: Services, token: str) -> Asker | None:
    now = services.now()
    with services.database.read() as tx:
        found = tx.sessions.find(token, now=now)
    if found is None:
        return None
    session, user = found
    if session.seen_at < now - SEEN_EVERY:
        try:
            with services.database.transaction() as tx:
                session = tx.sessions.touch(session, now=now, idle=idle_of(services))
        except StoreUnavailable:
            pass  # it expires a little sooner, and reading goes on
    return Asker.of_user(user, session, csrf_token_of(token))


def _why_not(access: Access, asker: Asker) -> str:
    if access.people and asker.user is None:
        return "this is for people who log in; a key has no password and no profile"
    if access.whole_house and asker.role in access.roles:
        return "this concerns all teams; who is limited to one team may not do it"
    needed = " or ".join(sorted(access.roles))
    whose = "yours has" if asker.key is not None else "you have"
    return f"this needs the role {needed}; {whose} the role {asker.role}"
