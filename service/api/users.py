"""Users: who logs in, as what."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.problem_kinds import KINDS
from service.api.problems import Refused, invalid
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_session import User
from service.api.schemas_users import CreatedUser, NewPassword, NewUser, UserChange, UserPage
from service.api.validation import FieldError
from service.scoring.errors import PasswordUnfit
from service.store import records_people
from service.store.passwords import check_password, hash_password, new_password
from service.store.records_people import UserRole
from service.store.transaction import Transaction

router = guarded_router("users")
_LIST = "users"


@router.get("/users", operation_id="list_users", summary="List users", response_model=UserPage, responses=problems())
def list_users(query: Annotated[PageQuery, Query()], services: ServicesDep, asker: AskerDep) -> UserPage:  # noqa: ARG001
    """By e-mail, disabled ones too."""
    after = cursors.decode(_LIST, query.cursor)
    with services.database.read() as tx:
        found = tx.users.list(limit=query.limit + 1, after=after)
    page = found[: query.limit]
    return UserPage(
        items=[User.of(user) for user in page],
        next_cursor=cursors.encode(_LIST, page[-1].email) if len(found) > len(page) else None,
    )


@router.post(
    "/users",
    operation_id="create_user",
    summary="Create a user",
    status_code=201,
    response_model=CreatedUser,
    responses=problems(
        "body_too_large", "malformed_request", "name_taken", "team_unknown", "rep_unknown", "password_unfit"
    ),
)
def create_user(new: NewUser, services: ServicesDep, asker: AskerDep) -> CreatedUser:
    """The answer holds the password that was made, this once."""
    given = new.model_fields_set
    _check_role(new.role, team_given="team" in given, has_team=new.team is not None, has_rep=new.rep is not None)
    if new.password is not None:
        _check_password(new.password, new.email)
    password = new_password() if new.password is None else new.password
    made = hash_password(password)
    now = services.now()
    with services.database.transaction() as tx:
        user = tx.users.create(
            new.email,
            password_hash=made,
            role=new.role,
            name=new.name,
            rep_id=_rep_id(tx, new.rep),
            team_id=_team_id(tx, new.team),
            language=new.language,
            time_zone=new.time_zone,
            password_must_change=new.password is None,
            now=now,
        )
        tx.audit.write(asker.name, "user.create", f"user:{user.id}", now=now, detail={"role": user.role})
    return CreatedUser(**User.of(user).model_dump(), password=password if new.password is None else None)


@router.get(
    "/users/{user_id}",
    operation_id="get_user",
    summary="One user",
    response_model=User,
    responses=problems("user_not_found"),
)
def get_user(user_id: UUID, services: ServicesDep, asker: AskerDep) -> User:  # noqa: ARG001
    """Never the password."""
    with services.database.read() as tx:
        return User.of(tx.users.get(user_id))


@router.patch(
    "/users/{user_id}",
    operation_id="update_user",
    summary="Change a user, or let it log in no more",
    response_model=User,
    responses=problems(
        "body_too_large", "malformed_request", "user_not_found", "team_unknown", "rep_unknown", "last_admin"
    ),
)
def update_user(user_id: UUID, change: UserChange, services: ServicesDep, asker: AskerDep) -> User:
    """Counts with the user's next request. Who stops being a manager loses the team; the last admin stays one."""
    given = change.model_fields_set
    now = services.now()
    with services.database.transaction() as tx:
        user = tx.users.get(user_id)
        values = _changed(tx, user, change, given)
        if change.disabled is not None:
            values["disabled_at"] = (user.disabled_at or now) if change.disabled else None
        _keep_an_admin(tx, user, values)
        changed = tx.users.update(user_id, **values)
        if values.get("disabled_at") is not None:
            tx.sessions.end_all(user_id)
        tx.audit.write(asker.name, "user.update", f"user:{user_id}", now=now, detail=_noted(user, changed, given))
    return User.of(changed)


@router.post(
    "/users/{user_id}/password",
    operation_id="reset_password",
    summary="Make a new password for a user",
    response_model=NewPassword,
    responses=problems("user_not_found"),
)
def reset_password(user_id: UUID, services: ServicesDep, asker: AskerDep) -> NewPassword:
    """The old one is void and all sessions end; the user has to change this one at the next login."""
    password = new_password()
    made = hash_password(password)
    now = services.now()
    with services.database.transaction() as tx:
        user = tx.users.get(user_id)
        tx.users.set_password(user_id, made, must_change=True)
        tx.sessions.end_all(user_id)
        tx.login_tries.forget(f"account:{user.email}")
        tx.audit.write(asker.name, "user.password", f"user:{user_id}", now=now)
    return NewPassword(password=password)


def _changed(tx: Transaction, user: records_people.User, change: UserChange, given: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "name" in given:
        values["name"] = change.name
    for field in ("language", "time_zone", "role"):
        if getattr(change, field) is not None:
            values[field] = getattr(change, field)
    role: UserRole = values.get("role", user.role)
    if "team" in given:
        values["team_id"] = _team_id(tx, change.team)
    elif role != "manager":
        values["team_id"] = None
    if "rep" in given:
        values["rep_id"] = _rep_id(tx, change.rep)
    has_rep = values["rep_id"] is not None if "rep_id" in values else user.rep is not None
    stays_manager = role == "manager" and user.role == "manager"
    has_team = values.get("team_id") is not None
    _check_role(role, team_given="team" in given or stays_manager, has_team=has_team, has_rep=has_rep)
    return values


def _check_password(password: str, email: str) -> None:
    """Raises Refused, naming the field as it is called here."""
    try:
        check_password(password, email)
    except PasswordUnfit as unfit:
        raise Refused("password_unfit", str(unfit), errors=[FieldError("password", str(unfit))]) from None


def _check_role(role: UserRole, *, team_given: bool, has_team: bool, has_rep: bool) -> None:
    """Who sees all teams must do so on purpose, not because somebody forgot a field. Raises Refused."""
    errors: list[FieldError] = []
    if role == "manager" and not team_given:
        errors.append(FieldError("team", "is required for a manager: a team's name, or null for all teams"))
    if role != "manager" and has_team:
        errors.append(FieldError("team", f"is for managers; leave it out for the role {role}"))
    if role == "rep" and not has_rep:
        errors.append(FieldError("rep", "is required for the role rep: the rep's id in the telephony system"))
    if errors:
        raise invalid(errors)


def _keep_an_admin(tx: Transaction, user: records_people.User, values: dict[str, Any]) -> None:
    """Raises Refused."""
    is_one = user.role == "admin" and user.disabled_at is None
    stays_one = values.get("role", "admin") == "admin" and values.get("disabled_at") is None
    if is_one and not stays_one and tx.users.admins() == 1:
        raise Refused("last_admin", KINDS["last_admin"].example)


def _noted(before: records_people.User, after: records_people.User, given: set[str]) -> dict[str, Any]:
    """Fields that were given, and roles; no names."""
    noted: dict[str, Any] = {"fields": sorted(given)}
    if before.role != after.role:
        noted |= {"role_before": before.role, "role": after.role}
    return noted


def _team_id(tx: Transaction, name: str | None) -> UUID | None:
    return None if name is None else tx.teams.get_by_name(name).id


def _rep_id(tx: Transaction, external_id: str | None) -> UUID | None:
    return None if external_id is None else tx.reps.get_by_external_id(external_id).id
