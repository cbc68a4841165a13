"""What the product can do is documented: a new setting or command without a line in the docs fails here."""

import itertools
from pathlib import Path

import pytest

from service.cli.main import COMMANDS
from service.cli.settings_doc import settings_page

ROOT = Path(__file__).resolve().parents[3]


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "run: .venv/bin/callscore settings > docs/settings.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    pages = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "operations.md").read_text(
        encoding="utf-8"
    )
    assert f"callscore {command}" in pages


def test_the_readme_names_only_commands_that_exist() -> None:
    words = (ROOT / "README.md").read_text(encoding="utf-8").replace("`", " ").split()
    named = {after for before, after in itertools.pairwise(words) if before.endswith("bin/callscore")}
    assert named <= set(COMMANDS)
