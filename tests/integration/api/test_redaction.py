"""Redacted words reach QA leads and admins only, in every form in which a call's words leave the service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.scoring.redaction import REDACTED
from service.scoring.results import Evidence, ItemResult
from service.scoring.transcript import Mark, Utterance, Word
from tests.integration.api.house import TRANSCRIPT, House, scorecard_with, uploaded

pytestmark = pytest.mark.anyio

SECRET = "Кузнецов"
LINE = Utterance(
    "customer",
    f"Запишите, {SECRET} моя фамилия",
    2.0,
    5.0,
    0.9,
    tuple(Word(text, 2.0 + at, 2.5 + at, 0.9) for at, text in enumerate(("Запишите,", SECRET, "моя", "фамилия"))),
    (Mark(1, 1, REDACTED),),
)


async def test_who_may_not_read_redacted_words_gets_them_nowhere(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "r-17")
    evidence = Evidence(1, 2.0, 5.0, f"Запишите, {SECRET} моя", "script/x", "x")
    item = ItemResult("x", {"ru": "x", "en": "x"}, "met", 1.0, 1.0, False, {"ru": "р", "en": "r"}, (evidence,))
    async with house.client("admin") as admin:
        call = await uploaded(admin)
        house.transcribe(call, replace(TRANSCRIPT, utterances=(TRANSCRIPT.utterances[0], LINE)))
        house.score(call, replace(scorecard_with(4.0), items=(item,)))
        card = (await admin.get(f"/v1/calls/{call}/scorecards")).json()["items"][0]["id"]
        addresses = [
            f"/v1/calls/{call}/{form}"
            for form in (
                "transcript",
                "transcript.vtt",
                "transcript.txt",
                "scorecard",
                f"scorecards/{card}",
                "review",
            )
        ] + ["/v1/export/calls.csv", "/v1/calls", f"/v1/calls/{call}"]
        read = {address: (await admin.get(address)).text for address in addresses}
        assert all(SECRET in read[address] for address in addresses[:6])
        people = {
            "reader": house.client("reader"),
            "rep": house.visitor(house.user("rep", rep="r-17")),
            "manager": house.visitor(house.user("manager", team="North")),
        }
        for role, client in people.items():
            async with client as asker:
                for address in addresses:
                    answer = await asker.get(address)
                    assert answer.status_code in ((200,) if "export" not in address else (200, 403)), (
                        role,
                        answer.text,
                    )
                    assert SECRET not in answer.text, (role, address)
                assert "[redacted] моя фамилия" in (await asker.get(addresses[2])).text
        # Not even a search tells that it was said, nor to whom it was.
        assert (await admin.get("/v1/calls", params={"text": SECRET})).json()["items"] == []
        assert len((await admin.get("/v1/calls", params={"text": "фамилия"})).json()["items"]) == 1
