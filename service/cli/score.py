"""`callscore score FILE`: one recording scored here and now, without a server. What someone tries first."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from service.cli.installation import read_settings
from service.cli.rendering import Language, print_report
from service.packs import PackLibrary
from service.scoring.errors import AudioUnreadable
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript
from service.settings import Settings
from workers.speech.loading import load_transcriber

app = typer.Typer(help="Score one recording here and now, without a server.", add_completion=False)


class Channel(StrEnum):
    left = "left"
    right = "right"


class Direction(StrEnum):
    inbound = "inbound"
    outbound = "outbound"


class Role(StrEnum):
    sdr = "sdr"
    sales_manager = "sales_manager"
    account_manager = "account_manager"


@app.command()
def score_file(
    file: Path = typer.Argument(..., metavar="FILE", help="A recording: WAV, MP3, OGG, M4A, FLAC, WebM, AMR ..."),
    language: str = typer.Option("", help="Language spoken (ru, en); detected when not given."),
    script: str = typer.Option("", help="Rule pack to score with; default: the installation's."),
    agent_channel: Channel = typer.Option(Channel.left, help="Which channel is the rep's."),
    direction: Direction = typer.Option(Direction.outbound, help="Who called whom."),
    role: Role | None = typer.Option(None, help="The rep's role; some items depend on it."),
    json: bool = typer.Option(False, "--json", help="Print the scorecard as JSON instead."),
    explain: bool = typer.Option(False, help="Also show what came nearest to each missed item."),
    ui: Language | None = typer.Option(None, help="Language of titles and reasons; default: the terminal's."),
) -> None:
    """Transcribe a recording and score it: conversation, script items, objections, quotes."""
    settings = read_settings()
    transcript = transcribe(file, settings, language=language or None, agent_channel=agent_channel.value)
    pack = PackLibrary(settings.effective_rules_dir).load(script or settings.default_script, transcript.language)
    context = CallContext(direction=direction.value, role=role.value if role else None)
    scorecard = score(transcript, pack, context, explain=explain)
    if json:
        typer.echo(scorecard.canonical_json().decode())
    else:
        print_report(Console(), transcript, scorecard, ui)


def transcribe(file: Path, settings: Settings, *, language: str | None, agent_channel: str) -> Transcript:
    """The recording's transcript, with a progress bar on stderr.

    Raises:
        AudioUnreadable: the file is missing or holds no audio that can be decoded.
    """
    if not file.exists():
        raise AudioUnreadable(f"there is no file {file}")
    if not file.is_file():
        raise AudioUnreadable(f"{file} is a folder; name one recording, or use `callscore upload {file}` for many")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        loading = progress.add_task("loading the speech model", total=None)
        engine = load_transcriber(settings)
        progress.remove_task(loading)
        listening = progress.add_task(f"listening to {file.name}", total=1.0)
        return engine.transcribe(
            file,
            language=language,
            agent_channel="right" if agent_channel == "right" else "left",
            on_progress=lambda share: progress.update(listening, completed=share),
            max_duration_s=settings.max_duration_s,
        )
