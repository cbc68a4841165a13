"""`callscore evaluate FOLDER`: how far the machine's scores agree with people's labels, call by call."""

from __future__ import annotations

import importlib
import json as json_format
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from service.cli.evaluate_tables import print_evaluation
from service.cli.installation import read_settings
from service.cli.rendering import Language, terminal_language
from service.packs import PackLibrary
from service.scoring.errors import LabelsInvalid
from service.scoring.evaluation import Judged, evaluation, same_utterance
from service.scoring.labels import LabelledCall, labelled_call
from service.scoring.scorecard import CallContext, score
from service.settings import Settings

app = typer.Typer(help="Compare the machine's scores with people's labels.", add_completion=False)
#: What listens to recordings; loaded only for `--audio`, because its libraries take seconds.
AUDIO_MODULE = "service.cli.evaluate_audio"
#: Files beside recordings that hold the times of turns, no labels.
TIMES_SUFFIX = ".times.json"

#: From a labelled call to what the machine made of it.
Judge = Callable[[LabelledCall, PackLibrary], Judged]


@app.command()
def evaluate(
    folder: Path = typer.Argument(..., metavar="FOLDER", help="Folder of labelled calls, one JSON file each."),
    json: bool = typer.Option(False, "--json", help="Print the figures as JSON instead of tables."),
    audio: Path | None = typer.Option(
        None, help="Score the recordings in this folder (ID.wav, ID.mp3 ... beside ID.times.json) instead of the text."
    ),
    transcripts: Path | None = typer.Option(
        None, help="With --audio: keep what was heard in this folder and do not listen again to what lies there."
    ),
    rules: Path | None = typer.Option(None, help="Folder of rule packs; default: the installation's."),
    ui: Language | None = typer.Option(None, help="Language of the tables; default: the terminal's."),
) -> None:
    """Score labelled calls and compare: script items, objections, steps, outcomes, points, violations, KPIs."""
    settings = read_settings(rules_dir=rules)
    calls = read_labelled(folder)
    judge = judge_text if audio is None else _listener(audio, transcripts, settings)
    packs = PackLibrary(settings.effective_rules_dir)
    figures = evaluation([judge(call, packs) for call in calls])
    if json:
        typer.echo(json_format.dumps(figures, ensure_ascii=False, indent=2))
    else:
        print_evaluation(Console(), figures, (ui or terminal_language()).value)


def read_labelled(folder: Path) -> tuple[LabelledCall, ...]:
    """The labelled calls of a folder, by file name.

    Raises:
        LabelsInvalid: there are none, or a file is not JSON or breaks the format; the message names file and field.
    """
    files = sorted(path for path in folder.glob("*.json") if not path.name.endswith(TIMES_SUFFIX))
    if not files:
        raise LabelsInvalid(f"{folder}: no labelled calls (*.json) here")
    return tuple(_read(path) for path in files)


def context_of(call: LabelledCall) -> CallContext:
    return CallContext(direction=call.direction, role=call.role)


def judge_text(call: LabelledCall, packs: PackLibrary) -> Judged:
    """Score the labelled text itself."""
    pack = packs.load(call.pack_id, call.transcript.language)
    return Judged(call, score(call.transcript, pack, context_of(call)), same_utterance)


def _read(path: Path) -> LabelledCall:
    try:
        data = json_format.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabelsInvalid(f"{path}: not readable as JSON: {error}") from error
    try:
        return labelled_call(data)
    except LabelsInvalid as error:
        raise LabelsInvalid(f"{path}: {error}") from error


def _listener(audio: Path, transcripts: Path | None, settings: Settings) -> Judge:
    judge: Judge = importlib.import_module(AUDIO_MODULE).listener(audio, transcripts, settings)
    return judge
