"""`callscore retention show|keep|apply`: how long recordings and texts are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import get_args

import typer
from rich.console import Console
from rich.table import Table

from service.cli.installation import open_database, read_settings
from service.scoring.errors import CallscoreError
from service.store.audio import AudioStore
from service.store.forgetting import apply_retention
from service.store.retention import FEWEST_DAYS, MOST_DAYS, What

app = typer.Typer(help="How long recordings and texts are kept.", no_args_is_help=True, add_completion=False)
Kept = StrEnum("Kept", {name: name for name in get_args(What)})  # type: ignore[misc]
FOR_EVER = "forever"


@app.callback()
def retention() -> None:
    """How long recordings and texts are kept."""


@app.command()
def show() -> None:
    """List the rules; without any, everything is kept."""
    with open_database() as database, database.read() as tx:
        rules = tx.retention.rules()
    table = Table("team", "what", "days", "changed", "by")
    for rule in rules:
        table.add_row(
            rule.team or "(all others)", rule.what, str(rule.days), f"{rule.changed_at:%Y-%m-%d}", rule.changed_by
        )
    Console().print(table)


@app.command()
def keep(
    what: Kept = typer.Argument(..., help="Recordings (audio), or transcripts and everything written (text)."),
    days: str = typer.Argument(
        ..., help=f"Days after the call arrived, {FEWEST_DAYS} to {MOST_DAYS}, or `{FOR_EVER}`: no rule."
    ),
    team: str | None = typer.Option(None, help="Only this team's calls; it then has a rule of its own."),
) -> None:
    """Set how long something is kept. The scheduler forgets what is older, within the hour."""
    wanted = None if days == FOR_EVER else _days(days)
    kept: What = "audio" if what.value == "audio" else "text"
    with open_database() as database, database.transaction() as tx:
        team_id = None if team is None else tx.teams.get_by_name(team).id
        now = datetime.now(UTC)
        tx.retention.keep(kept, wanted, team_id=team_id, by="cli", now=now)
        tx.audit.write("cli", "retention.change", f"retention:{what.value}", now=now, detail={"days": wanted})
    typer.echo(f"{what.value} is kept for {'ever' if wanted is None else f'{wanted} days'}")


@app.command()
def apply() -> None:
    """Forget now what has been kept long enough."""
    settings = read_settings()
    with open_database(settings) as database:
        done = apply_retention(database, AudioStore(settings.effective_audio_url), now=datetime.now(UTC), by="cli")
    typer.echo(f"{done.audio} recordings and {done.text} texts forgotten")


def _days(text: str) -> int:
    if not text.isdecimal() or not FEWEST_DAYS <= int(text) <= MOST_DAYS:
        raise CallscoreError(f"'{text}' is no number of days; give {FEWEST_DAYS} to {MOST_DAYS}, or `{FOR_EVER}`")
    return int(text)
