"""Real workers that are killed while they try a draft on stored calls: the trial ends all the same, and counts every call once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from service.packs import PackLibrary
from service.scoring.pack_texts import files_sha256, hashes_of
from service.scoring.transcript import Transcript, Utterance
from service.store.records_packs import NewVersion, Trial, TrialChoice
from tests.fixtures.installation import Installation, until
from tests.fixtures.samples import sample_call, sample_scorecard

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

CALLS = 300
WITHIN_S = 120.0
PACK, PRICE = "ru/mini/pack.yaml", "ru/mini/objections/price.yaml"
STOCK = Path(__file__).resolve().parents[3] / "scripts_rules"
SAID = (
    Utterance("agent", "Добрый день, меня зовут Анна, компания Ромашка."),
    Utterance("customer", "Кусается у вас ценник."),
)


def stored_calls(here: Installation) -> None:
    now = datetime.now(UTC)
    with here.database.transaction() as tx:
        for number in range(CALLS):
            new = replace(sample_call(f"call-{number}"), script="mini", rep_external_id=f"rep-{number % 3}")
            call_id = tx.calls.create(new, now=now, allow_unknown_rep=True)[0].id
            tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60)
            tx.transcripts.save(call_id, Transcript("ru", SAID), token="t", now=now)
            tx.calls.claim(call_id, "score", token="s", now=now, lease_s=60)
            assert tx.scorecards.save(call_id, sample_scorecard(), token="s", now=now)


def texts_of(here: Installation) -> tuple[dict[str, str], dict[str, str]]:
    """The files in use, and a draft of them that knows one more phrase."""
    before = PackLibrary(here.settings.effective_rules_dir).texts("mini", "ru")
    after = before | {
        PRICE: before[PRICE].replace("phrases:\n", "phrases:\n  - кусается ..2.. ценник\n"),
        PACK: before[PACK].replace("version: 1.2.3", "version: 1.3.0"),
    }
    return before, after


def started(here: Installation) -> Trial:
    now = datetime.now(UTC)
    before, after = texts_of(here)
    choice = TrialChoice("backtest", most_calls=CALLS)
    with here.database.transaction() as tx:
        sides = [tx.packs.keep(side, now=now) for side in (before, after)]
        draft = tx.drafts.create(
            "mini", "ru", after, note="", base_version="1.2.3", base_sha256=sides[0], by="cli", now=now
        )
        subjects = tx.trials.calls_of("mini", "ru", choice)
        return tx.trials.start(
            draft,
            choice,
            subjects,
            version="1.3.0",
            files_sha256=sides[1],
            before=("1.2.3", sides[0]),
            by="cli",
            now=now,
        )[0]


def now_of(here: Installation, trial: Trial) -> Trial:
    with here.database.read() as tx:
        return tx.trials.get(trial.id)


def test_killed_workers_lose_no_step_of_a_trial(tmp_path: Path) -> None:
    with Installation(tmp_path) as here:
        shutil.copy(STOCK / "kpi.yaml", here.settings.effective_rules_dir)
        stored_calls(here)
        trial = started(here)
        here.start_beat()
        worker = here.start_worker("score")
        until(lambda: now_of(here, trial).steps_done >= 20, "some calls tried", within_s=WITHIN_S)
        for child in worker.children:
            child.kill()
        done = now_of(here, trial).steps_done
        until(lambda: now_of(here, trial).steps_done > done, "work goes on in a new child", within_s=WITHIN_S)
        worker.kill()
        assert now_of(here, trial).state == "running", "killed in the middle"
        here.start_worker("score", ready=False)
        until(lambda: now_of(here, trial).state == "done", "the trial ends", within_s=WITHIN_S)
        result = now_of(here, trial).result
    assert result is not None
    assert (result["total"]["calls"], result["total"]["calls_moved"]) == (CALLS, CALLS)
    assert [(change["kind"], change["id"], count) for change, count in result["changes"]] == [
        ("objection", "price", CALLS)
    ]
    assert sum(rep["calls"] for rep in result["reps"]) == CALLS


def test_a_running_worker_scores_the_next_call_by_what_was_published(tmp_path: Path) -> None:
    with Installation(tmp_path) as here:
        worker = here.start_worker("score")
        _, after = texts_of(here)
        now = datetime.now(UTC)
        new = NewVersion("mini", "ru", "1.3.0", "0" * 64, files_sha256(hashes_of(after)), "draft", "because")
        with here.database.transaction() as tx:
            tx.packs.keep(after, now=now)
            tx.packs.publish(new, after=0, by="cli", now=now)
        numbers = count()
        until(lambda: version_of(here, next(numbers)) == "1.3.0", "taken up within a second", within_s=WITHIN_S)
        worker.kill()
        shutil.rmtree(here.settings.effective_rules_dir / "ru" / "mini")
        here.start_worker("score")
        assert version_of(here, next(numbers)) == "1.3.0", "after a restart, whatever became of the folder"


def version_of(here: Installation, number: int) -> str:
    """The version of the pack that a call is scored by that comes in now."""
    now = datetime.now(UTC)
    with here.database.transaction() as tx:
        new = replace(sample_call(f"new-{number}"), script="mini")
        call_id = tx.calls.create(new, now=now, allow_unknown_rep=True)[0].id
        tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60)
        tx.transcripts.save(call_id, Transcript("ru", SAID), token="t", now=now)
    here.queue.send_score(call_id)
    found: list[str] = []

    def scored() -> bool:
        with here.database.read() as tx:
            card = tx.scorecards.current(call_id)
        found.extend([] if card is None else [str(card["pack_version"])])
        return bool(found)

    until(scored, "scored", within_s=WITHIN_S)
    return found[0]
