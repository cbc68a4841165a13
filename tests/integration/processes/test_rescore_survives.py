"""Real workers that are killed while they score stored calls again: every call once more, no more, and the KPIs add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from service.scoring.transcript import Transcript, Utterance
from service.store.records_rescore import RescoreChoice, RescoreJob
from tests.fixtures.installation import Installation, until
from tests.fixtures.samples import sample_call, sample_scorecard

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

CALLS = 300
WITHIN_S = 120.0
SAID = (
    Utterance("agent", "Добрый день, меня зовут Анна, компания Ромашка."),
    Utterance("customer", "Это слишком дорого."),
    Utterance("agent", "Понимаю вас. Вы экономите тысячу рублей в день."),
    Utterance("customer", "Хорошо, давайте."),
)


def stored_calls(here: Installation, count: int) -> list[UUID]:
    """Scored calls whose scorecards are of rules that are gone."""
    now, found = datetime.now(UTC), []
    with here.database.transaction() as tx:
        for number in range(count):
            new = replace(sample_call(f"call-{number}"), script="mini", rep_external_id=f"rep-{number % 5}")
            call_id = tx.calls.create(new, now=now, allow_unknown_rep=True)[0].id
            said = (*SAID, Utterance("agent", f"Звонок номер {number}."))
            tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60)
            tx.transcripts.save(call_id, Transcript("ru", said), token="t", now=now)
            tx.calls.claim(call_id, "score", token="s", now=now, lease_s=60)
            assert tx.scorecards.save(call_id, sample_scorecard(), token="s", now=now)
            found.append(call_id)
    return found


def started(here: Installation) -> RescoreJob:
    with here.database.transaction() as tx:
        return tx.rescore.start(RescoreChoice(script="mini"), created_by="cli", now=datetime.now(UTC))[0]


def job_of(here: Installation, job: RescoreJob) -> RescoreJob:
    with here.database.read() as tx:
        return tx.rescore.get(job.id)


def assert_each_scored_once_more(here: Installation, calls: list[UUID]) -> None:
    with here.database.read() as tx:
        assert {len(tx.scorecards.history(call_id)) for call_id in calls} == {2}
        assert {tx.scorecards.history(call_id)[0]["pack_id"] for call_id in calls} == {"mini"}
        assert tx.rollup.verify() == ()


def test_killed_workers_lose_no_call_and_score_none_twice(tmp_path: Path) -> None:
    with Installation(tmp_path) as here:
        calls = stored_calls(here, CALLS)
        job = started(here)
        here.start_beat()
        workers = [here.start_worker("score") for _ in range(2)]
        until(lambda: job_of(here, job).calls_done >= 20, "some calls scored again", within_s=WITHIN_S)
        for worker in workers:
            for child in worker.children:
                child.kill()
        done = job_of(here, job).calls_done
        until(lambda: job_of(here, job).calls_done > done + 20, "work goes on in new children", within_s=WITHIN_S)
        for worker in workers:
            worker.kill()
        assert job_of(here, job).state == "running", "killed in the middle"
        here.start_worker("score", ready=False)
        until(lambda: job_of(here, job).state == "done", "the job ends", within_s=WITHIN_S)
        ended = job_of(here, job)
        assert (ended.calls_changed, ended.calls_same, ended.calls_failed) == (CALLS, 0, 0)
        assert_each_scored_once_more(here, calls)


def test_the_command_pauses_resumes_and_uses_this_machine_without_a_queue(tmp_path: Path) -> None:
    with Installation(tmp_path, private_redis=False) as here:
        calls = stored_calls(here, 60)
        running = here.start("rescore", "start", "--script", "mini", "--here", "--processes", "2")
        assert running.wait(WITHIN_S) == 0, running.log.read_text()
        with here.database.read() as tx:
            (job,) = tx.rescore.list(limit=5)
        assert (job.state, job.calls_changed) == ("done", 60)
        assert_each_scored_once_more(here, calls)
        shown = here.start("rescore", "list")
        assert shown.wait(WITHIN_S) == 0
        assert "done" in shown.log.read_text()

        again = started(here)
        paused = here.start("rescore", "pause", str(again.id))
        assert paused.wait(WITHIN_S) == 0
        assert job_of(here, again).state == "paused"
        gone_on = here.start("rescore", "resume", str(again.id), "--here", "--processes", "1")
        assert gone_on.wait(WITHIN_S) == 0
        assert (job_of(here, again).state, job_of(here, again).calls_same) == ("done", 60)
