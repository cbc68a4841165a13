"""What happened is told to receivers: signed, once each where all goes well, and with patience where it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import standardwebhooks

from service.settings import Settings
from service.store.database import Database
from service.store.deliveries import MOST_ATTEMPTS, PAUSES
from service.store.records_people import Delivery, WebhookEvent
from tests.fixtures.receiver import Receiver, receiving
from tests.fixtures.samples import sample_call
from tests.integration.api.house import TRANSCRIPT, scorecard_with
from workers import delivery

ALL: tuple[WebhookEvent, ...] = ("call.scored", "call.failed", "call.flagged", "review.completed")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "webhook_networks": "127.0.0.0/8"})


def now() -> datetime:
    return datetime.now(UTC)


def hook(database: Database, url: str, *, events: tuple[WebhookEvent, ...] = ALL, **more: Any) -> tuple[UUID, str]:
    with database.transaction() as tx:
        name = f"hook {len(tx.webhooks.list())}"
        webhook, secret = tx.webhooks.create(url=url, name=name, events=events, now=now(), **{"team_id": None, **more})
    return webhook.id, secret


def scored(database: Database, external_id: str = "1", rep: str = "r-17") -> UUID:
    """A call on its way through the house."""
    with database.transaction() as tx:
        new = sample_call(external_id=external_id, rep_external_id=rep)
        call, _ = tx.calls.create(new, now=now(), allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=now(), lease_s=60)
        tx.transcripts.save(call.id, TRANSCRIPT, token="t", now=now())
        tx.calls.claim(call.id, "score", token="s", now=now(), lease_s=60)
        assert tx.scorecards.save(call.id, scorecard_with(4.0, 2.0), token="s", now=now())
        tx.outbox.call_scored(call.id, now=now())
    return call.id


def deliveries(database: Database, webhook_id: UUID) -> list[Delivery]:
    with database.read() as tx:
        return [found for found, _ in tx.deliveries.list(webhook_id)]


def make_due(database: Database) -> None:
    """Let the pauses be over."""
    with database.transaction() as tx:
        for webhook in tx.webhooks.list():
            for found, _ in tx.deliveries.list(webhook.id, state="waiting"):
                attempts = found.attempts
                tx.deliveries.redeliver(webhook.id, found.id, now())
                tx.deliveries._connection.exec_driver_sql(f"UPDATE deliveries SET attempts = {attempts}")  # noqa: S608


def test_a_scored_call_is_told_in_a_form_that_the_standard_verifies(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    webhook_id, secret = hook(database, receiver.url)
    call_id = scored(database)
    delivery.deliver(database, settings)
    assert [json.loads(got.body)["type"] for got in receiver.got] == ["call.scored", "call.flagged"]
    for got in receiver.got:
        message = standardwebhooks.Webhook(secret).verify(got.body, got.headers)
        assert message["data"]["call_id"] == str(call_id)
        assert message["data"]["scores"] == {
            "adherence": 0.75,
            "argumentation": 3.0,
            "objections_total": 2,
            "objections_handled": 1,
        }
        assert message["data"]["flags"] == ["low_score"]
        assert got.headers["content-type"] == "application/json"
    found = deliveries(database, webhook_id)
    assert {(each.state, each.attempts, each.http_status) for each in found} == {("delivered", 1, 204)}
    assert {str(each.id) for each in found} == {got.headers["webhook-id"] for got in receiver.got}
    delivery.deliver(database, settings)
    assert len(receiver.got) == 2


def test_nothing_is_told_of_what_was_rolled_back(database: Database, receiver: Receiver, settings: Settings) -> None:
    hook(database, receiver.url)
    call_id = scored(database)
    delivery.deliver(database, settings)
    told = len(receiver.got)

    def scored_but_rolled_back() -> None:
        with database.transaction() as tx:
            assert tx.outbox.call_scored(call_id, now=now()) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        scored_but_rolled_back()
    delivery.deliver(database, settings)
    assert len(receiver.got) == told


def test_only_those_are_told_who_asked(database: Database, receiver: Receiver, settings: Settings) -> None:
    with database.transaction() as tx:
        north = tx.teams.create("North", now=now())
        tx.reps.create("n1", team="North", now=now())
    hook(database, f"{receiver.url}/failed", events=("call.failed",))
    hook(database, f"{receiver.url}/north", events=("call.scored",), team_id=north.id)
    hook(database, f"{receiver.url}/all", events=("call.scored",))
    off, _ = hook(database, f"{receiver.url}/off", events=("call.scored",))
    with database.transaction() as tx:
        tx.webhooks.update(off, enabled=False)
    scored(database, "1", rep="n1")
    scored(database, "2", rep="s1")
    delivery.deliver(database, settings)
    assert sorted(got.path for got in receiver.got) == ["/hooks/all", "/hooks/all", "/hooks/north"]


def test_a_failed_call_is_told_once_it_is_given_up(database: Database, receiver: Receiver, settings: Settings) -> None:
    hook(database, receiver.url, events=("call.failed",))
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(), now=now(), allow_unknown_rep=True)
        assert tx.outbox.call_failed(call.id, now=now()) == 0
        tx.calls.claim(call.id, "transcribe", token="t", now=now(), lease_s=60)
        tx.calls.fail(
            call.id, "t", code="audio_unreadable", message="no sound", now=now(), max_attempts=3, permanent=True
        )
        assert tx.outbox.call_failed(call.id, now=now()) == 1
    delivery.deliver(database, settings)
    assert json.loads(receiver.got[0].body)["data"]["error"] == {"code": "audio_unreadable", "message": "no sound"}


def test_a_receiver_that_fails_is_tried_again_with_the_same_message(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    receiver.answers = [500, 503, 204]
    scored(database)
    for state, attempts, error in (
        ("waiting", 1, "the receiver answered 500"),
        ("waiting", 2, "the receiver answered 503"),
        ("delivered", 3, None),
    ):
        delivery.deliver(database, settings)
        (found,) = deliveries(database, webhook_id)
        assert (found.state, found.attempts, found.error) == (state, attempts, error)
        make_due(database)
    assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1
    with database.read() as tx:
        assert tx.webhooks.get(webhook_id).failing_since is None


def test_the_pauses_grow_and_the_last_try_ends_it(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    receiver.answers = [500]
    scored(database)
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        delivery.deliver(database, settings)
        (found,) = deliveries(database, webhook_id)
        if found.due_at is not None and found.tried_at is not None:
            pauses.append(found.due_at - found.tried_at)
        if found.state == "waiting":
            make_due(database)
    assert (found.state, found.attempts) == ("failed", MOST_ATTEMPTS)
    assert all(pause <= found < pause + timedelta(seconds=30) for pause, found in zip(PAUSES, pauses, strict=True))
    delivery.deliver(database, settings)
    assert len(receiver.got) == MOST_ATTEMPTS


def test_while_a_receiver_fails_its_other_messages_rest_and_other_receivers_do_not(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    failing, _ = hook(database, f"{receiver.url}/failing", events=("call.scored",))
    receiver.answers = [500, 204]
    for number in range(5):
        scored(database, str(number))
    delivery.deliver(database, settings)
    delivery.deliver(database, settings)
    assert len(receiver.got) == 1
    hook(database, f"{receiver.url}/well", events=("call.scored",))
    scored(database, "6")
    delivery.deliver(database, settings)
    assert [got.path for got in receiver.got] == ["/hooks/failing", "/hooks/well"] or len(receiver.got) == 3
    assert {found.state for found in deliveries(database, failing)} <= {"waiting", "delivered"}


def test_a_receiver_may_ask_for_time(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    receiver.answers = [(429, {"Retry-After": "7200"})]
    scored(database)
    delivery.deliver(database, settings)
    (found,) = deliveries(database, webhook_id)
    assert found.due_at is not None
    assert found.due_at - now() > timedelta(minutes=119)


def test_a_redirect_is_not_followed(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    receiver.answers = [(302, {"Location": receiver.url + "/elsewhere"})]
    scored(database)
    delivery.deliver(database, settings)
    assert [got.path for got in receiver.got] == ["/hooks"]
    assert "redirects are not followed" in str(deliveries(database, webhook_id)[0].error)


def test_who_is_gone_is_not_asked_again(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    receiver.answers = [410]
    scored(database)
    delivery.deliver(database, settings)
    with database.read() as tx:
        webhook = tx.webhooks.get(webhook_id)
    assert not webhook.enabled
    assert "410" in str(webhook.disabled_reason)
    assert deliveries(database, webhook_id)[0].state == "failed"


def test_after_five_days_of_failures_callscore_gives_up(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    with database.transaction() as tx:
        tx.webhooks.update(webhook_id, failing_since=now() - timedelta(days=6))
    receiver.answers = [500]
    scored(database)
    delivery.deliver(database, settings)
    with database.read() as tx:
        webhook = tx.webhooks.get(webhook_id)
    assert (webhook.enabled, "500" in str(webhook.disabled_reason)) == (False, True)


def test_a_private_address_is_refused_unless_a_setting_allows_it(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    scored(database)
    delivery.deliver(database, settings.model_copy(update={"webhook_networks": ""}))
    assert receiver.got == []
    assert "private" in str(deliveries(database, webhook_id)[0].error)


def test_an_endless_answer_costs_ten_seconds_at_most(
    database: Database, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TRY_LIMIT_S", 0.3)
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    gate = threading.Event()
    receiver.before_answer = lambda: gate.wait(20)
    scored(database)
    delivery.deliver(database, settings)
    gate.set()
    assert "did not answer" in str(deliveries(database, webhook_id)[0].error)


def test_nobody_listening_is_an_error_with_a_sentence(database: Database, settings: Settings) -> None:
    webhook_id, _ = hook(database, "http://127.0.0.1:9/", events=("call.scored",))
    scored(database)
    delivery.deliver(database, settings)
    assert "cannot be reached" in str(deliveries(database, webhook_id)[0].error)


def test_during_a_change_of_secrets_both_verify(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, old = hook(database, receiver.url, events=("call.scored",))
    with database.transaction() as tx:
        new = tx.webhooks.renew_secret(webhook_id, now())
    scored(database)
    delivery.deliver(database, settings)
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    with database.transaction() as tx:
        assert tx.webhooks.secrets(webhook_id, now() + timedelta(hours=25)) == (new,)


def test_workers_at_once_send_each_message_once(database: Database, receiver: Receiver, settings: Settings) -> None:
    hook(database, receiver.url, events=("call.scored",))
    for number in range(20):
        scored(database, str(number))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: delivery.deliver(database, settings), range(4)))
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert len(ids) == len(set(ids)) == 20


def test_a_worker_that_died_while_sending_loses_nothing(
    database: Database, receiver: Receiver, settings: Settings
) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    scored(database)
    with database.transaction() as tx:
        assert tx.deliveries.take(webhook_id, now() - timedelta(minutes=6)) is None
        assert tx.deliveries.take(webhook_id, now()) is not None
    delivery.deliver(database, settings)
    assert receiver.got == []
    with database.read() as tx:
        assert tx.deliveries.due_webhooks(now() + timedelta(minutes=6)) == (webhook_id,)


def test_a_forgotten_call_leaves_no_message(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url)
    call_id = scored(database)
    with database.transaction() as tx:
        assert tx.outbox.forget_call(call_id) == 2
    delivery.deliver(database, settings)
    assert (receiver.got, deliveries(database, webhook_id)) == ([], [])


def test_old_deliveries_are_deleted(database: Database, receiver: Receiver, settings: Settings) -> None:
    webhook_id, _ = hook(database, receiver.url, events=("call.scored",))
    scored(database)
    delivery.deliver(database, settings)
    with database.transaction() as tx:
        assert tx.deliveries.delete_old(now() + timedelta(days=29)) == 0
        assert tx.deliveries.delete_old(now() + timedelta(days=31)) == 1
    assert deliveries(database, webhook_id) == []
