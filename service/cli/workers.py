"""`callscore worker` and `callscore beat`: for production under compose, systemd or Kubernetes, and for `callscore up`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer

from service.cli.installation import read_settings
from workers.running import run_worker
from workers.scheduler import run_beat

worker = typer.Typer(help="One process: a worker, `transcribe` or `score`.", add_completion=False)
beat = typer.Typer(help="One process: the scheduler of the sweeper.", add_completion=False)

ALIVE_FILE = typer.Option(
    None,
    "--alive-file",
    help="Appears when the process is ready, and is touched every few seconds while it works; for health checks.",
)


class Kind(StrEnum):
    """The two kinds of worker."""

    TRANSCRIBE = "transcribe"
    SCORE = "score"


@worker.command()
def run(kind: Kind, alive_file: Path | None = ALIVE_FILE) -> None:
    """Work until told to stop; then finish the call in work or give it back."""
    raise typer.Exit(run_worker(read_settings(), kind.value, alive_file=alive_file))


@beat.command()
def schedule(alive_file: Path | None = ALIVE_FILE) -> None:
    """Send the sweeper on its way until told to stop. A second scheduler is harmless."""
    run_beat(read_settings(), alive_file=alive_file)
