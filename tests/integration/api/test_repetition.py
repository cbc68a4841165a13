"""A request whose answer was lost can be sent again without harm, and nobody can flood the service with one key."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from service.api.rate import RateLimiter
from service.store.audio import AudioStore
from service.store.database import Database
from tests.integration.api.house import House, problem, settings_for

pytestmark = pytest.mark.anyio
KEY = {"Idempotency-Key": "7b0c6e0e-5a0e"}
HOOK = {"url": "https://crm.example.com/hooks", "name": "CRM", "events": ["call.scored"]}


async def test_the_same_request_again_is_answered_again_and_done_once(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as client:
        first = await client.post("/v1/teams", json={"name": "North"}, headers=KEY)
        again = await client.post("/v1/teams", json={"name": "North"}, headers=KEY)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        problem(await client.post("/v1/teams", json={"name": "North"}), 409, "name_taken")
        assert len((await client.get("/v1/audit")).json()["items"]) == 1


async def test_many_at_once_are_carried_out_once(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as client:
        hook = (await client.post("/v1/webhooks", json=HOOK)).json()["id"]
        sent = [client.post(f"/v1/webhooks/{hook}/ping", headers=KEY) for _ in range(10)]
        answers = await asyncio.gather(*sent)
        late = await client.post(f"/v1/webhooks/{hook}/ping", headers=KEY)
        listed = (await client.get(f"/v1/webhooks/{hook}/deliveries")).json()["items"]
    assert len(listed) == 1
    assert late.json()["id"] == listed[0]["id"]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_unfinished"}


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/teams", {"name": "South"}), ("/v1/reps", {"external_id": "r"}), ("/v1/teams?x=1", {"name": "North"})],
)
async def test_a_key_is_for_one_request(house: House, path: str, body: dict[str, Any]) -> None:
    async with house.client("admin") as client:
        await client.post("/v1/teams", json={"name": "North"}, headers=KEY)
        found = problem(await client.post(path, json=body, headers=KEY), 422, "idempotency_key_reused")
        assert found["errors"][0]["field"] == "Idempotency-Key"


async def test_two_senders_may_use_the_same_key(house: House) -> None:
    async with house.client("admin") as one, house.client("admin") as two:
        assert (await one.post("/v1/teams", json={"name": "North"}, headers=KEY)).status_code == 201
        assert (await two.post("/v1/teams", json={"name": "South"}, headers=KEY)).status_code == 201


async def test_a_refused_request_may_be_mended_and_sent_again(house: House) -> None:
    async with house.client("admin") as client:
        problem(
            await client.post("/v1/reps", json={"external_id": "r", "team": "North"}, headers=KEY), 422, "team_unknown"
        )
        problem(await client.post("/v1/reps", json={"external_id": ""}, headers=KEY), 422, "validation_failed")
        await client.post("/v1/teams", json={"name": "North"})
        answer = await client.post("/v1/reps", json={"external_id": "r", "team": "North"}, headers=KEY)
        assert answer.status_code == 201, answer.text


async def test_a_secret_is_not_kept_for_the_second_request(house: House) -> None:
    async with house.client("admin") as client:
        for path, body in (
            ("/v1/api-keys", {"name": "PBX", "role": "uploader"}),
            ("/v1/users", {"email": "a@b", "role": "qa_lead"}),
            ("/v1/webhooks", HOOK),
        ):
            headers = {"Idempotency-Key": path}
            first = await client.post(path, json=body, headers=headers)
            assert first.status_code == 201
            problem(await client.post(path, json=body, headers=headers), 409, "idempotency_secret")
            secret = next(first.json()[name] for name in ("key", "password", "secret") if name in first.json())
            # Webhook secrets are stored to sign with; the other two are stored nowhere.
            stored = b"".join(path.read_bytes() for path in house.settings.data_dir.glob("callscore.db*"))
            assert stored.count(secret.encode()) == (1 if path == "/v1/webhooks" else 0)


async def test_after_a_day_the_key_is_free_again(house: House) -> None:
    async with house.client("admin") as client:
        await client.post("/v1/teams", json={"name": "North"}, headers=KEY)
        house.clock.forward(hours=25)
        problem(await client.post("/v1/teams", json={"name": "North"}, headers=KEY), 409, "name_taken")
    with house.database.transaction() as tx:
        assert tx.repeated_requests.delete_old(house.clock.now) == 0


async def test_a_request_that_broke_off_is_not_carried_out_again(house: House) -> None:
    """The process died after the claim: nobody can tell how far it came."""
    async with house.client("admin") as client:
        await client.post("/v1/teams", json={"name": "North"}, headers=KEY)
        with house.database.transaction() as tx:
            entry = tx.audit.list()[0]
            tx.repeated_requests.answer(entry.actor, KEY["Idempotency-Key"], status=None, body=None, location=None)  # type: ignore[arg-type]
        problem(await client.post("/v1/teams", json={"name": "North"}, headers=KEY), 409, "idempotency_unfinished")


@pytest.mark.parametrize("value", ["", " ", "x" * 201, "a b", "\u044f".encode()])
async def test_a_key_that_is_no_token_is_refused(house: House, value: str | bytes) -> None:
    async with house.client("admin") as client:
        answer = await client.post("/v1/teams", json={"name": "North"}, headers={"Idempotency-Key": value})
        assert problem(answer, 422, "validation_failed")["errors"][0]["field"] == "Idempotency-Key"
        assert (await client.get("/v1/teams")).json()["items"] == []


async def test_the_description_says_who_takes_a_key(house: House) -> None:
    for methods in house.app.openapi()["paths"].values():
        for method, operation in methods.items():
            names = [parameter["name"].lower() for parameter in operation.get("parameters", ())]
            wanted = method == "post" and operation["operationId"] != "start_session"
            assert ("idempotency-key" in names) == wanted, operation["operationId"]


async def test_one_key_too_busy_waits_and_the_others_do_not(
    sqlite_database: Database, audio_store: AudioStore, tmp_path: Path
) -> None:
    house = House(sqlite_database, audio_store, settings_for(tmp_path, requests_per_minute=5))
    async with house.client("admin") as busy, house.client("reader") as other:
        for _ in range(5):
            assert (await busy.get("/v1/calls")).status_code == 200
        answer = await busy.get("/v1/calls")
        body = problem(answer, 429, "rate_limited")
        assert body["retry_after_s"] == int(answer.headers["retry-after"]) <= 12
        assert (await other.get("/v1/calls")).status_code == 200


def test_a_bucket_holds_a_minute_and_fills_evenly() -> None:
    clock = [0.0]
    limiter = RateLimiter(60, lambda: clock[0])
    assert [limiter.take("a") for _ in range(60)] == [0.0] * 60
    assert limiter.take("a") == pytest.approx(1.0)
    clock[0] = 0.5
    assert limiter.take("a") == pytest.approx(0.5)
    assert limiter.take("b") == 0.0
    clock[0] = 1.0
    assert limiter.take("a") == 0.0
    clock[0] = 1000.0
    assert [limiter.take("a") for _ in range(60)] == [0.0] * 60
    assert limiter.take("a") > 0
    assert all(RateLimiter(0).take("a") == 0.0 for _ in range(1000))
