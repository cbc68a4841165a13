"""`callscore evaluate FOLDER` on a small pack and two labelled calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli.evaluate import app
from service.scoring.errors import LabelsInvalid
from tests.unit.scoring.minipack import write_minipack

CALL: dict[str, Any] = {
    "id": "ru-1",
    "language": "ru",
    "direction": "outbound",
    "role": "sdr",
    "script": "mini",
    "turns": [
        {"speaker": "agent", "text": "Добрый день! Компания Ромашка."},
        {"speaker": "customer", "text": "Дорого у вас.", "objection": {"id": "o1", "type": "price"}},
        {"speaker": "agent", "text": "Понимаю. За месяц окупается."},
        {"speaker": "customer", "text": "Убедили."},
    ],
    "objections": [
        {
            "id": "o1",
            "type": "price",
            "steps": ["acknowledge", "argument"],
            "outcome": "accepted",
            "handled": True,
            "argumentation": 4,
        }
    ],
    "expected": {"items": {"greeting": True, "company": True, "permission": False}, "violations": []},
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_minipack(tmp_path_factory.mktemp("rules"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for call_id in ("ru-1", "ru-2"):
        (tmp_path / f"{call_id}.json").write_text(json.dumps({**CALL, "id": call_id}), encoding="utf-8")
    (tmp_path / "ru-1.times.json").write_text("{}", encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_json_holds_the_figures(rules: Path, folder: Path) -> None:
    figures = json.loads(run(folder, "--json", "--rules", rules).stdout)
    assert figures["calls"] == 2
    assert figures["items"]["accuracy"] == 1.0
    assert figures["objections"]["f1"] == figures["steps"]["f1"] == figures["outcome"]["accuracy"] == 1.0
    assert figures["kpi"]["argumentation"] == {"machine": 4.0, "people": 4.0}


@pytest.mark.parametrize(("ui", "words"), [("ru", "Возражения по типам"), ("en", "Objections by type")])
def test_tables_are_in_the_readers_language(rules: Path, folder: Path, ui: str, words: str) -> None:
    shown = run(folder, "--rules", rules, "--ui", ui).stdout
    assert words in shown
    assert "price" in shown


def test_a_folder_without_labelled_calls_is_refused(rules: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelsInvalid, match="no labelled calls"):
        run(tmp_path, "--rules", rules)


@pytest.mark.parametrize(("text", "message"), [("{", "not readable as JSON"), ("[]", "expected a text `id`")])
def test_a_broken_file_is_named(rules: Path, folder: Path, text: str, message: str) -> None:
    (folder / "broken.json").write_text(text, encoding="utf-8")
    with pytest.raises(LabelsInvalid, match=rf"broken\.json: .*{message}"):
        run(folder, "--rules", rules)
