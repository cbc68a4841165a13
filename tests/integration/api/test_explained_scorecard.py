"""A scorecard asked for with `explain=true` says what came nearest to every missed item."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance
from tests.integration.api.house import House, uploaded

pytestmark = pytest.mark.anyio
SAID = Transcript(
    "ru",
    (
        Utterance("agent", "Добрый день, меня зовут Анна, компания Ромашка."),
        Utterance("customer", "Слушаю."),
        Utterance("agent", "Есть минута? Правильно ли, что вы заняты."),
        Utterance("customer", "Всё, спасибо, не надо."),
    ),
)


async def test_every_missed_item_names_what_came_nearest(house: House) -> None:
    pack = house.app.state.services.packs.load("b2b_sales", "ru")
    card = score(SAID, pack, CallContext("outbound", "sdr"))
    async with house.client("reader") as client, house.client("uploader") as uploader:
        call_id = await uploaded(uploader)
        house.transcribe(call_id, SAID)
        house.score(call_id, card)
        plain = (await client.get(f"/v1/calls/{call_id}/scorecard")).json()
        explained = (await client.get(f"/v1/calls/{call_id}/scorecard", params={"explain": "true"})).json()
    assert "explained_by" not in plain
    assert explained["explained_by"] == {
        "pack_version": pack.version,
        "pack_sha256": pack.sha256,
        "engine_version": card.engine_version,
        "same_rules": True,
    }
    items = {item["id"]: item for item in explained["items"]}
    near = {item["id"]: item["near_misses"] for item in explained["items"] if item["near_misses"]}
    assert near
    assert all(items[item]["status"] == "missed" for item in near)
    assert all(miss["quote"] and miss["matched"] and miss["missing"] for misses in near.values() for miss in misses)
    assert items["greeting"]["near_misses"] == []
    for item in plain["items"]:
        assert {**items[item["id"]], "near_misses": []} == item, "explaining changes nothing that the scorecard says"


async def test_near_misses_by_other_rules_than_the_score_say_so(house: House) -> None:
    pack = house.app.state.services.packs.load("b2b_sales", "ru")
    card = replace(score(SAID, pack, CallContext("outbound", "sdr")), pack_sha256="0" * 64)
    async with house.client() as client:
        call_id = await uploaded(client)
        house.transcribe(call_id, SAID)
        house.score(call_id, card)
        explained = (await client.get(f"/v1/calls/{call_id}/scorecard?explain=true")).json()
        await client.post(f"/v1/calls/{call_id}/rescore")
        house.score(call_id, replace(card, pack_id="gone"))
        without = (await client.get(f"/v1/calls/{call_id}/scorecard?explain=true")).json()
    assert explained["explained_by"]["same_rules"] is False
    assert "explained_by" not in without, "a pack that is gone explains nothing, and breaks nothing"
