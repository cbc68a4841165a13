"""`callscore key`: API keys, straight in the database of this installation."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from service.cli.installation import open_database
from service.scoring.errors import CallscoreError

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True, add_completion=False)


class Role(StrEnum):
    """Roles a key can have; docs/api.md has the table of what each may call."""

    uploader = "uploader"
    reader = "reader"
    manager = "manager"
    qa_lead = "qa_lead"
    admin = "admin"


@app.command()
def create(
    role: Role = typer.Option(..., help="What the key may do."),
    name: str = typer.Option("", help="A name to recognize it by; default: the role and the time."),
    team: str = typer.Option("", help="Limit the key to this team's calls."),
) -> None:
    """Create a key and print it. It is shown once and stored only as a hash."""
    now = datetime.now(UTC)
    with open_database() as database, database.transaction() as tx:
        team_id = tx.teams.get_by_name(team).id if team else None
        key, secret = tx.keys.create(
            name=name or f"{role.value} {now:%Y-%m-%d %H:%M:%S}", role=role.value, team_id=team_id, now=now
        )
        tx.audit.write("cli", "key.create", f"key:{key.id}", now=now, detail={"role": key.role})
    Console(stderr=True).print(f"Key '{key.name}' for role {key.role}. It is not shown again:", markup=False)
    typer.echo(secret)


@app.command(name="list")
def list_keys() -> None:
    """List keys: name, role, first characters, when last used."""
    with open_database() as database, database.read() as tx:
        keys = tx.keys.list()
    table = Table("id", "name", "role", "starts with", "created", "last used", "state")
    for key in keys:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        state = "revoked" if key.revoked_at else "active"
        table.add_row(str(key.id), key.name, key.role, key.prefix, f"{key.created_at:%Y-%m-%d %H:%M}", used, state)
    Console().print(table)


@app.command()
def revoke(key_id: str = typer.Argument(..., help="The id that `callscore key list` shows.")) -> None:
    """Revoke a key: from now on it is unknown."""
    try:
        wanted = UUID(key_id)
    except ValueError:
        raise CallscoreError(f"'{key_id}' is no key id; `callscore key list` shows the ids") from None
    with open_database() as database, database.transaction() as tx:
        key = tx.keys.revoke(wanted, now=datetime.now(UTC))
        tx.audit.write("cli", "key.revoke", f"key:{key.id}", now=datetime.now(UTC))
    typer.echo(f"key '{key.name}' is revoked")
