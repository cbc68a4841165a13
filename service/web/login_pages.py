"""Logging in and out, one's own password, the language of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response
from starlette.responses import RedirectResponse

from service.api.deps import AskerDep, ServicesDep
from service.api.login import address_of, change_password, clear_session_cookie, log_in, log_out, set_session_cookie
from service.api.problems import Refused
from service.scoring.errors import CallscoreError
from service.store.passwords import LONGEST, SHORTEST
from service.web.failures import failure_of
from service.web.language import known
from service.web.navigation import first_page
from service.web.rendering import render
from service.web.routing import own_address, page_router
from service.web.visitor import LANGUAGE_COOKIE

router = page_router()
_A_YEAR_S = 365 * 86400
#: A form's text field as it may arrive; what is longer is cut off by the body's limit.
Text = Annotated[str, Form()]


@router.get("/", operation_id="page_start")
def start(request: Request) -> Response:
    return RedirectResponse(first_page(request.state.visitor), 303)


@router.get("/login", operation_id="page_login")
def login_page(request: Request, to: Annotated[str | None, Query(alias="next")] = None) -> Response:
    if request.state.visitor.asker is not None:
        return RedirectResponse(own_address(to), 303)
    return render(request, "login.html", to=own_address(to), email="", refused=None)


@router.post("/login", operation_id="page_login_send")
def login(
    request: Request,
    services: ServicesDep,
    email: Text = "",
    password: Text = "",
    to: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    try:
        found = log_in(services, email[:LONGEST], password[:LONGEST], address_of(request))
    except Refused as refused:
        failure = failure_of(refused, request.state.visitor)
        return render(request, "login.html", status=failure.status, to=own_address(to), email=email, refused=failure)
    response = RedirectResponse(own_address(to), 303)
    set_session_cookie(response, request, found)
    return response


@router.post("/logout", operation_id="page_logout")
def logout(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    log_out(services, asker)
    response = RedirectResponse("/login", 303)
    clear_session_cookie(response, request)
    return response


@router.get("/password", operation_id="page_password")
def password_page(request: Request, asker: AskerDep) -> Response:
    must = asker.user is not None and asker.user.password_must_change
    return render(request, "password.html", must=must, shortest=SHORTEST, refused=None)


@router.post("/password", operation_id="page_password_send")
def password_send(
    request: Request, services: ServicesDep, asker: AskerDep, current: Text = "", new: Text = "", again: Text = ""
) -> Response:
    must = asker.user is not None and asker.user.password_must_change
    if new != again:
        return render(request, "password.html", status=422, must=must, shortest=SHORTEST, refused="again")
    try:
        change_password(services, asker, current[:LONGEST], new, address_of(request))
    except (Refused, CallscoreError) as refused:
        failure = failure_of(refused, request.state.visitor)
        return render(request, "password.html", status=422, must=must, shortest=SHORTEST, refused=failure)
    return RedirectResponse("/", 303)


@router.get("/language", operation_id="page_language")
def language(
    request: Request,
    services: ServicesDep,
    to: str = "",
    back: Annotated[str | None, Query(alias="next")] = None,
) -> Response:
    """Chosen on a page; kept with the user where there is one, else in a cookie."""
    response = RedirectResponse(own_address(back), 303)
    chosen = known(to)
    asker = request.state.visitor.asker
    if chosen is not None:
        response.set_cookie(
            LANGUAGE_COOKIE, chosen, _A_YEAR_S, secure=request.url.scheme == "https", httponly=True, samesite="lax"
        )
        if asker is not None and asker.user is not None and asker.user.language != chosen:
            with services.database.transaction() as tx:
                tx.users.update(asker.user.id, language=chosen)
    return response
