"""`callscore rescore`: score stored calls again by today's rules, through the workers or on this machine alone."""

from __future__ import annotations

import importlib
import json as json_format
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from service.cli.installation import open_database, read_settings
from service.queue import CeleryQueue
from service.scoring.errors import CallscoreError
from service.settings import Settings
from service.store.database import Database
from service.store.records_rescore import RescoreChoice, RescoreJob, RescoreState

app = typer.Typer(help="Score stored calls again by today's rules.", no_args_is_help=True, add_completion=False)
#: What works without a queue; loaded only for `--here`.
LOCAL_MODULE = "workers.rescore_here"
#: People look at the progress so often, in seconds.
LOOK_EVERY_S = 0.5
ACTOR = "cli"
SHOWN = 20

_HERE = typer.Option(False, "--here", help="Work in processes of this command instead of through the queue.")
_PROCESSES = typer.Option(0, "--processes", help="With --here: how many; default: one a processor core.", min=0)
_WAIT = typer.Option(False, "--wait", help="Stay until the job ends.")
_ID = typer.Argument(..., metavar="ID", help="The job's id; `callscore rescore list` shows it.")


@app.command()
def start(
    since: datetime | None = typer.Option(None, "--since", formats=["%Y-%m-%d"], help="First day of the calls, UTC."),
    until: datetime | None = typer.Option(None, "--until", formats=["%Y-%m-%d"], help="Last day."),
    script: str | None = typer.Option(None, help="Only calls of this rule pack."),
    team: str | None = typer.Option(None, help="Only calls of this team."),
    here: bool = _HERE,
    processes: int = _PROCESSES,
    wait: bool = _WAIT,
) -> None:
    """Score the calls of a period again. The same choice again goes on with the job that is not finished."""
    settings, now = read_settings(), datetime.now(UTC)
    with open_database(settings) as database:
        with database.transaction() as tx:
            team_id = None if team is None else tx.teams.get_by_name(team).id
            choice = RescoreChoice(_day(since), _day(until), script, team_id)
            job, created = tx.rescore.start(choice, created_by=ACTOR, now=now)
            if created:
                tx.audit.write(ACTOR, "rescore.start", f"rescore:{job.id}", now=now)
        typer.echo(f"{'job' if created else 'unfinished job'} {job.id}: {job.calls_total} calls")
        _work(database, settings, job, here=here, processes=processes, wait=wait)


@app.command(name="list")
def list_jobs(json: bool = typer.Option(False, "--json", help="Print JSON instead of a table.")) -> None:
    """The newest jobs and how far they are."""
    with open_database() as database, database.read() as tx:
        jobs = tx.rescore.list(limit=SHOWN)
    if json:
        typer.echo(json_format.dumps([_plain(job) for job in jobs], ensure_ascii=False, indent=2))
        return
    table = Table(
        "id", "state", "calls", "done", "changed", "same", "skipped", "failed", "from", "to", "script", "team"
    )
    for job in jobs:
        counts = (
            job.calls_total,
            job.calls_done,
            job.calls_changed,
            job.calls_same,
            job.calls_skipped,
            job.calls_failed,
        )
        choice = (job.choice.date_from, job.choice.date_to, job.choice.script, job.team)
        table.add_row(str(job.id), job.state, *(str(n) for n in counts), *("" if c is None else str(c) for c in choice))
    Console(soft_wrap=True).print(table)
    for job in jobs:
        if job.problem:
            typer.echo(f"{job.id}: {job.problem}")


@app.command()
def pause(job_id: UUID = _ID) -> None:
    """Stop after the calls in work; `resume` goes on."""
    _change(job_id, "paused", "rescore.pause")


@app.command()
def cancel(job_id: UUID = _ID) -> None:
    """End the job; what was scored again stays."""
    _change(job_id, "cancelled", "rescore.cancel")


@app.command()
def resume(job_id: UUID = _ID, here: bool = _HERE, processes: int = _PROCESSES, wait: bool = _WAIT) -> None:
    """Go on with a paused job."""
    settings = read_settings()
    with open_database(settings) as database:
        job = _changed(database, job_id, "running", "rescore.resume")
        _work(database, settings, job, here=here, processes=processes, wait=wait)


def _change(job_id: UUID, state: RescoreState, action: str) -> None:
    with open_database() as database:
        job = _changed(database, job_id, state, action)
    typer.echo(f"{job.state}: {job.calls_done} of {job.calls_total} calls done")


def _changed(database: Database, job_id: UUID, state: RescoreState, action: str) -> RescoreJob:
    now = datetime.now(UTC)
    with database.transaction() as tx:
        job = tx.rescore.change(job_id, state, now=now)
        tx.audit.write(ACTOR, action, f"rescore:{job_id}", now=now)
    return job


def _work(database: Database, settings: Settings, job: RescoreJob, *, here: bool, processes: int, wait: bool) -> None:
    if here:
        work_here: Callable[[Settings, UUID, int], None] = importlib.import_module(LOCAL_MODULE).work_here
        work_here(settings, job.id, processes or len(os.sched_getaffinity(0)))
    else:
        with database.transaction() as tx:
            waiting = dict(tx.rescore.waiting(now=datetime.now(UTC)))
        queue = CeleryQueue(settings)
        for _ in range(waiting.get(job.id, 0)):
            queue.send_rescore(job.id)
        queue.close()
    if here or wait:
        _follow(database, job.id)


def _follow(database: Database, job_id: UUID) -> None:
    """Show the progress until the job ends or pauses.

    Raises:
        CallscoreError: it paused by itself, or calls failed.
    """
    columns = (TextColumn("scoring again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("calls", total=None)
        while True:
            with database.read() as tx:
                job = tx.rescore.get(job_id)
            progress.update(task, total=job.calls_total, completed=job.calls_done)
            if job.state != "running":
                break
            time.sleep(LOOK_EVERY_S)
    typer.echo(
        f"{job.state}: {job.calls_changed} changed, {job.calls_same} the same, {job.calls_skipped} skipped, {job.calls_failed} failed"
    )
    if job.problem:
        raise CallscoreError(job.problem)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _plain(job: RescoreJob) -> dict[str, Any]:
    choice = job.choice
    return {
        "id": str(job.id),
        "state": job.state,
        "from": choice.date_from and choice.date_from.isoformat(),
        "to": choice.date_to and choice.date_to.isoformat(),
        "script": choice.script,
        "team": job.team,
        "calls_total": job.calls_total,
        "calls_done": job.calls_done,
        "calls_changed": job.calls_changed,
        "calls_same": job.calls_same,
        "calls_skipped": job.calls_skipped,
        "calls_failed": job.calls_failed,
        "problem": job.problem,
    }
