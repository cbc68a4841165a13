"""`callscore erase call|customer|rep`: forget on request."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import typer

from service.cli.installation import open_database, read_settings
from service.scoring.errors import CallscoreError
from service.store.audio import AudioStore
from service.store.forgetting import forget_call, forget_customer, forget_rep

app = typer.Typer(
    help="Forget a call, a customer, or who a rep is; past KPIs stay.", no_args_is_help=True, add_completion=False
)
ACTOR = "cli"
SURE = typer.Option(False, "--yes", help="Do not ask: this cannot be undone.")


@app.callback()
def erase() -> None:
    """Forget a call, a customer, or who a rep is; past KPIs stay."""


@app.command()
def call(call_id: str = typer.Argument(..., help="The call's id."), yes: bool = SURE) -> None:
    """Erase a call's recording, text and data; its anonymous numbers stay."""
    try:
        wanted = UUID(call_id)
    except ValueError:
        raise CallscoreError(f"'{call_id}' is no call id") from None
    _sure(yes)
    settings = read_settings()
    with open_database(settings) as database:
        forget_call(database, AudioStore(settings.effective_audio_url), wanted, by=ACTOR, now=datetime.now(UTC))
    typer.echo("the call is erased")


@app.command()
def customer(
    customer_ref: str = typer.Argument(..., help="The customer's id as it was uploaded."), yes: bool = SURE
) -> None:
    """Erase all calls with a customer."""
    _sure(yes)
    settings = read_settings()
    with open_database(settings) as database:
        audio = AudioStore(settings.effective_audio_url)
        receipt = forget_customer(database, audio, customer_ref, by=ACTOR, now=datetime.now(UTC))
    typer.echo(f"calls erased: {receipt.calls}; receipt {receipt.id}")


@app.command()
def rep(external_id: str = typer.Argument(..., help="The rep's id in the telephony system."), yes: bool = SURE) -> None:
    """Erase who a rep is, the login, and all calls; role and team stay, so that past KPIs add up."""
    _sure(yes)
    settings = read_settings()
    with open_database(settings) as database:
        with database.read() as tx:
            rep_id = tx.reps.get_by_external_id(external_id).id
        audio = AudioStore(settings.effective_audio_url)
        receipt = forget_rep(database, audio, rep_id, by=ACTOR, now=datetime.now(UTC))
    typer.echo(f"the rep is erased, with calls: {receipt.calls}; receipt {receipt.id}")


def _sure(yes: bool) -> None:
    if not yes:
        typer.confirm("This cannot be undone. Erase?", abort=True)
