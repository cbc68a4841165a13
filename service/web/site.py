"""The review UI on top of the API's application."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.exceptions import HTTPException as FrameworkHTTPException

from service.api.deps import services_of
from service.api.problem_kinds import KINDS, kind_of_status
from service.api.problems import Refused
from service.web import (
    admin_machines,
    admin_people,
    call_pages,
    draft_files,
    draft_pages,
    figure_pages,
    list_pages,
    login_pages,
    queue_pages,
    review_pages,
    rule_pages,
    upload_page,
)
from service.web.failures import failure_page
from service.web.presence import Presence
from service.web.static_files import PREFIX, StaticContent
from service.web.visitor import visitor_of

_API = ("/v1/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics")


def add_site(app: FastAPI) -> FastAPI:
    """Add the pages to the API's application (`service.api.app.create_app`); they use its parts and its rights."""
    for module in (
        login_pages,
        list_pages,
        call_pages,
        figure_pages,
        queue_pages,
        review_pages,
        draft_pages,
        draft_files,
        rule_pages,
        upload_page,
        admin_people,
        admin_machines,
    ):
        app.include_router(module.router)
    app.state.presence = Presence()
    app.mount(PREFIX, StaticContent(), name="static")
    answer_api = app.exception_handlers[FrameworkHTTPException]

    async def not_found(request: Request, error: Exception) -> Response:
        """An address that is no page: the API's problem for programs, a page for people."""
        assert isinstance(error, HTTPException | FrameworkHTTPException)  # noqa: S101 - registered for these only
        if request.url.path.startswith(_API) or "text/html" not in request.headers.get("accept", ""):
            return await answer_api(request, error)  # type: ignore[no-any-return, misc]
        request.state.visitor = visitor_of(request, None, services_of(request).now())
        code = kind_of_status(error.status_code)
        return failure_page(request, Refused(code, KINDS[code].example))

    app.add_exception_handler(FrameworkHTTPException, not_found)
    return app
