"""`callscore model`: the speech model, assembled and verified; also what the container image runs while it is built."""

from __future__ import annotations

import typer

from service.cli.installation import read_settings
from workers.speech.model import resolve_model

app = typer.Typer(help="Assemble and verify the speech model.", add_completion=False)


@app.command()
def model() -> None:
    """Print the folder of the model that `CALLSCORE_MODEL` names, after checking it."""
    settings = read_settings()
    typer.echo(str(resolve_model(settings.model, settings.data_dir)))
