"""`callscore rules check`, `test` and `explain`, as a QA lead uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.rules import app
from tests.unit.scoring.rulefiles import rule_yaml, trial_files
from tests.unit.scoring.test_examples import example_files
from tests.unit.scoring.test_trials import sentences_yaml


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rules folder with one pack whose price rule has real tests; trained models stay in the test's own folder."""
    monkeypatch.setattr("service.packs.default_cache_dir", lambda: tmp_path / "cache")
    folder = tmp_path / "rules"
    _write(folder, trial_files())
    for path in folder.rglob("*.test.yaml"):
        rule = path.with_name(path.name.replace(".test", ""))
        phrase = rule.read_text(encoding="utf-8").split("[")[1].split(",")[0]
        path.write_text(_tests(phrase), encoding="utf-8")
    return folder


def _tests(phrase: str) -> str:
    said = "".join(f"  - {phrase}, {n}.\n" for n in "абвгдежз")
    unsaid = "".join(f"  - Слушаю вас, {n}.\n" for n in "абвгдежз")
    return f"match:\n{said}no_match:\n{unsaid}"


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def run(rules: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--rules", str(rules)])


def test_check_of_a_good_pack_is_quiet(rules: Path) -> None:
    result = run(rules, "check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_check_lists_every_problem_with_its_place(rules: Path) -> None:
    _write(rules, {"ru/trial/objections/price.yaml": rule_yaml("price", "phrases: ['(дорого']\nfrase: [x]")})
    result = run(rules, "check", "trial")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("ru/trial/objections/price.yaml:3: column 1: ( is never closed")
    assert lines[1].startswith("ru/trial/objections/price.yaml:4: rule: unknown key 'frase'")


def test_an_unknown_pack_is_a_sentence(rules: Path) -> None:
    result = run(rules, "check", "nothing")
    assert result.exit_code == 2
    assert "There is no pack 'nothing'" in result.stderr
    assert run(rules, "test", "--language", "en").exit_code == 2


def test_test_of_a_good_pack_counts_its_sentences(rules: Path) -> None:
    result = run(rules, "test")
    assert result.exit_code == 0, result.output
    assert "trial (ru): 144 sentences, 0 failures, 0 known misses, 0 problems" in result.stdout


def test_test_prints_misses_by_rule(rules: Path) -> None:
    _write(rules, {"ru/trial/objections/price.test.yaml": sentences_yaml("  - Кусается.\n", "  - Дорого же.\n")})
    result = run(rules, "test", "--quick")
    assert result.exit_code == 1
    assert "objections/price: 2 failures" in result.stdout
    assert "price.test.yaml:10: should match: Кусается." in result.stdout
    assert "should not match: Дорого же.   <- дорого" in result.stdout
    only = run(rules, "test", "--quick", "--rule", "steps/acknowledge")
    assert only.exit_code == 0
    assert "price" not in only.stdout


def test_test_tells_what_examples_would_find_unseen(rules: Path) -> None:
    _write(rules, example_files())
    result = run(rules, "test")
    assert "Examples held out by folds" in result.stdout
    assert "objections/timing" in result.stdout


def test_test_of_a_pack_that_cannot_be_built_says_why(rules: Path) -> None:
    _write(rules, {"ru/trial/objections/price.yaml": rule_yaml("price", "phrases: ['(дорого']")})
    result = run(rules, "test")
    assert result.exit_code == 1
    assert "not tested" in result.stdout


def test_explain_shows_the_words_and_the_template(rules: Path) -> None:
    result = run(rules, "explain", "Это очень дорого.", "--speaker", "customer", "--pack", "trial")
    assert result.exit_code == 0, result.output
    assert "objections/price  “дорого”  by дорого" in result.stdout


def test_explain_shows_what_came_near(rules: Path) -> None:
    result = run(rules, "explain", "Это не дорого.", "--speaker", "customer", "--pack", "trial")
    assert "nothing fires" in result.stdout
    assert "отрицается словом «не»" in result.stdout


def test_explain_names_the_nearest_example(rules: Path) -> None:
    _write(rules, example_files())
    result = run(rules, "explain", "Нам такое не по карману.", "--speaker", "customer", "--pack", "trial")
    assert "like 'Не по карману нам это.'" in result.stdout


def test_explain_in_a_language_without_a_pack_is_a_sentence(rules: Path) -> None:
    result = run(rules, "explain", "Hello.", "--speaker", "agent", "--pack", "trial", "--language", "en")
    assert result.exit_code == 2
    assert "There is no pack 'trial' for language 'en' in the rules folder." in result.stderr
