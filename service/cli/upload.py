"""`callscore upload`: sends recordings to a running service, once or as they appear in a folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path

import typer
import watchfiles
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from service.cli.client import ServiceClient, ServiceRefused
from service.cli.installation import read_settings
from service.cli.journal import Journal, state_folder
from service.cli.metadata import AUDIO_SUFFIXES, MetadataSource, MetadataUnusable
from service.scoring.errors import CallscoreError

app = typer.Typer(help="Send recordings to a running service.", add_completion=False)
#: A file in a watched folder counts as complete when it has not changed for this long.
SETTLE_S = 2.0
#: HTTP statuses that concern the key, not the file.
KEY_PROBLEMS = frozenset({401, 403})


class Direction(StrEnum):
    inbound = "inbound"
    outbound = "outbound"


class Channel(StrEnum):
    left = "left"
    right = "right"


@app.command()
def upload(
    paths: list[Path] = typer.Argument(..., metavar="FILE...|DIR", help="Recordings, or one folder of them."),
    rep: str | None = typer.Option(None, help="The rep's id in the telephony system."),
    source: str | None = typer.Option(None, help="Name of the system the recordings come from; default 'upload'."),
    language: str | None = typer.Option(None, help="Language spoken (ru, en); detected when not given."),
    direction: Direction | None = typer.Option(None, help="Who called whom."),
    script: str | None = typer.Option(None, help="Rule pack to score with."),
    agent_channel: Channel | None = typer.Option(None, help="Which channel is the rep's; default left."),
    pattern: str | None = typer.Option(None, help="Fields in file names, e.g. '{rep}_{started_at}_{external_id}'."),
    watch: bool = typer.Option(False, "--watch", help="Keep running and send what appears in the folder."),
    url: str | None = typer.Option(
        None, envvar="CALLSCORE_URL", help="Address of the service; default: this machine's."
    ),
    attempts: int = typer.Option(
        8, min=1, help="Tries per recording while the service is away; a watched folder tries on."
    ),
    key: str = typer.Option(
        ..., envvar="CALLSCORE_API_KEY", help="API key of role uploader (`callscore key create --role uploader`)."
    ),
) -> None:
    """Send recordings. Each file's fields come from a sidecar JSON, metadata.csv, the file name or the options.

    Run again after an interruption: what was sent is not sent twice.
    """
    folder = _folder(paths, watch=watch)
    options = {
        "rep": rep,
        "source": source,
        "language": language,
        "direction": direction.value if direction else None,
        "script": script,
        "agent_channel": agent_channel.value if agent_channel else None,
    }
    settings = read_settings()
    address = url or f"http://{settings.host}:{settings.port}"
    console = Console(stderr=True)
    with ServiceClient(
        address,
        key,
        attempts=None if watch else attempts,
        on_wait=lambda text: console.print(text, style="yellow", markup=False),
    ) as client:
        sender = Sender(client, Journal(address, state_folder()), console)
        if folder is None:
            for parent, files in groupby(paths, key=lambda path: path.parent):
                metadata = MetadataSource(parent, pattern=pattern, options=options)
                sender.send([Recording.of(file) for file in files], metadata)
        else:
            metadata = MetadataSource(folder, pattern=pattern, options=options)
            sender.send(recordings_in(folder, settled_s=SETTLE_S if watch else 0.0), metadata)
            if watch:
                console.print(f"watching {folder}; Ctrl-C stops", markup=False)
                # Ctrl-C ends the watching; a recording that it interrupts is sent by the next run.
                with suppress(KeyboardInterrupt):
                    for _ in watchfiles.watch(folder, rust_timeout=int(SETTLE_S * 1000), yield_on_timeout=True):
                        metadata = MetadataSource(folder, pattern=pattern, options=options)
                        sender.send(recordings_in(folder, settled_s=SETTLE_S), metadata)
    console.print(sender.summary(), markup=False)
    if sender.refused:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Recording:
    """A file as it was found; a file that changes afterwards is another recording."""

    path: Path
    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> Recording:
        facts = path.stat()
        return cls(path, facts.st_size, facts.st_mtime_ns)


class Sender:
    """Sends files one after the other and keeps count. A refused file is named once and not tried again in this run."""

    def __init__(self, client: ServiceClient, journal: Journal, console: Console) -> None:
        self._client = client
        self._journal = journal
        self._console = console
        self._tried: set[Recording] = set()
        self.sent = 0
        self.known = 0
        self.refused = 0

    def send(self, recordings: Sequence[Recording], metadata: MetadataSource) -> None:
        """Send what was not tried yet among `recordings`, with a progress bar in bytes."""
        waiting = [recording for recording in recordings if recording not in self._tried]
        if not waiting:
            return
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task("uploading", total=sum(recording.size_bytes for recording in waiting))
            done = 0
            for recording in waiting:
                self._tried.add(recording)
                progress.update(task, description=f"uploading {recording.path.name}")
                self._one(recording.path, metadata, _advance(progress, task, done))
                done += recording.size_bytes
                progress.update(task, completed=done)

    def _one(self, file: Path, metadata: MetadataSource, on_read: Callable[[int], None]) -> None:
        try:
            if self._journal.call_id(file) is not None:
                self.known += 1
                return
            sent = self._client.send(file, metadata.fields(file), on_read)
            self._journal.add(file, sent.call_id)
        except (ServiceRefused, MetadataUnusable, OSError) as error:
            if isinstance(error, ServiceRefused) and error.status in KEY_PROBLEMS:
                raise  # the key is wrong for every file alike
            self.refused += 1
            self._console.print(f"{file.name}: {error}", style="red", markup=False)
            return
        if sent.created:
            self.sent += 1
        else:
            self.known += 1

    def summary(self) -> str:
        """One line: how many were sent, known already, refused."""
        parts = [f"{self.sent} sent"]
        if self.known:
            parts.append(f"{self.known} already there")
        if self.refused:
            parts.append(f"{self.refused} refused (named above)")
        return ", ".join(parts)


def recordings_in(folder: Path, *, settled_s: float = 0.0) -> list[Recording]:
    """Recordings below a folder in the order of their names, without those that changed in the last `settled_s` seconds."""
    newest_ns = time.time_ns() - int(settled_s * 1e9)
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in AUDIO_SUFFIXES and not hidden and path.is_file():
            recording = Recording.of(path)
            if not settled_s or recording.modified_ns <= newest_ns:
                found.append(recording)
    return found


def _advance(progress: Progress, task: TaskID, before: int) -> Callable[[int], None]:
    return lambda count: progress.update(task, completed=before + count)


def _folder(paths: list[Path], *, watch: bool) -> Path | None:
    for path in paths:
        if not path.exists():
            raise CallscoreError(f"there is no file or folder {path}")
    folders = [path for path in paths if path.is_dir()]
    if folders and len(paths) > 1:
        raise CallscoreError("name either recordings or one folder")
    if watch and not folders:
        raise CallscoreError("--watch needs a folder")
    return folders[0] if folders else None
