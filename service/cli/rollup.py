"""`callscore rollup verify`: the KPI rollup against the scorecards it sums up."""

from __future__ import annotations

import typer

from service.cli.installation import open_database
from service.scoring.errors import CallscoreError

app = typer.Typer(help="Verify the KPI rollup against the scorecards.", no_args_is_help=True, add_completion=False)


@app.callback()
def rollup() -> None:
    """Verify the KPI rollup against the scorecards."""


@app.command()
def verify() -> None:
    """Recompute every rep's days from the scorecards; exit 1 and name them if any differ."""
    with open_database() as database, database.read() as tx:
        differences = tx.rollup.verify()
    for difference in differences:
        typer.echo(difference)
    if differences:
        raise CallscoreError(f"{len(differences)} rows of the rollup differ from the scorecards")
    typer.echo("the rollup agrees with the scorecards")
