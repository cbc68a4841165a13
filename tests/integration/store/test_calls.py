"""Uploading and listing calls, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from service.scoring.errors import CallConflict, CallNotFound, RepUnknown
from service.store.database import Database
from service.store.records import CallFilter, KpiFilter
from tests.fixtures.samples import NOW, sample_audio, sample_call, sample_scorecard, sample_transcript

MOSCOW = timezone(timedelta(hours=3))


def test_an_uploaded_call_comes_back_with_all_that_was_sent(database: Database) -> None:
    new = sample_call(
        started_at=datetime(2025, 11, 3, 1, 15, tzinfo=MOSCOW),
        direction="outbound",
        customer_ref="клиент-7",
        language="ru",
        agent_channel="right",
        metadata={"trunk": "msk-2", "tags": ["повтор", None, 1.5]},
        idempotency_key="k-1",
    )
    with database.transaction() as tx:
        tx.reps.create("rep-1", name="Анна", role="sdr", now=NOW)
        created, is_new = tx.calls.create(new, now=NOW, allow_unknown_rep=False)
    with database.read() as tx:
        call = tx.calls.get(created.id)
    assert is_new
    assert call == created
    assert call.audio == new.audio
    assert call.metadata == new.metadata
    assert (call.status, call.attempts, call.flags, call.rep.name) == ("received", 0, (), "Анна")
    assert call.started_at == new.started_at
    assert call.started_at is not None
    assert call.started_at.tzinfo is UTC
    assert (call.direction, call.customer_ref, call.language, call.agent_channel) == (
        "outbound",
        "клиент-7",
        "ru",
        "right",
    )


def test_the_same_upload_again_is_the_same_call(database: Database) -> None:
    """A telephony system retries on any doubt; nobody wants the call twice."""
    with database.transaction() as tx:
        first, _ = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
    with database.transaction() as tx:
        again, is_new = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        totals = tx.rollup.totals("all", KpiFilter())[0].sums
    assert not is_new
    assert again == first
    assert totals.calls_received == 1


def test_other_audio_under_the_same_id_is_a_conflict_and_changes_nothing(database: Database) -> None:
    with database.transaction() as tx:
        first, _ = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
    with pytest.raises(CallConflict, match=str(first.id)), database.transaction() as tx:
        tx.calls.create(sample_call(sha256="b" * 64), now=NOW, allow_unknown_rep=True)
    with database.read() as tx:
        assert tx.calls.get(first.id) == first
        assert tx.rollup.verify() == ()


def test_an_idempotency_key_belongs_to_its_uploader(database: Database) -> None:
    """The same key of another uploader is another call; of the same uploader it is the same call, or a conflict."""
    with database.transaction() as tx:
        pbx, _ = tx.keys.create("pbx", "uploader", None, NOW)
        crm, _ = tx.keys.create("crm", "uploader", None, NOW)
        first, _ = tx.calls.create(
            sample_call("1", idempotency_key="k", uploaded_by=pbx.id), now=NOW, allow_unknown_rep=True
        )
        other, other_new = tx.calls.create(
            sample_call("2", idempotency_key="k", uploaded_by=crm.id), now=NOW, allow_unknown_rep=True
        )
        again, again_new = tx.calls.create(
            sample_call("3", idempotency_key="k", uploaded_by=pbx.id), now=NOW, allow_unknown_rep=True
        )
        with pytest.raises(CallConflict, match="other audio"):
            tx.calls.create(
                sample_call("4", sha256="b" * 64, idempotency_key="k", uploaded_by=pbx.id),
                now=NOW,
                allow_unknown_rep=True,
            )
        with pytest.raises(CallConflict, match="one key per call"):
            tx.calls.create(sample_call("2", idempotency_key="k", uploaded_by=pbx.id), now=NOW, allow_unknown_rep=True)
    assert other_new
    assert other.id != first.id
    assert (again.id, again_new) == (first.id, False)


def test_an_unknown_rep_is_created_with_a_flag_or_refused(database: Database) -> None:
    with database.transaction() as tx:
        with pytest.raises(RepUnknown, match="rep-1"):
            tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=False)
        call, _ = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        # Created by an upload is not registered: still refused where a setting demands registered reps.
        with pytest.raises(RepUnknown):
            tx.calls.create(sample_call("call-2"), now=NOW, allow_unknown_rep=False)
    assert call.flags == ("unknown_rep",)
    assert not call.rep.registered


def test_one_audio_object_never_belongs_to_two_calls(database: Database) -> None:
    """Else erasing one call would erase the other's recording."""
    audio = sample_audio()
    with database.transaction() as tx:
        tx.calls.create(sample_call("1", audio=audio), now=NOW, allow_unknown_rep=True)
        with pytest.raises(ValueError, match="fresh"):
            tx.calls.create(sample_call("2", audio=audio), now=NOW, allow_unknown_rep=True)
        assert tx.calls.audio_keys([audio.key, "calls/orphan.wav"]) == {audio.key}


