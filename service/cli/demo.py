"""`callscore demo`: the main job on sample recordings, from upload to KPIs."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from service.cli.client import ServiceClient
from service.cli.following import follow
from service.cli.installation import open_database, read_settings
from service.cli.kpi_table import print_kpis
from service.cli.metadata import MetadataSource
from service.cli.stack import Stack
from service.cli.upload import recordings_in
from service.scoring.errors import CallscoreError, NameTaken
from service.settings import Settings
from service.store.passwords import hash_password, new_password
from service.store.records import KeyRole, RepRole
from service.store.transaction import Transaction
from workers.speech.model import resolve_model

app = typer.Typer(help="Start the service, score six sample recordings, show the KPIs.", add_completion=False)

SAMPLES = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "samples"
#: The sample reps: id in metadata.csv, name, role, team.
REPS: tuple[tuple[str, str, RepRole, str], ...] = (
    ("101", "Ирина Соколова", "sdr", "Продажи Россия"),
    ("102", "Павел Дёмин", "sales_manager", "Продажи Россия"),
    ("201", "Megan Doyle", "sales_manager", "Sales UK"),
)
#: The admin of the demo; each demo gives it a new password, which is printed and stored nowhere.
ADMIN = "admin@demo.local"
#: The keys of the demo; those of an earlier one are revoked before new ones are made.
KEYS: dict[str, KeyRole] = {"demo uploader": "uploader", "demo manager": "manager"}


@app.command()
def demo(
    leave: bool = typer.Option(False, "--exit", help="Stop the service after the table."),
    samples: Path = typer.Option(SAMPLES, help="Folder of recordings with a metadata.csv."),
) -> None:
    """Verify the model, start the service, upload the samples, wait until they are scored, print the KPIs per rep."""
    console = Console()
    if not samples.is_dir():
        raise CallscoreError(
            f"there is no folder {samples}; run the demo from a clone of the project, or name one with --samples"
        )
    settings = read_settings()
    with console.status("speech model: assembling and verifying"):
        model = resolve_model(settings.model, settings.data_dir)
    console.print(f"speech model verified: {model}", markup=False, highlight=False)
    with Stack(settings, report=lambda line: console.print(line, markup=False, highlight=False)) as stack:
        uploader, reader, password = _prepare(settings)
        calls = _upload(stack.url, uploader, samples, console)
        with ServiceClient(stack.url, reader) as client:
            states = follow(client, calls, console)
            print_kpis(console, client.get("/v1/kpi", group_by="rep"))
        failed = [state for state in states.values() if state["status"] == "failed"]
        console.print(f"callscore is running at {stack.url} (API: {stack.url}/docs)", markup=False, highlight=False)
        console.print(f"log in as {ADMIN} with the password {password}", markup=False, highlight=False)
        if not leave:
            _explain(console, stack.url, reader, next(iter(calls)))
            _wait_for_ctrl_c()
            console.print("stopping ...")
    if failed:
        raise CallscoreError(f"{len(failed)} of {len(states)} recordings could not be scored (the reasons are above)")


def _prepare(settings: Settings) -> tuple[str, str, str]:
    """Register the sample reps, make fresh keys and the admin's password. All three live until the next demo."""
    now = datetime.now(UTC)
    password = new_password()
    made = hash_password(password)
    with open_database(settings) as database, database.transaction() as tx:
        known_teams = {team.name for team in tx.teams.list()}
        for team in sorted({team for *_, team in REPS} - known_teams):
            tx.teams.create(team, now=now)
        for external_id, name, role, team in REPS:
            try:
                tx.reps.create(external_id, name=name, role=role, team=team, now=now)
            except NameTaken:
                continue
        for key in tx.keys.list():
            if key.name in KEYS and key.revoked_at is None:
                tx.keys.revoke(key.id, now=now)
        _renew_admin(tx, made, now)
        uploader, manager = (tx.keys.create(name, role, None, now)[1] for name, role in KEYS.items())
    return uploader, manager, password


def _renew_admin(tx: Transaction, password_hash: str, now: datetime) -> None:
    found = tx.users.by_email(ADMIN)
    if found is None:
        tx.users.create(ADMIN, password_hash=password_hash, role="admin", name="Demo", now=now)
    else:
        tx.users.set_password(found[0].id, password_hash, must_change=False)
        tx.sessions.end_all(found[0].id)


def _upload(url: str, key: str, samples: Path, console: Console) -> dict[str, str]:
    """Send every sample; the service recognizes those it has. Returns call id -> name."""
    metadata = MetadataSource(samples, pattern=None, options={"source": "demo"})
    found = recordings_in(samples)
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TextColumn("{task.description}"))
    calls: dict[str, str] = {}
    with ServiceClient(url, key) as client, Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=sum(recording.size_bytes for recording in found))
        for recording in found:
            progress.update(task, description=recording.path.name)
            sent = client.send(recording.path, metadata.fields(recording.path))
            calls[sent.call_id] = recording.path.name
            progress.advance(task, recording.size_bytes)
        progress.update(task, description=f"{len(calls)} recordings")
    return calls


def _explain(console: Console, url: str, key: str, call_id: str) -> None:
    console.print("Look at a scorecard (this key works until the next demo):", highlight=False)
    console.print(
        f"  curl -H 'Authorization: Bearer {key}' {url}/v1/calls/{call_id}/scorecard",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    console.print("Ctrl-C stops the service.")


def _wait_for_ctrl_c() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
