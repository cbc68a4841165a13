"""The `callscore` command: one table of sub-commands, each loaded only when it is called.

Loading lazily keeps `callscore key list` from paying for spaCy and the speech libraries.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

import typer
from rich.console import Console

from service import __version__
from service.scoring.errors import CallscoreError

#: Exit code of a shell command stopped by Ctrl-C (128 + SIGINT).
EXIT_INTERRUPTED = 130
EXIT_ERROR = 1
#: Wherever one asks for help, in either spelling.
HELP = {"help_option_names": ["-h", "--help"]}


class Source(NamedTuple):
    """Where a sub-command lives: `module:attribute` of a Typer app, and its line in `--help`."""

    module: str
    attribute: str
    help: str


COMMANDS: dict[str, Source] = {
    "score": Source("service.cli.score", "app", "Score one recording here and now, without a server."),
    "demo": Source("service.cli.demo", "app", "Start the service, score six sample recordings, show the KPIs."),
    "up": Source("service.cli.up", "app", "Run the whole service on this machine."),
    "upload": Source("service.cli.upload", "app", "Send recordings to a running service."),
    "status": Source("service.cli.status", "app", "Show how many calls wait, run, failed or are scored."),
    "key": Source("service.cli.keys", "app", "Create, list and revoke API keys."),
    "rep": Source("service.cli.people", "reps", "Register reps and put them into teams."),
    "team": Source("service.cli.people", "teams", "Create and list teams."),
    "user": Source("service.cli.users", "app", "Create, list and look after people who log in."),
    "rules": Source("service.cli.rules", "app", "Check, test and explain rule packs."),
    "evaluate": Source("service.cli.evaluate", "app", "Compare the machine's scores with people's labels."),
    "rescore": Source("service.cli.rescore", "app", "Score stored calls again by today's rules."),
    "labels": Source("service.cli.labels", "app", "Export what reviewers decided, to measure rules by."),
    "retention": Source("service.cli.retention", "app", "How long recordings and texts are kept."),
    "erase": Source("service.cli.erase", "app", "Forget a call, a customer, or who a rep is; past KPIs stay."),
    "rollup": Source("service.cli.rollup", "app", "Verify the KPI rollup against the scorecards."),
    "settings": Source("service.cli.settings_doc", "app", "List every setting: variable, default, meaning."),
    "model": Source("service.cli.model", "app", "Assemble and verify the speech model."),
    "api": Source("service.cli.processes", "api", "One process: the HTTP API."),
    "worker": Source("service.cli.workers", "worker", "One process: a worker, `transcribe` or `score`."),
    "beat": Source("service.cli.workers", "beat", "One process: the scheduler of the sweeper."),
    "migrate": Source("service.cli.processes", "migrate", "Bring the database to the newest schema."),
}


def overview() -> typer.Typer:
    """The top level: every command with its line of help; what `callscore --help` and a mistyped command see."""
    app = typer.Typer(
        help="callscore scores every recorded sales call, with a quote behind every point.",
        no_args_is_help=True,
        add_completion=False,
        context_settings=HELP,
    )

    @app.callback(invoke_without_command=True)
    def top(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
        if version:
            typer.echo(f"callscore {__version__}")
            raise typer.Exit

    for name, source in COMMANDS.items():
        app.command(name, help=source.help)(_listed)
    return app


def _listed() -> None:
    """Stands in the overview for a command that `main` loads itself."""


def main(argv: Sequence[str]) -> None:
    """Run one command line (without the program's name).

    Raises:
        CallscoreError: the command could not do what was asked.
        SystemExit: always, when the command ends on its own.
    """
    if argv and argv[0] in COMMANDS:
        source = COMMANDS[argv[0]]
        app: typer.Typer = getattr(importlib.import_module(source.module), source.attribute)
        invoke = typer.main.get_command(app)
        invoke.context_settings.update(HELP)
        invoke(args=list(argv[1:]), prog_name=f"callscore {argv[0]}")
    else:
        overview()(args=list(argv), prog_name="callscore")


def run() -> None:
    """Entry point: domain errors become one sentence on stderr and exit code 1, never a trace."""
    try:
        main(sys.argv[1:])
    except CallscoreError as error:
        Console(stderr=True).print(f"callscore: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    run()