def test_the_orphan_search_takes_any_number_of_keys(database: Database) -> None:
    keys = [f"calls/{number}.wav" for number in range(2500)]
    with database.transaction() as tx:
        for number in (0, 1200, 2499):
            audio = sample_audio(key=keys[number])
            tx.calls.create(sample_call(str(number), audio=audio), now=NOW, allow_unknown_rep=True)
        assert tx.calls.audio_keys(keys) == {keys[0], keys[1200], keys[2499]}
        assert tx.calls.audio_keys([]) == set()


def test_a_call_counts_on_the_utc_day_it_began(database: Database) -> None:
    """01:15 in Moscow on November 3 is November 2 in UTC; a call without a start counts on its arrival."""
    with database.transaction() as tx:
        night = datetime(2025, 11, 3, 1, 15, tzinfo=MOSCOW)
        tx.calls.create(sample_call("1", started_at=night), now=NOW, allow_unknown_rep=True)
        tx.calls.create(sample_call("2"), now=NOW, allow_unknown_rep=True)
        second = KpiFilter(date_from=date(2025, 11, 2), date_to=date(2025, 11, 2))
        third = KpiFilter(date_from=date(2025, 11, 3), date_to=date(2025, 11, 3))
        assert tx.rollup.totals("all", second)[0].sums.calls_received == 1
        assert tx.rollup.totals("all", third)[0].sums.calls_received == 1


def test_pages_hold_every_call_once_also_while_new_ones_arrive(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(25):
            # Several calls share a moment: the id decides then.
            moment = NOW + timedelta(seconds=number // 3)
            tx.calls.create(sample_call(str(number)), now=moment, allow_unknown_rep=True)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        with database.transaction() as tx:
            page = tx.calls.list(CallFilter(), limit=7, cursor=cursor)
            tx.calls.create(sample_call(f"late-{uuid4()}"), now=NOW + timedelta(hours=1), allow_unknown_rep=True)
        seen += [call.external_id for call in page.calls]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(seen, key=int) == [str(number) for number in range(25)]
    assert seen[:1] == ["24"]


@pytest.mark.parametrize("cursor", ["", "x", "ё", "AAAA", "MTIzOnp6", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6MDA="])
def test_a_made_up_cursor_is_named_as_such(sqlite_database: Database, cursor: str) -> None:
    with sqlite_database.read() as tx, pytest.raises(ValueError, match="cursor"):
        tx.calls.list(CallFilter(), limit=10, cursor=cursor)


def test_filters_pick_the_calls_they_name(database: Database) -> None:
    with database.transaction() as tx:
        team = tx.teams.create("Север", now=NOW)
        tx.reps.create("anna", team="Север", now=NOW)
        tx.reps.create("boris", now=NOW)
        key, _ = tx.keys.create("pbx", "uploader", None, NOW)
        anna, _ = tx.calls.create(
            sample_call("1", rep_external_id="anna", uploaded_by=key.id), now=NOW, allow_unknown_rep=False
        )
        boris, _ = tx.calls.create(
            sample_call("2", rep_external_id="boris", script="upsell"),
            now=NOW + timedelta(days=1),
            allow_unknown_rep=False,
        )
        tx.calls.claim(anna.id, "transcribe", token="t", now=NOW, lease_s=60)
        tx.transcripts.save(anna.id, sample_transcript(), token="t", now=NOW)
        tx.calls.claim(anna.id, "score", token="t", now=NOW, lease_s=60)
        tx.scorecards.save(anna.id, sample_scorecard(flags=("b", "a")), token="t", now=NOW)

    def found(wanted: CallFilter) -> list[str]:
        with database.read() as tx:
            return [call.external_id for call in tx.calls.list(wanted, limit=10).calls]

    assert found(CallFilter()) == ["2", "1"]
    assert found(CallFilter(rep="anna")) == ["1"]
    assert found(CallFilter(team="Север")) == found(CallFilter(team_id=team.id)) == ["1"]
    assert found(CallFilter(status="scored")) == ["1"]
    assert found(CallFilter(script="upsell")) == ["2"]
    assert found(CallFilter(flagged=True)) == ["1"]
    assert found(CallFilter(flagged=False)) == ["2"]
    assert found(CallFilter(uploaded_by=key.id)) == ["1"]
    assert found(CallFilter(received_from=NOW, received_to=NOW + timedelta(days=1))) == ["1"]
    assert found(CallFilter(received_from=NOW + timedelta(days=1))) == ["2"]
    assert found(CallFilter(team="Север", status="received")) == []
    with database.read() as tx:
        assert tx.calls.get(anna.id).flags == ("b", "a")
        assert tx.calls.get(boris.id).flags == ()


def test_a_call_that_is_not_there_is_not_found(database: Database) -> None:
    with database.read() as tx, pytest.raises(CallNotFound):
        tx.calls.get(uuid4())


def test_a_time_without_a_zone_is_refused_not_guessed(database: Database) -> None:
    naive = replace(sample_call(), started_at=NOW)
    with pytest.raises(Exception, match="time zone"), database.transaction() as tx:
        tx.calls.create(naive, now=NOW.replace(tzinfo=None), allow_unknown_rep=True)
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 0
