"""`callscore up`: the whole service on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import typer
from rich.console import Console

from service.cli.installation import read_settings
from service.cli.stack import Stack

app = typer.Typer(help="Run the whole service on this machine.", add_completion=False)


@app.command()
def up(
    data: Path | None = typer.Option(None, help="Data folder (CALLSCORE_DATA_DIR)."),
    host: str | None = typer.Option(None, help="Address the API listens on (CALLSCORE_HOST)."),
    port: int | None = typer.Option(None, help="Port the API listens on (CALLSCORE_PORT)."),
    workers: int = typer.Option(1, min=1, help="Calls transcribed at the same time."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show the processes' logs here too."),
) -> None:
    """Start Redis, the API, the workers and the scheduler; Ctrl-C stops them all."""
    console = Console()

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    settings = read_settings(data_dir=data, host=host, port=port)
    # A stop by the system is a Ctrl-C that nobody typed.
    signal.signal(signal.SIGTERM, _interrupt)
    say(f"data folder: {settings.data_dir} (logs in {settings.data_dir / 'logs'})")
    try:
        with Stack(settings, transcribe_workers=workers, report=say, echo=say if verbose else None) as stack:
            say(f"callscore is running at {stack.url} (its API: {stack.url}/openapi.json); Ctrl-C stops it")
            try:
                stack.wait()
            finally:
                say("stopping ...")
    except KeyboardInterrupt:
        say("stopped")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
