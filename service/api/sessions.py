"""Sessions of people: log in, who am I, log out, change one's own password.

POST   /v1/session           {email, password} -> 201 WhoAmI, and the cookie `callscore_session`
GET    /v1/session           WhoAmI: role, user, team, rep, csrf_token, expires_at; also for a key
DELETE /v1/session           204, and the cookie is gone; needs X-CSRF-Token as everything that changes something
PATCH  /v1/session           {name, language, time_zone} -> WhoAmI
PUT    /v1/session/password  {current, new} -> 204; ends the user's other sessions

Pages that log in by a form use login.py, as these routes do.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response

from service.api.access import ACCESS
from service.api.asker import Asker
from service.api.deps import AskerDep, ServicesDep
from service.api.login import (
    address_of,
    change_password,
    clear_session_cookie,
    log_in,
    log_out,
    set_session_cookie,
)
from service.api.problems import Refused
from service.api.routing import guarded_router, open_problems, open_router, problems
from service.api.schemas_session import Credentials, PasswordChange, WhoAmI
from service.api.schemas_users import ProfileChange

open_routes = open_router("session")
router = guarded_router("session")


@open_routes.post(
    "/session",
    operation_id="start_session",
    summary="Log in",
    status_code=201,
    response_model=WhoAmI,
    responses=open_problems(
        "body_too_large",
        "malformed_request",
        "validation_failed",
        "login_failed",
        "login_limited",
        "store_unavailable",
    ),
)
def start_session(given: Credentials, request: Request, response: Response, services: ServicesDep) -> WhoAmI:
    """Sets the cookie `callscore_session`. Ten tries in 15 minutes, then the answer says how long to wait."""
    login = log_in(services, given.email, given.password, address_of(request))
    set_session_cookie(response, request, login)
    return _who(login.asker)


@router.get("/session", operation_id="get_session", summary="Who am I?", response_model=WhoAmI, responses=problems())
def get_session(asker: AskerDep) -> WhoAmI:
    """The role and what limits it; for a session also its CSRF token."""
    return _who(asker)


@router.delete(
    "/session",
    operation_id="end_session",
    summary="Log out",
    status_code=204,
    response_class=Response,
    responses=problems(takes_input=False),
)
def end_session(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    """At once, everywhere this session is used. With a key there is nothing to end."""
    log_out(services, asker)
    response = Response(status_code=204)
    clear_session_cookie(response, request)
    return response


@router.patch(
    "/session",
    operation_id="update_own_profile",
    summary="Change one's own name, language or time zone",
    response_model=WhoAmI,
    responses=problems("body_too_large", "malformed_request"),
)
def update_own_profile(change: ProfileChange, services: ServicesDep, asker: AskerDep) -> WhoAmI:
    """Counts with the next request. For people; a key has no profile."""
    if asker.user is None:
        raise Refused("role_insufficient", "a key has no profile; only people who log in have one")
    values = {name: value for name, value in change if value is not None}
    if "name" in change.model_fields_set:
        values["name"] = change.name
    with services.database.transaction() as tx:
        user = tx.users.update(asker.user.id, **values)
        tx.audit.write(
            asker.name, "user.update", f"user:{user.id}", now=services.now(), detail={"fields": sorted(values)}
        )
    return _who(replace(asker, user=user))


@router.put(
    "/session/password",
    operation_id="change_own_password",
    summary="Change one's own password",
    status_code=204,
    response_class=Response,
    responses=problems("body_too_large", "malformed_request", "password_wrong", "password_unfit", "login_limited"),
)
def change_own_password(given: PasswordChange, request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    """All other sessions of the user end."""
    change_password(services, asker, given.current, given.new, address_of(request))
    return Response(status_code=204)


def _who(asker: Asker) -> WhoAmI:
    return WhoAmI.of(asker, sorted(name for name in ACCESS if asker.may_do(name)))
