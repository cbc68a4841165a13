"""Forgetting: not a word, name or sound of what was erased is left anywhere, and every KPI of the past still adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from service.scoring.errors import CallNotFound, RepUnknown
from service.scoring.override import Override
from service.scoring.results import Evidence, Scorecard
from service.scoring.transcript import Transcript, Utterance
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.forgetting import apply_retention, finish, forget_call, forget_customer, forget_rep
from service.store.records import CallFilter, KpiFilter, KpiTotals
from service.store.records_reviews import QueueFilter
from tests.fixtures.samples import NOW, sample_audio, sample_call
from tests.fixtures.traces import in_files, in_tables
from tests.integration.store.recordings import all_keys, write
from tests.integration.store.reviewing import FLAGGED, REVIEWER, RULINGS, card, decided, item, objection

ADMIN = "user:01938a4e-8f3c-7d52-9a3e-00000000000a"
#: Said, written or entered about the call that is erased, and nowhere else.
SAID = ("зимородок", "барсуков", "+79161234567")
ENTERED = ("crm-kingfisher", "pbx-kingfisher", "campaign-kingfisher", "idem-kingfisher")
WRITTEN = ("рецензия-зимородка", "довод-зимородка", "ответ-зимородка", "протокол-зимородка")
SOUND = b"the sound of a bird " * 40
QUOTE = f"Я {SAID[1]}, мой номер {SAID[2]}"
TALK = Transcript(
    "ru",
    tuple(
        Utterance("agent" if at % 2 == 0 else "customer", f"{QUOTE}, птица {SAID[0]} {at}", at, at + 1.0, 0.9)
        for at in range(12)
    ),
)


def _scorecard() -> Scorecard:
    evidence = Evidence(3, 3.0, 4.0, QUOTE, "objections/price", "дорого", 0.8, (SAID[0],))
    told = {"ru": f"Сказано: «{QUOTE}».", "en": f"Said: {QUOTE}."}
    flags = tuple(replace(flag, reason=told) for flag in FLAGGED)
    said = replace(item("greeting"), reason=told, evidence=(evidence,))
    voiced = replace(objection(3), evidence=(evidence,), repeats=(evidence,), outcome_evidence=(evidence,), reason=told)
    scorecard = card(
        items=(said, item("company", "missed", critical=True), item("closing", "partial")),
        ledger=(voiced,),
        flags=flags,
    )
    return replace(scorecard, transcript_sha256=TALK.sha256())


def _call(database: Database, audio: AudioStore, external_id: str, *, rep: str = "r-1", **changes: Any) -> UUID:
    key = f"calls/2025/{external_id}.wav"
    write(audio, key, SOUND + external_id.encode())
    new = sample_call(external_id, audio=sample_audio(key=key), rep_external_id=rep, **changes)
    with database.transaction() as tx:
        call, _ = tx.calls.create(new, now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
        assert tx.transcripts.save(call.id, TALK, token="t", now=NOW)
        tx.rulings.keep(card().pack_sha256, RULINGS, now=NOW)
        tx.calls.claim(call.id, "score", token="s", now=NOW, lease_s=60)
        assert tx.scorecards.save(call.id, _scorecard(), token="s", now=NOW)
    return call.id


def _everything_about(database: Database, call_id: UUID) -> None:
    """A second scorecard, a review, a dispute and a calibration, each with words."""
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
        tx.calls.claim(call_id, "score", token="s", now=NOW, lease_s=60)
        assert tx.scorecards.save(call_id, replace(_scorecard(), pack_version="2.0.0"), token="s", now=NOW)
    decided(database, call_id, Override("item", "company", status="met"), comment=WRITTEN[0])
    with database.transaction() as tx:
        wish = Override("item", "closing", status="met")
        dispute = tx.disputes.open(call_id, wish, argument=WRITTEN[1], by=REVIEWER, now=NOW)
        tx.disputes.decide(dispute.id, uphold=True, answer=WRITTEN[2], by=REVIEWER, now=NOW)
        calibration = tx.calibrations.create("November", [call_id], by=REVIEWER, now=NOW)
        tx.calibrations.hand_in(calibration.id, call_id, reviewer=REVIEWER, verdicts={}, comment=WRITTEN[3], now=NOW)


def _erasable(database: Database, audio: AudioStore) -> UUID:
    entered = {
        "customer_ref": ENTERED[0],
        "source": ENTERED[1],
        "metadata": {"note": ENTERED[2]},
        "idempotency_key": ENTERED[3],
    }
    call_id = _call(database, audio, "kingfisher-1", **entered)
    _everything_about(database, call_id)
    return call_id


def _totals(database: Database) -> tuple[KpiTotals, ...]:
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        return tx.rollup.totals("rep", KpiFilter())


def _traces(url: str, folder: Path, texts: tuple[str, ...]) -> list[str]:
    return in_tables(url, texts) + in_files(folder, texts)


def test_nothing_of_an_erased_call_is_left_and_the_kpis_stay(
    database: Database, database_url: str, audio_store: AudioStore, tmp_path: Path
) -> None:
    call_id = _erasable(database, audio_store)
    kept = _call(database, audio_store, "other")
    before = _totals(database)
    texts = (*ENTERED, *WRITTEN, "kingfisher")
    assert len({trace.split(": ")[1] for trace in _traces(database_url, tmp_path, texts)}) == len(texts)
    forget_call(database, audio_store, call_id, by=ADMIN, now=NOW)
    assert _traces(database_url, tmp_path, texts) == []
    assert _totals(database) == before
    assert all_keys(audio_store) == ["calls/2025/other.wav"]
    with database.read() as tx:
        with pytest.raises(CallNotFound):
            tx.calls.get(call_id)
        assert [call.id for call in tx.calls.list(CallFilter(), limit=9).calls] == [kept]
        assert [entry.call.id for entry in tx.review_queue.list(QueueFilter(), share=1, now=NOW, limit=9)] == [kept]
        assert tx.review_queue.waiting(QueueFilter(), share=1) == 1
        assert tx.disputes.list() == ()
        assert tx.transcripts.get(kept) == TALK
        assert ("call.erase", f"call:{call_id}", ADMIN) in {(e.action, e.subject, e.actor) for e in tx.audit.list()}


def test_nothing_of_an_erased_customer_is_left(
    database: Database, database_url: str, audio_store: AudioStore, tmp_path: Path
) -> None:
    first = _erasable(database, audio_store)
    second = _call(database, audio_store, "kingfisher-2", customer_ref=ENTERED[0])
    before = _totals(database)
    texts = (*SAID, *ENTERED, *WRITTEN, "kingfisher")
    assert len({trace.split(": ")[1] for trace in _traces(database_url, tmp_path, texts)}) == len(texts)
    receipt = forget_customer(database, audio_store, ENTERED[0], by=ADMIN, now=NOW)
    assert receipt.calls == 2
    assert _traces(database_url, tmp_path, texts) == []
    assert _totals(database) == before
    assert all_keys(audio_store) == []
    with database.read() as tx:
        assert tx.erasure.of(first).call_at == tx.erasure.of(second).call_at == NOW
        logged = [entry for entry in tx.audit.list() if entry.subject == f"erasure:{receipt.id}"]
    assert [(entry.action, entry.detail) for entry in logged] == [("customer.erase", {"calls": 2})]
    assert forget_customer(database, audio_store, ENTERED[0], by=ADMIN, now=NOW).calls == 0


def test_nothing_of_an_erased_rep_is_left_but_role_and_team(
    database: Database, database_url: str, audio_store: AudioStore, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        tx.teams.create("North", now=NOW)
        rep = tx.reps.create("r-kingfisher", name="Зимородок Барсукова", role="sdr", team="North", now=NOW)
        tx.users.create(
            "kingfisher@example.com", password_hash="x", role="rep", rep_id=rep.id, name="Барсукова", now=NOW
        )
    _call(database, audio_store, "kingfisher-1", rep="r-kingfisher")
    _call(database, audio_store, "plain", rep="r-kingfisher")
    with database.read() as tx:
        before = tx.rollup.totals(("role", "team"), KpiFilter())
    assert forget_rep(database, audio_store, rep.id, by=ADMIN, now=NOW).calls == 2
    assert _traces(database_url, tmp_path, (*SAID, "kingfisher", "барсукова")) == []
    _totals(database)
    with database.read() as tx:
        assert tx.rollup.totals(("role", "team"), KpiFilter()) == before
        assert tx.reps.get(rep.id).name is None
    with pytest.raises(RepUnknown):
        forget_rep(database, audio_store, UUID(int=7), by=ADMIN, now=NOW)


def test_text_and_recording_are_forgotten_each_when_its_time_is_over(
    database: Database, database_url: str, audio_store: AudioStore, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        team = tx.teams.create("North", now=NOW)
        tx.reps.create("anna", team="North", now=NOW)
    call_id = _erasable(database, audio_store)
    teams_call = _call(database, audio_store, "teams", rep="anna")
    before = _totals(database)
    with database.transaction() as tx:
        tx.retention.keep("audio", 30, team_id=None, by=ADMIN, now=NOW)
        tx.retention.keep("audio", 90, team_id=team.id, by=ADMIN, now=NOW)
        tx.retention.keep("text", 60, team_id=None, by=ADMIN, now=NOW)

    def after(days: int) -> tuple[int, int]:
        done = apply_retention(database, audio_store, now=NOW + timedelta(days=days, seconds=1))
        return done.audio, done.text

    assert after(29) == (0, 0)
    assert after(30) == (1, 0)
    assert all_keys(audio_store) == ["calls/2025/teams.wav"]
    with database.read() as tx:
        assert tx.transcripts.get(call_id) == TALK
    assert after(60) == (0, 2)
    assert after(90) == (1, 0)
    assert after(3000) == (0, 0)
    assert _traces(database_url, tmp_path, (*SAID, *WRITTEN)) == []
    assert _totals(database) == before
    with database.read() as tx:
        call = tx.calls.get(call_id)
        reviewed = tx.reviews.get(call_id, now=NOW)
        assert tx.transcripts.get(teams_call) is None
        assert tx.retention.rules()[0].days == 30
        assert ("audio.expire", f"call:{call_id}") in {(entry.action, entry.subject) for entry in tx.audit.list()}
    assert call.customer_ref == ENTERED[0]
    assert [one.status for one in reviewed.effective.items] == ["met", "met", "met"]
    assert {one.state for one in reviewed.overrides} == {"applies"}


def test_a_rule_can_be_taken_back(database: Database, audio_store: AudioStore) -> None:
    call_id = _call(database, audio_store, "1")
    with database.transaction() as tx:
        tx.retention.keep("audio", 1, team_id=None, by=ADMIN, now=NOW)
        tx.retention.keep("audio", None, team_id=None, by=ADMIN, now=NOW)
        assert tx.retention.rules() == ()
    assert apply_retention(database, audio_store, now=NOW + timedelta(days=9)).audio == 0
    with database.read() as tx:
        assert tx.erasure.of(call_id).audio_at is None


def test_a_recording_that_a_crash_left_is_deleted_by_the_next_round(
    database: Database, audio_store: AudioStore
) -> None:
    call_id = _call(database, audio_store, "1")
    with database.transaction() as tx:
        tx.erasure.erase_call(call_id, now=NOW)
    assert all_keys(audio_store) == ["calls/2025/1.wav"]
    finish(database, audio_store)
    assert all_keys(audio_store) == []
    with database.read() as tx:
        assert tx.erasure.unfinished() == ()


def test_a_worker_that_is_at_a_call_while_it_is_erased_stores_nothing(
    database: Database, audio_store: AudioStore
) -> None:
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call("1"), now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
    forget_call(database, audio_store, call.id, by=ADMIN, now=NOW)
    with database.transaction() as tx:
        assert not tx.transcripts.save(call.id, TALK, token="t", now=NOW)
        assert tx.transcripts.get(call.id) is None
        assert tx.calls.waiting(now=NOW + timedelta(days=1), limit=9) == ()
    with pytest.raises(CallNotFound):
        forget_call(database, audio_store, call.id, by=ADMIN, now=NOW)
    _totals(database)
