"""A customer's own verdicts as labels: exported by `callscore labels export`, read by `callscore evaluate`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from service.cli.evaluate import app as evaluate_app
from service.cli.labels import app as labels_app
from service.packs import PackLibrary
from service.scoring.override import Override
from service.scoring.rulings import Rulings
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.forgetting import forget_call
from tests.fixtures.samples import NOW, sample_call
from tests.integration.store.reviewing import REVIEWER, decided
from tests.unit.scoring.minipack import write_minipack

TALK = Transcript(
    "ru",
    (
        Utterance("agent", "Добрый день! Фирма Ромашка."),
        Utterance("customer", "Дорого у вас."),
        Utterance("agent", "Понимаю. За месяц окупается."),
        Utterance("customer", "Убедили."),
        Utterance("customer", "А ещё я занят до лета."),
    ),
)


def _reviewed(
    database: Database, packs: PackLibrary, external_id: str, *overrides: Override, talk: Transcript = TALK
) -> UUID:
    pack = packs.load("mini", "ru")
    scorecard = score(talk, pack, CallContext("outbound", None))
    with database.transaction() as tx:
        new = sample_call(external_id, script="mini", direction="outbound")
        call, _ = tx.calls.create(new, now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
        tx.transcripts.save(call.id, talk, token="t", now=NOW)
        tx.rulings.keep(pack.sha256, Rulings.of(pack), now=NOW)
        tx.calls.claim(call.id, "score", token="s", now=NOW, lease_s=60)
        assert tx.scorecards.save(call.id, scorecard, token="s", now=NOW)
    decided(database, call.id, *overrides)
    return call.id


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """This user's installation: an embedded database and a small pack."""
    for name, value in (("DATA_DIR", tmp_path / "data"), ("RULES_DIR", write_minipack(tmp_path / "rules"))):
        monkeypatch.setenv(f"CALLSCORE_{name}", str(value))
    return Settings()


def test_reviewed_calls_are_written_and_evaluate_reads_them(installed: Settings, tmp_path: Path) -> None:
    database = Database(installed.effective_database_url)
    database.migrate()
    packs = PackLibrary(installed.effective_rules_dir, cache_dir=tmp_path / "cache")
    corrected = _reviewed(
        database,
        packs,
        "1",
        Override("item", "company", status="met"),
        Override("objection_added", "timing", 4, steps=(), outcome="rejected"),
    )
    _reviewed(database, packs, "2")
    erased = _reviewed(database, packs, "3")
    mono = Transcript("ru", (Utterance("unknown", "Добрый день!"), *TALK.utterances))
    _reviewed(database, packs, "4", talk=mono)
    forget_call(database, AudioStore(installed.effective_audio_url), erased, by=REVIEWER, now=NOW + timedelta(days=1))
    database.close()

    folder = tmp_path / "labels"
    exported = CliRunner().invoke(labels_app, ["export", str(folder)])
    assert exported.exit_code == 0, exported.output
    assert "2 reviewed calls" in exported.output
    assert "it is not known who speaks" in exported.output
    assert len(list(folder.iterdir())) == 2
    labels: dict[str, Any] = json.loads((folder / f"{corrected}.json").read_text())
    assert labels["expected"] == {
        "items": {"greeting": True, "company": True, "permission": False},
        "violations": [],
        "objections_total": 2,
        "objections_handled": 1,
        "argumentation": 2.0,
    }
    assert labels["turns"][0] == {"speaker": "agent", "text": "Добрый день! Фирма Ромашка.", "items": ["greeting"]}
    assert labels["turns"][1]["objection"] == {"id": "o1", "type": "price"}
    assert labels["turns"][2]["answers"] == "o1"
    assert labels["turns"][3]["reaction"] == {"o1": "accepted"}

    evaluated = CliRunner().invoke(evaluate_app, [str(folder), "--json", "--rules", str(installed.rules_dir)])
    assert evaluated.exit_code == 0, evaluated.output
    figures = json.loads(evaluated.output)
    assert figures["calls"] == 2
    assert figures["items"]["accuracy"] == pytest.approx(5 / 6)
    assert figures["objections"]["recall"] == pytest.approx(2 / 3)


def test_a_folder_that_cannot_be_written_is_told(installed: Settings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    refused = CliRunner().invoke(labels_app, ["export", str(tmp_path / "taken")])
    assert refused.exit_code == 1
    assert "cannot write to" in str(refused.exception)
