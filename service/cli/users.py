"""`callscore user`: people who log in, straight in the database of this installation."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from service.api.schemas_users import NewUser
from service.cli.installation import open_database
from service.scoring.errors import CallscoreError, UserUnknown
from service.store.database import Database
from service.store.passwords import check_password, hash_password, new_password
from service.store.records_people import User
from service.store.transaction import Transaction

app = typer.Typer(help="Create, list and look after people who log in.", no_args_is_help=True, add_completion=False)


class Role(StrEnum):
    """Roles a user can have; docs/api.md has the table of what each may do."""

    rep = "rep"
    manager = "manager"
    qa_lead = "qa_lead"
    admin = "admin"


class Language(StrEnum):
    ru = "ru"
    en = "en"


@app.command()
def create(
    email: str = typer.Option(..., help="The e-mail to log in with."),
    role: Role = typer.Option(..., help="What the user may do."),
    team: str = typer.Option("", help="The team that a manager sees."),
    all_teams: bool = typer.Option(False, "--all-teams", help="A manager of all teams: a head of sales."),
    rep: str = typer.Option("", help="The user's id in the telephony system; a rep needs one."),
    name: str = typer.Option("", help="The user's name."),
    language: Language | None = typer.Option(None, help="Language of the pages; the browser's by default."),
    time_zone: str = typer.Option("UTC", help="Time zone of the pages, like Europe/Moscow."),
    ask: bool = typer.Option(False, "--ask", help="Ask for the password instead of making one."),
) -> None:
    """Create a user. The password is asked for, or made and printed once; the user then has to choose another."""
    if role == Role.manager and bool(team) == all_teams:
        raise CallscoreError("a manager needs a team (--team NAME), or --all-teams for a head of sales")
    if role != Role.manager and (team or all_teams):
        raise CallscoreError(f"--team and --all-teams are for managers; a {role.value} has none")
    if role == Role.rep and not rep:
        raise CallscoreError("a rep needs its id in the telephony system: --rep ID")
    _check(email, time_zone)
    given = _asked(email) if ask else None
    password = given or new_password()
    made = hash_password(password)
    with open_database() as database, database.transaction() as tx:
        user = tx.users.create(
            email,
            password_hash=made,
            role=role.value,
            rep_id=tx.reps.get_by_external_id(rep).id if rep else None,
            team_id=tx.teams.get_by_name(team).id if team else None,
            name=name or None,
            language=None if language is None else language.value,
            time_zone=time_zone,
            password_must_change=given is None,
            now=datetime.now(UTC),
        )
        _note(tx, "user.create", user, role=user.role)
    typer.echo(f"user {user.email} created with the role {user.role}", err=True)
    if given is None:
        _show(password)


@app.command()
def password(
    email: str = typer.Argument(..., help="The user's e-mail."),
    ask: bool = typer.Option(False, "--ask", help="Ask for the password instead of making one."),
) -> None:
    """Set a new password and end the user's sessions."""
    given = _asked(email) if ask else None
    fresh = given or new_password()
    made = hash_password(fresh)
    with open_database() as database, database.transaction() as tx:
        user = _user(tx, email)
        tx.users.set_password(user.id, made, must_change=given is None)
        tx.sessions.end_all(user.id)
        _note(tx, "user.password", user)
    typer.echo(f"the password of {user.email} is changed", err=True)
    if given is None:
        _show(fresh)


@app.command()
def disable(email: str = typer.Argument(..., help="The user's e-mail.")) -> None:
    """Let nobody log in as this user any more, and end the sessions there are."""
    with open_database() as database:
        _set_disabled(database, email, disabled=True)
    typer.echo(f"{email} cannot log in any more")


@app.command()
def enable(email: str = typer.Argument(..., help="The user's e-mail.")) -> None:
    """Let a disabled user log in again."""
    with open_database() as database:
        _set_disabled(database, email, disabled=False)
    typer.echo(f"{email} can log in again")


@app.command(name="list")
def list_users() -> None:
    """List users: e-mail, role, team, when they logged in last."""
    with open_database() as database, database.read() as tx:
        found = tx.users.list()
    table = Table("e-mail", "name", "role", "team", "rep", "last login", "state")
    for user in found:
        team = user.team.name if user.team else "all" if user.role == "manager" else ""
        login = f"{user.last_login_at:%Y-%m-%d %H:%M}" if user.last_login_at else "never"
        state = "disabled" if user.disabled_at else "active"
        rep = user.rep.external_id if user.rep else ""
        table.add_row(user.email, user.name or "", user.role, team, rep, login, state)
    Console().print(table)


def _check(email: str, time_zone: str) -> None:
    """The same as over HTTP."""
    try:
        NewUser(email=email, role="admin", time_zone=time_zone)
    except ValidationError as invalid:
        raise CallscoreError(
            "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors())
        ) from None


def _asked(email: str) -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    check_password(password, email)
    return password


def _show(password: str) -> None:
    typer.echo("The password, not shown again:", err=True)
    typer.echo(password)


def _user(tx: Transaction, email: str) -> User:
    found = tx.users.by_email(email)
    if found is None:
        raise UserUnknown(f"no user has the e-mail {email}; `callscore user list` shows them")
    return found[0]


def _set_disabled(database: Database, email: str, *, disabled: bool) -> None:
    with database.transaction() as tx:
        user = _user(tx, email)
        if disabled and user.role == "admin" and tx.users.admins() == 1:
            raise CallscoreError("this is the only admin; create another one first")
        tx.users.update(user.id, disabled_at=datetime.now(UTC) if disabled else None)
        tx.sessions.end_all(user.id)
        _note(tx, "user.disable" if disabled else "user.enable", user)


def _note(tx: Transaction, action: str, user: User, **detail: str) -> None:
    tx.audit.write("cli", action, f"user:{user.id}", now=datetime.now(UTC), detail=detail)
