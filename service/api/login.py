"""Logging in and out: e-mail and password against a session cookie.

login = log_in(services, email, password, address_of(request))     in a thread; raises Refused login_failed, login_limited
set_session_cookie(response, request, login)                       HttpOnly, SameSite=Lax, Secure when https
log_out(services, asker);  clear_session_cookie(response, request)
change_password(services, asker, current, new, address)            ends the user's other sessions
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from service.api.asker import Asker
from service.api.csrf import COOKIE, csrf_token_of
from service.api.deps import Services
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.store.passwords import check_password, hash_password, outdated, password_fits
from service.store.records_people import Session, User
from service.store.transaction import Transaction

#: Tries until the window is over: of one account, and of one address, behind which a whole office may sit.
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 50
WINDOW = timedelta(minutes=15)
#: Characters of an IPv6 network that one customer is given (RFC 6177); whoever has one has all its addresses.
_IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Login:
    """A login that succeeded. `token` is the cookie's text and goes nowhere else."""

    user: User
    session: Session
    token: str

    @property
    def asker(self) -> Asker:
        return Asker.of_user(self.user, self.session, csrf_token_of(self.token))


def idle_of(services: Services) -> timedelta:
    return timedelta(seconds=services.settings.session_idle_s)


def address_of(request: Request) -> str:
    """The network address that tries are counted under."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:  # noqa: PLR2004 - IPv4
        return host
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))


def log_in(services: Services, email: str, password: str, address: str) -> Login:
    """A new session. Blocks for tens of milliseconds, whether the user exists or not.

    Raises:
        Refused: e-mail and password do not fit, or the account is disabled (`login_failed`, the same words for all);
            too many tries (`login_limited`).
    """
    now = services.now()
    _count_try(services, email, address, now)
    with services.database.read() as tx:
        found = tx.users.by_email(email)
    user, password_hash = found or (None, None)
    if not password_fits(password, password_hash) or user is None or user.disabled_at is not None:
        raise Refused("login_failed", KINDS["login_failed"].example)
    rehashed = hash_password(password) if password_hash is not None and outdated(password_hash) else None
    with services.database.transaction() as tx:
        if rehashed is not None:
            tx.users.set_password(user.id, rehashed, must_change=user.password_must_change)
        tx.login_tries.forget(_account(email))
        tx.users.note_login(user.id, now)
        tx.sessions.delete_expired(now)
        session, token = _session(tx, services, user, now)
        tx.audit.write(f"user:{user.id}", "session.start", f"user:{user.id}", now=now)
    return Login(user, session, token)


def log_out(services: Services, asker: Asker) -> None:
    """End the asker's session; nothing for one without."""
    if asker.session is None:
        return
    with services.database.transaction() as tx:
        tx.sessions.end(asker.session.id)
        tx.audit.write(asker.name, "session.end", asker.name, now=services.now())


def change_password(services: Services, asker: Asker, current: str, new: str, address: str) -> None:
    """Set the asker's own password and end all its other sessions.

    Raises:
        Refused: the current password is not right (`password_wrong`), or tried too often (`login_limited`).
        PasswordUnfit: the new one must not be used.
    """
    user = asker.user
    if user is None:
        raise Refused("role_insufficient", "a key has no password")
    check_password(new, user.email)
    now = services.now()
    _count_try(services, user.email, address, now)
    with services.database.read() as tx:
        password_hash = tx.users.password_hash(user.id)
    if not password_fits(current, password_hash):
        raise Refused("password_wrong", KINDS["password_wrong"].example)
    made = hash_password(new)
    with services.database.transaction() as tx:
        tx.users.set_password(user.id, made, must_change=False)
        tx.login_tries.forget(_account(user.email))
        tx.sessions.end_all(user.id, but=asker.session.id if asker.session else None)
        tx.audit.write(asker.name, "user.password", f"user:{user.id}", now=now)


def set_session_cookie(response: Response, request: Request, login: Login) -> None:
    """The browser keeps it until the session ends at the latest; when it expires is decided here, not there."""
    response.set_cookie(
        COOKIE,
        login.token,
        max_age=int((login.session.ends_at - login.session.created_at).total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, request: Request) -> None:
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")


def _session(tx: Transaction, services: Services, user: User, now: datetime) -> tuple[Session, str]:
    longest = timedelta(seconds=services.settings.session_max_s)
    return tx.sessions.create(user.id, now=now, idle=idle_of(services), longest=longest)


def _account(email: str) -> str:
    return f"account:{email.strip().lower()}"


def _count_try(services: Services, email: str, address: str, now: datetime) -> None:
    """Counts before the password is looked at, so that tries at the same moment are not checked all. Raises Refused."""
    subjects = ((_account(email), TRIES_PER_ACCOUNT), (f"address:{address}", TRIES_PER_ADDRESS))
    waits: list[float] = []
    with services.database.transaction() as tx:
        tx.login_tries.delete_old(now)
        for subject, limit in subjects:
            tries, until = tx.login_tries.count(subject, now=now, window=WINDOW)
            if tries > limit:
                waits.append((until - now).total_seconds())
    if waits:
        wait_s = math.ceil(max(waits))
        minutes = math.ceil(wait_s / 60)
        text = f"too many tries to log in; wait {minutes} minute{'' if minutes == 1 else 's'} and try again"
        raise Refused("login_limited", text, headers={"Retry-After": str(wait_s)}, retry_after_s=wait_s)
