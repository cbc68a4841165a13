"""`callscore rep` and `callscore team`: who makes the calls, straight in the database of this installation."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import typer
from rich.console import Console
from rich.table import Table

from service.cli.installation import open_database

reps = typer.Typer(help="Register reps and put them into teams.", no_args_is_help=True, add_completion=False)
teams = typer.Typer(help="Create and list teams.", no_args_is_help=True, add_completion=False)


class Role(StrEnum):
    sdr = "sdr"
    sales_manager = "sales_manager"
    account_manager = "account_manager"


@teams.command(name="add")
def add_team(name: str = typer.Argument(..., help="The team's name.")) -> None:
    """Create a team."""
    with open_database() as database, database.transaction() as tx:
        team = tx.teams.create(name, now=datetime.now(UTC))
        tx.audit.write("cli", "team.create", f"team:{team.id}", now=datetime.now(UTC))
    typer.echo(f"team '{team.name}' created")


@teams.command(name="list")
def list_teams() -> None:
    """List teams."""
    with open_database() as database, database.read() as tx:
        for team in tx.teams.list():
            typer.echo(team.name)


@reps.command(name="add")
def add_rep(
    external_id: str = typer.Argument(..., help="The rep's id in the telephony system."),
    name: str | None = typer.Option(None, help="The rep's name."),
    role: Role | None = typer.Option(None, help="The rep's role; some script items depend on it."),
    team: str | None = typer.Option(None, help="The rep's team; `callscore team add` creates one."),
) -> None:
    """Register a rep, or complete one that an upload created."""
    with open_database() as database, database.transaction() as tx:
        now = datetime.now(UTC)
        rep = tx.reps.create(external_id, name=name, role=role.value if role else None, team=team, now=now)
        tx.audit.write("cli", "rep.create", f"rep:{rep.id}", now=now)
    typer.echo(f"rep '{external_id}' registered")


@reps.command(name="list")
def list_reps(team: str | None = typer.Option(None, help="Only this team's.")) -> None:
    """List reps: id, name, role, team."""
    with open_database() as database, database.read() as tx:
        found = tx.reps.list(team=team)
    table = Table("id", "name", "role", "team", "")
    for rep in found:
        note = "" if rep.registered else "created by an upload"
        table.add_row(rep.external_id, rep.name or "", rep.role or "", rep.team.name if rep.team else "", note)
    Console().print(table)
