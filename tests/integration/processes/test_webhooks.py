"""Webhooks from end to end: a real API, a real queue, a real worker, and a receiver on another port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import standardwebhooks

from service.client import Client
from service.scoring.transcript import Transcript, Utterance
from tests.fixtures.installation import Installation, until
from tests.fixtures.receiver import Receiver, receiving

pytestmark = pytest.mark.processes

RECORDING = Path(__file__).resolve().parents[2] / "fixtures" / "audio" / "en-short.wav"
WITHIN_S = 60.0
SPOKEN = Transcript(
    language="ru",
    utterances=(
        Utterance("agent", "Добрый день!", 0.5, 1.4, 0.9),
        Utterance("customer", "Здравствуйте, это дорого.", 2.0, 4.0, 0.8),
    ),
    speaker_source="channels",
    duration_s=5.0,
    speech_s={"agent": 0.9, "customer": 2.0},
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_a_ping_and_a_score_reach_the_receiver(tmp_path: Path, receiver: Receiver) -> None:
    with Installation(tmp_path, webhook_networks="127.0.0.0/8", sweep_every_s=60.0) as house:
        house.start_api()
        house.start_worker("score")
        with Client(house.url, key=house.key("admin")) as admin:
            made = admin.create_webhook(receiver.url, name="CRM", events=["call.scored"])
            admin.ping_webhook(made["id"])
            until(lambda: receiver.got, "the ping arrives", within_s=WITHIN_S)
            call_id = UUID(admin.upload(RECORDING, source="pbx", external_id="1", rep="r-1", language="ru")["id"])
            transcribed(house, call_id)
            until(lambda: len(receiver.got) > 1, "the score arrives", within_s=WITHIN_S)
            until(
                lambda: all(found["state"] == "delivered" for found in admin.deliveries(made["id"])),
                "both are noted as delivered",
                within_s=WITHIN_S,
            )
        for got in receiver.got:
            standardwebhooks.Webhook(made["secret"]).verify(got.body, got.headers)
        ping, score = (json.loads(got.body) for got in receiver.got)
        assert (ping["type"], score["type"]) == ("ping", "call.scored")
        assert (score["data"]["call_id"], score["data"]["status"]) == (str(call_id), "scored")


def transcribed(house: Installation, call_id: UUID) -> None:
    """What the transcription worker does."""
    now = datetime.now(UTC)
    with house.database.transaction() as tx:
        assert tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60) is not None
        assert tx.transcripts.save(call_id, SPOKEN, token="t", now=now)
        tx.after_commit(lambda: house.queue.send_score(call_id))
