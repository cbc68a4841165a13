"""`callscore labels export DIR`: reviewed calls as labelled calls, for `callscore evaluate DIR`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import typer

from service.cli.installation import open_database, read_settings
from service.scoring.errors import CallscoreError
from service.store.labels import Labelled

app = typer.Typer(
    help="Export what reviewers decided, to measure rules by.", no_args_is_help=True, add_completion=False
)
#: Calls read in one transaction.
PAGE = 100


@app.callback()
def labels() -> None:
    """Export what reviewers decided, to measure rules by."""


@app.command()
def export(
    folder: Path = typer.Argument(
        ..., metavar="DIR", help="Folder for one JSON file a call; created if it is missing."
    ),
    script: str | None = typer.Option(None, help="Only calls of this rule pack."),
    sample_only: bool = typer.Option(
        False, "--sample-only", help="Only the random sample: the others were picked because something seemed wrong."
    ),
) -> None:
    """Write every reviewed call, text and verdicts, as a file that `callscore evaluate DIR` reads.

    The files hold what was said: keep them as safe as the recordings.
    """
    settings = read_settings()
    share = settings.review_sample_share if sample_only else None
    written = 0
    after = None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open_database(settings) as database:
            while True:
                with database.read() as tx:
                    page = tx.labels.page(script=script, sample_share=share, limit=PAGE, after=after)
                if not page:
                    break
                written += sum(_write(folder, found) for found in page)
                after = page[-1].call_id
            with database.transaction() as tx:
                tx.audit.write("cli", "labels.export", "labels", now=datetime.now(UTC), detail={"calls": written})
    except OSError as error:
        raise CallscoreError(f"cannot write to {folder}: {error.strerror}") from None
    typer.echo(f"{written} reviewed calls in {folder}")


def _write(folder: Path, found: Labelled) -> bool:
    if found.data is None:
        typer.echo(f"call {found.call_id} left out: {found.why_not}", err=True)
        return False
    path = folder / f"{found.call_id}.json"
    path.write_text(json.dumps(found.data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return True
