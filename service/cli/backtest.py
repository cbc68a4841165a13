"""`callscore rules backtest PACK_DIR`: what a changed rule pack would move in stored calls, before anybody puts it to use."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from service.backtest import backtest, changed_pack, stored_cases
from service.cli.backtest_tables import print_backtest
from service.cli.evaluate import read_labelled
from service.cli.installation import open_database, read_settings
from service.cli.rendering import Language, terminal_language
from service.packs import PackLibrary
from service.published import PublishedPacks
from service.scoring.backtest import Case
from service.store.records import CallFilter


def run(
    folder: Path = typer.Argument(
        ..., metavar="PACK_DIR", help="Folder of the changed pack in a copy of the rules folder: COPY/ru/b2b_sales."
    ),
    since: datetime | None = typer.Option(None, formats=["%Y-%m-%d"], help="Calls received on this day or later, UTC."),
    until: datetime | None = typer.Option(None, formats=["%Y-%m-%d"], help="Calls received on this day or before."),
    team: str | None = typer.Option(None, help="Only calls of this team."),
    limit: int | None = typer.Option(None, min=1, help="At most so many calls, the newest."),
    labels: Path | None = typer.Option(
        None, help="Folder of labelled calls: also compare both packs with these labels."
    ),
    json: bool = typer.Option(False, "--json", help="Print JSON instead of tables."),
    rules: Path | None = typer.Option(
        None,
        "--rules",
        help="Folder to compare with; default: the packs in use, published or of the installation's folder.",
    ),
    ui: Language | None = typer.Option(None, help="Language of the tables; default: the terminal's."),
) -> None:
    """Score stored calls by a changed pack and by the one in use: which calls, reps and KPIs move. Nothing is written."""
    settings = read_settings(rules_dir=rules)
    changed = changed_pack(folder)
    wanted = CallFilter(
        status="scored",
        script=changed.pack_id,
        team=team,
        received_from=None if since is None else since.replace(tzinfo=UTC),
        received_to=None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1),
    )
    labelled = () if labels is None else read_labelled(labels)
    with open_database(settings) as database:
        published = PublishedPacks(database) if rules is None else None
        installed = PackLibrary(settings.effective_rules_dir, published=published)
        cases = islice(stored_cases(database, wanted), limit)
        result = backtest(_shown(cases), installed, changed, labelled=labelled)
    if json:
        typer.echo(json_format.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        print_backtest(Console(), result, (ui or terminal_language()).value)


def _shown(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases, counted on stderr as they go by."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} calls"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scoring by both packs", total=None)
        for case in cases:
            yield case
            progress.advance(task)
