"""The route class of pages: who visits is found out first, and every failure becomes a page with a sentence and a next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, cast
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from service.api.auth import admit, asker_of
from service.api.csrf import SAFE_METHODS, require_csrf
from service.api.deps import services_of
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.api.routing import Handler, bounded
from service.scoring.errors import CallscoreError
from service.web.access import OPEN_PAGES, PAGES
from service.web.failures import NOBODY_CODES, failure_page
from service.web.visitor import Visitor, visitor_of

#: Bytes of a form: the longest is a rule pack pasted as text.
FORM_LIMIT = 2 * 1024 * 1024
LOGIN = "/login"
#: Pages whose form is read as it arrives and may be long: they check its size, and its CSRF token, themselves.
STREAMING = frozenset({"page_upload"})
PASSWORD = "/password"  # noqa: S105 - an address
_HTMX = "hx-request"


class PageRoute(APIRoute):
    """A page whose `operation_id` stands in `service.web.access`; making one without is a KeyError at start."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        name = options.get("operation_id") or ""
        self._needs = None if name in OPEN_PAGES else PAGES[name]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        needs, streaming = self._needs, self.operation_id in STREAMING

        async def shown(given: Request) -> Response:
            request = given if streaming else Request(given.scope, bounded(given.receive, FORM_LIMIT))
            now = services_of(request).now()
            request.state.visitor = visitor_of(request, None, now)
            try:
                if needs is None:
                    same_site(request)
                    request.state.visitor = visitor_of(request, await asker_of(request), now)
                else:
                    request.state.asker = await admit(request, needs, csrf=False)
                    request.state.visitor = visitor_of(request, request.state.asker, now)
                    if not streaming:
                        await require_csrf(request)
                return await handle(request)
            except Refused as refused:
                if refused.code in NOBODY_CODES and request.method == "GET" and _HTMX not in request.headers:
                    return to_login(request)
                if refused.code == "password_must_change" and _HTMX not in request.headers:
                    return RedirectResponse(PASSWORD, 303)
                return failure_page(request, refused)
            except (CallscoreError, RequestValidationError) as error:
                return failure_page(request, error)

        return shown


def same_site(request: Request) -> None:
    """For forms before there is a session: another site must not send them. Raises Refused."""
    origin = request.headers.get("origin")
    if (
        request.method not in SAFE_METHODS
        and origin is not None
        and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise Refused("csrf_failed", KINDS["csrf_failed"].example)


def to_login(request: Request) -> Response:
    """Off to log in, and back to this page afterwards."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(LOGIN if here == "/" else f"{LOGIN}?next={quote(here, safe='')}", 303)


def own_address(address: str | None) -> str:
    """`address` if it is one of this site's, else the first page: a link must not lead people elsewhere through us."""
    parts = urlsplit(address or "/")
    plain = address is not None and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address and not parts.netloc and not parts.scheme else "/"


def go(request: Request, address: str) -> Response:
    """To a page, also for a form that a script sent."""
    if _HTMX in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def page_router() -> APIRouter:
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def _visitor(request: Request) -> Visitor:
    return cast("Visitor", request.state.visitor)


async def _form(request: Request) -> FormData:
    return await request.form()


FormDep = Annotated[FormData, Depends(_form)]
VisitorDep = Annotated[Visitor, Depends(_visitor)]
