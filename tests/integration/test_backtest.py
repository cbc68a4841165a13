"""A changed pack against stored calls: what moves, whom it moves, who is closer to people; nothing is written."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from service.backtest import backtest, changed_pack, stored_cases
from service.cli.rules import app
from service.packs import PackLibrary
from service.scoring.backtest import Backtest, Change
from service.scoring.errors import PackError, PackNotFound
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance
from service.store.database import Database
from service.store.records import CallFilter
from tests.fixtures.samples import sample_call
from tests.unit.scoring.minipack import write_minipack

STOCK_RULES = Path(__file__).resolve().parents[2] / "scripts_rules"
NOW = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
PRICEY = (
    Utterance("agent", "Добрый день, меня зовут Анна, компания Ромашка."),
    Utterance("customer", "Это слишком дорого."),
    Utterance("agent", "Понимаю вас. Вы экономите тысячу рублей в день."),
    Utterance("customer", "Хорошо, давайте."),
)
CALM = (*PRICEY[:1], Utterance("customer", "Кусается у вас ценник."), Utterance("agent", "До свидания."))
ALL = CallFilter(status="scored", script="mini")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = write_minipack(tmp_path / "rules")
    shutil.copy(STOCK_RULES / "kpi.yaml", folder)
    return folder


@pytest.fixture
def changed(rules: Path, tmp_path: Path) -> Path:
    """A copy in which the rule about prices knows one more phrase."""
    copy = tmp_path / "copy"
    shutil.copytree(rules, copy)
    file = copy / "ru" / "mini" / "objections" / "price.yaml"
    text = file.read_text(encoding="utf-8")
    assert "phrases:\n" in text
    file.write_text(text.replace("phrases:\n", "phrases:\n  - кусается ..2.. ценник\n", 1), encoding="utf-8")
    return copy / "ru" / "mini"


def stored(database: Database, rules: Path, name: str, said: tuple[Utterance, ...], rep: str) -> UUID:
    transcript = Transcript("ru", said)
    pack = PackLibrary(rules).load("mini", "ru")
    with database.transaction() as tx:
        new = replace(sample_call(name), script="mini", rep_external_id=rep)
        call_id = tx.calls.create(new, now=NOW, allow_unknown_rep=True)[0].id
        tx.calls.claim(call_id, "transcribe", token="t", now=NOW, lease_s=60)
        tx.transcripts.save(call_id, transcript, token="t", now=NOW)
        tx.calls.claim(call_id, "score", token="s", now=NOW, lease_s=60)
        card = score(transcript, pack, CallContext(None, None))
        assert tx.scorecards.save(call_id, card, token="s", now=NOW)
    return call_id


@pytest.fixture
def calls(database: Database, rules: Path) -> list[UUID]:
    return [stored(database, rules, "pricey", PRICEY, "r-1"), stored(database, rules, "calm", CALM, "r-2")]


def ran(database: Database, rules: Path, changed: Path) -> Backtest:
    return backtest(stored_cases(database, ALL), PackLibrary(rules), changed_pack(changed))


def test_it_says_which_calls_reps_and_figures_move(
    database: Database, rules: Path, changed: Path, calls: list[UUID]
) -> None:
    result = ran(database, rules, changed)
    assert (result.total.calls, result.total.calls_moved) == (2, 1)
    assert dict(result.changes) == {Change("objection", "price", None, "found"): 1}
    (moved,) = result.calls
    assert (moved.call_id, moved.title, moved.rep) == (str(calls[1]), "calm", "r-2")
    assert moved.argumentation == (None, 0.0)
    assert [(rep.group, rep.calls_moved) for rep in result.reps] == [("r-2", 1), ("r-1", 0)]
    before, after = (
        next(value for value in side if value.id == "objections_handled")
        for side in (result.total.before, result.total.after)
    )
    assert (before.n, after.n) == (1, 2)
    assert result.agreement is None, "nobody has reviewed a call"


def test_a_copy_that_changes_nothing_moves_nothing(database: Database, rules: Path, calls: list[UUID]) -> None:
    result = ran(database, rules, rules / "ru" / "mini")
    assert (result.total.calls, result.total.calls_moved, result.calls, result.changes) == (len(calls), 0, (), ())
    assert result.total.before == result.total.after


def test_nothing_is_written(database: Database, rules: Path, changed: Path, calls: list[UUID]) -> None:
    ran(database, rules, changed)
    with database.read() as tx:
        assert [len(tx.scorecards.history(call_id)) for call_id in calls] == [1, 1]
        assert tx.rollup.verify() == ()


def test_what_is_no_pack_and_what_is_broken_is_refused(
    database: Database, rules: Path, changed: Path, tmp_path: Path
) -> None:
    with pytest.raises(PackNotFound, match=r"copy the rules folder"):
        changed_pack(tmp_path)
    with pytest.raises(PackNotFound, match="nothing to compare with"):
        backtest((), PackLibrary(tmp_path / "copy" / "en"), changed_pack(changed))
    (changed / "objections" / "price.yaml").write_text("- broken", encoding="utf-8")
    with pytest.raises(PackError):
        ran(database, rules, changed)


def test_the_command_prints_tables_json_and_agreement_with_labels(
    sqlite_database: Database,
    rules: Path,
    changed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored(sqlite_database, rules, "calm", CALM, "r-2")
    # The fixture's database lies where `callscore.db` of the data folder does.
    monkeypatch.setenv("CALLSCORE_DATA_DIR", str(tmp_path))
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "one.json").write_text(json.dumps(labelled()), encoding="utf-8")
    common = [
        "backtest",
        str(changed),
        "--rules",
        str(rules),
        "--since",
        "2025-11-01",
        "--labels",
        str(labels),
        "--ui",
        "en",
    ]
    tables = CliRunner().invoke(app, common, env={"COLUMNS": "200"})
    assert tables.exit_code == 0, tables.output
    assert "1 of 1 calls say something else" in tables.stdout
    data = json.loads(CliRunner().invoke(app, [*common, "--json"]).stdout)
    assert data["total"]["calls_moved"] == 1
    assert data["agreement"]["before"]["objections"]["f1"] == 0.0
    assert data["agreement"]["after"]["objections"]["f1"] == 1.0
    later = CliRunner().invoke(app, [*common, "--json", "--since", "2026-01-01"])
    assert json.loads(later.stdout)["total"]["calls"] == 0


def labelled() -> dict[str, object]:
    turns = [{"speaker": said.speaker, "text": said.text} for said in CALM]
    turns[1]["objection"] = {"id": "o1", "type": "price"}  # type: ignore[assignment]
    found = {"id": "o1", "type": "price", "steps": [], "outcome": "rejected", "handled": False, "argumentation": 0}
    expected = {
        "items": {},
        "violations": [],
        "objections_total": 1,
        "objections_handled": 0,
        "argumentation": 0.0,
    }
    about = {"id": "one", "language": "ru", "direction": None, "role": "sdr", "script": "mini", "summary": ""}
    return {**about, "turns": turns, "objections": [found], "expected": expected}
