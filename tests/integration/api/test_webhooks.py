"""Webhooks are made, watched and repaired over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.integration.api.house import House, problem, uploaded

pytestmark = pytest.mark.anyio
NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
NEW = {"url": "https://crm.example.com/hooks", "name": "CRM", "events": ["call.scored", "call.flagged", "call.scored"]}


async def test_a_webhook_from_first_to_last(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    async with house.client("admin") as client:
        created = await client.post("/v1/webhooks", json=NEW)
        assert created.status_code == 201, created.text
        hook, secret = created.json(), created.json()["secret"]
        assert secret.startswith("whsec_")
        assert hook["events"] == ["call.scored", "call.flagged"]
        path = f"/v1/webhooks/{hook['id']}"
        problem(await client.post("/v1/webhooks", json=NEW), 409, "name_taken")
        assert secret not in (await client.get("/v1/webhooks")).text + (await client.get(path)).text
        ping = await client.post(f"{path}/ping")
        assert (ping.status_code, ping.json()["event"], ping.json()["state"]) == (202, "ping", "waiting")
        assert house.queue.deliver == 1
        renewed = (await client.post(f"{path}/secret")).json()["secret"]
        assert renewed != secret
        changed = await client.patch(path, json={"enabled": False, "team": "North", "events": ["call.failed"]})
        assert (changed.json()["enabled"], changed.json()["events"]) == (False, ["call.failed"])
        assert changed.json()["team_id"] is not None
        listed = (await client.get(f"{path}/deliveries")).json()["items"]
        assert [row["message"]["type"] for row in listed] == ["ping"]
        again = await client.post(f"{path}/deliveries/{listed[0]['id']}/redeliver")
        assert (again.status_code, again.json()["id"]) == (202, listed[0]["id"])
        assert (await client.delete(path)).status_code == 204
        problem(await client.get(path), 404, "webhook_not_found")
        problem(await client.get(f"{path}/deliveries"), 404, "webhook_not_found")
    with house.database.read() as tx:
        actions = [entry.action for entry in tx.audit.list()]
    assert actions == [
        "webhook.delete",
        "delivery.redeliver",
        "webhook.update",
        "webhook.secret",
        "webhook.ping",
        "webhook.create",
    ]


async def test_what_was_sent_is_listed_page_by_page(house: House) -> None:
    async with house.client("admin") as client:
        hooks = [(await client.post("/v1/webhooks", json=NEW | {"name": name})).json()["id"] for name in ("a", "b")]
        call_id = await uploaded(client)
        house.transcribe(call_id)
        house.score(call_id)
        with house.database.transaction() as tx:
            for _ in range(2):
                assert tx.outbox.call_scored(call_id, now=house.clock.now) == 4
        path = f"/v1/webhooks/{hooks[0]}/deliveries"
        whole = (await client.get(path)).json()["items"]
        assert [row["event"] for row in whole] == ["call.flagged", "call.scored"] * 2
        assert {UUID(row["call_id"]) for row in whole} == {call_id}
        first = (await client.get(path, params={"limit": 3})).json()
        second = (await client.get(path, params={"limit": 3, "cursor": first["next_cursor"]})).json()
        assert first["items"] + second["items"] == whole
        other = f"/v1/webhooks/{hooks[1]}/deliveries"
        problem(await client.get(other, params={"cursor": first["next_cursor"]}), 422, "validation_failed")
        assert (await client.get(path, params={"state": "failed"})).json()["items"] == []
        problem(await client.get(path, params={"state": "lost"}), 422, "validation_failed")
        problem(await client.post(f"{other}/{whole[0]['id']}/redeliver"), 404, "delivery_not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://crm.example.com"}, "url"),
        ({"url": "crm.example.com"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user:secret@crm.example.com"}, "url"),
        ({"url": "https://crm.example.com/#top"}, "url"),
        ({"url": "https://crm.example.com/ x"}, "url"),
        ({"url": "http://crm.example.com"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "url"),
        ({"url": "https://x.example.com/" + "a" * 2000}, "url"),
        ({"events": []}, "events"),
        ({"events": ["call.lost"]}, "events.0"),
        ({"events": ["ping"]}, "events.0"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_bad_input_is_named(house: House, change: dict[str, Any], field: str) -> None:
    async with house.client("admin") as client:
        body = problem(await client.post("/v1/webhooks", json=NEW | change), 422, "validation_failed")
        assert [error["field"] for error in body["errors"]] == [field]
        made = (await client.post("/v1/webhooks", json=NEW)).json()
        body = problem(await client.patch(f"/v1/webhooks/{made['id']}", json=change), 422, "validation_failed")
        assert [error["field"] for error in body["errors"]] == [field]


async def test_what_is_not_there(house: House) -> None:
    async with house.client("admin") as client:
        path = f"/v1/webhooks/{NOBODY}"
        for method, address in (
            ("get", path),
            ("patch", path),
            ("delete", path),
            ("post", f"{path}/ping"),
            ("post", f"{path}/secret"),
            ("get", f"{path}/deliveries"),
            ("post", f"{path}/deliveries/{NOBODY}/redeliver"),
        ):
            answer = await client.request(method, address, json={} if method == "patch" else None)
            problem(answer, 404, "webhook_not_found")
        problem(await client.post("/v1/webhooks", json=NEW | {"team": "Nowhere"}), 422, "team_unknown")
