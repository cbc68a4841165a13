"""Administration of people: users, reps, teams."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from service.api.access import USER_ROLES
from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.queries import MAX_PAGE, PageQuery
from service.api.reps import create_rep, update_rep
from service.api.schemas_people import NewRep, NewTeam, RepChange
from service.api.schemas_users import NewUser, UserChange
from service.api.teams import create_team, update_team
from service.api.users import create_user, list_users, reset_password, update_user
from service.store.records import RepRole
from service.web.admin_forms import model_of
from service.web.list_pages import filled, query_of, reps_of
from service.web.rendering import render
from service.web.routing import FormDep, page_router

router = page_router()
#: What a manager of all teams is, in a form where an empty field says nothing.
ALL_TEAMS = "*"
#: Each is a form with all teams in it.
_REPS_A_PAGE = 40


@router.get("/admin/users", operation_id="page_admin_users")
def users_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    return _users(request, services, asker)


@router.post("/admin/users", operation_id="page_admin_user_new")
def new_user(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    made = create_user(model_of(NewUser, form, _team(form)), services, asker)
    return _users(request, services, asker, secret=made.password, whose=made.email)


@router.post("/admin/users/{user_id}", operation_id="page_admin_user")
def change_user(request: Request, user_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    if form.get("do") == "password":
        made = reset_password(user_id, services, asker)
        with services.database.read() as tx:
            email = tx.users.get(user_id).email
        return _users(request, services, asker, secret=made.password, whose=email)
    more: dict[str, Any] = {"disabled": form.get("do") == "disable"} if form.get("do") in ("disable", "enable") else {}
    update_user(user_id, model_of(UserChange, form, more), services, asker)
    return RedirectResponse("/admin/users", 303)


@router.get("/admin/reps", operation_id="page_admin_reps")
def reps_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    with services.database.read() as tx:
        reps, further = reps_of(tx, asker, given, _REPS_A_PAGE)
        teams = tx.teams.list()
    return render(
        request, "admin_reps.html", reps=reps, further=further, given=given, teams=teams, roles=get_args(RepRole)
    )


@router.post("/admin/reps", operation_id="page_admin_rep_new")
def new_rep(form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    create_rep(model_of(NewRep, form), services, asker)
    return RedirectResponse("/admin/reps", 303)


@router.post("/admin/reps/{rep_id}", operation_id="page_admin_rep")
def change_rep(rep_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    cleared = {name: None for name in ("name", "role", "team") if not str(form.get(name) or "").strip()}
    update_rep(rep_id, model_of(RepChange, form, cleared), services, asker)
    return RedirectResponse("/admin/reps", 303)


@router.post("/admin/teams", operation_id="page_admin_team_new")
def new_team(form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    create_team(model_of(NewTeam, form), services, asker)
    return RedirectResponse("/admin/reps", 303)


@router.post("/admin/teams/{team_id}", operation_id="page_admin_team")
def rename_team(team_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    update_team(team_id, model_of(NewTeam, form), services, asker)
    return RedirectResponse("/admin/reps", 303)


def _users(request: Request, services: Services, asker: Asker, **shown: Any) -> Response:
    given = filled(request)
    page = list_users(query_of(PageQuery, {"limit": str(MAX_PAGE), **given}), services, asker)
    with services.database.read() as tx:
        teams, reps = tx.teams.list(), tx.reps.list(limit=1000)
    values = {"secret": None, "whose": "", **shown}
    return render(
        request,
        "admin_users.html",
        page=page,
        given=given,
        teams=teams,
        reps=reps,
        roles=USER_ROLES,
        all_teams=ALL_TEAMS,
        **values,
    )


def _team(form: Any) -> dict[str, Any]:
    """A manager's team; all of them is said on purpose."""
    return {"team": None} if form.get("team") == ALL_TEAMS else {}
