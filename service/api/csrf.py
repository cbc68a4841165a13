"""Against requests that another site makes a browser send with its session cookie.

Every request that changes something and is authenticated by the cookie must bring the session's CSRF token, which other
sites cannot read: in the header `X-CSRF-Token`, or, in a form of the pages, in the field `csrf_token`. Requests with an API
key need none: no browser sends a key by itself.

The token is derived from the cookie, so nothing is stored, and it ends with the session.

    csrf_token_of(session_token)                 the token to put into a page or into GET /v1/session
    csrf_fits(session_token, given)              constant-time check
    require_csrf_header(request)                 for JSON routes (the API's own routes do it in `admit`)
    await require_csrf(request)                  for routes that take forms: header or form field
Both raise Refused `csrf_failed` (403), and let requests without a session cookie, and safe methods, pass.
"""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request

from service.api.problem_kinds import KINDS
from service.api.problems import Refused

COOKIE = "callscore_session"
HEADER = "X-CSRF-Token"
FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_token_of(session_token: str) -> str:
    """64 hexadecimal digits."""
    return hmac.new(session_token.encode(errors="surrogateescape"), b"callscore csrf", hashlib.sha256).hexdigest()


def csrf_fits(session_token: str, given: str) -> bool:
    """Whether `given` is the token of this session."""
    return hmac.compare_digest(csrf_token_of(session_token).encode(), given.encode(errors="surrogateescape"))


def require_csrf_header(request: Request) -> None:
    """Raises Refused."""
    _check(request, request.headers.get(HEADER, ""))


async def require_csrf(request: Request) -> None:
    """As a dependency of a route that takes a form: `request.form()` can still be read afterwards. Raises Refused."""
    given = request.headers.get(HEADER, "")
    if not given and request.method not in SAFE_METHODS and _is_form(request):
        field = (await request.form()).get(FIELD, "")
        given = field if isinstance(field, str) else ""
    _check(request, given)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS


def _check(request: Request, given: str) -> None:
    token = request.cookies.get(COOKIE, "")
    if request.method in SAFE_METHODS or not token:
        return
    if not csrf_fits(token, given):
        raise Refused("csrf_failed", KINDS["csrf_failed"].example)
