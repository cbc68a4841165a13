"""`callscore status`: where the calls of this installation stand."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from service.cli.installation import open_database
from service.store.records import CALL_STATUSES, CallFilter

app = typer.Typer(help="Show how many calls wait, run, failed or are scored.", add_completion=False)
#: Failed calls that are named; the API lists all of them.
NAMED_FAILURES = 10


@app.command()
def status() -> None:
    """Count the calls by status and name the latest failures with their reason."""
    with open_database() as database, database.read() as tx:
        counts = tx.calls.counts()
        lacking = tx.unscored.languages()
        failures = tx.calls.list(CallFilter(status="failed"), limit=NAMED_FAILURES, cursor=None).calls
    console = Console()
    table = Table("status", "calls")
    for name in CALL_STATUSES:
        table.add_row(name, str(counts.get(name, 0)))
    console.print(table)
    for (script, language), number in lacking.items():
        console.print(f"{number} of the transcribed wait for rules: {script} has none for {language!r}", markup=False)
    for call in failures:
        console.print(f"{call.id} failed ({call.error_code}): {call.error_message}", markup=False)
