"""`callscore settings`: every setting with its variable, default and meaning; docs/settings.md is this command's output."""

from __future__ import annotations

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.settings import Settings

app = typer.Typer(help="List every setting: variable, default, meaning.", add_completion=False)

HEADER = """# Settings

Every setting is an environment variable. `callscore settings` prints this page; a test keeps it true.

| variable | default | meaning |
|---|---|---|
"""


@app.command()
def settings() -> None:
    """Print a table of all settings in Markdown."""
    typer.echo(settings_page(), nl=False)


def settings_page() -> str:
    """The table of all settings in Markdown, one line a setting in the order of the `Settings` class."""
    rows = [
        f"| `CALLSCORE_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return HEADER + "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    if field.default is None or field.default is PydanticUndefined:
        return "—"
    return f"`{field.default}`"
