"""Calibration over HTTP: blind until closed, then agreement by people and against the machine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.house import House, problem
from tests.integration.api.test_reviews import scored

pytestmark = pytest.mark.anyio

NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"


async def test_reviewers_judge_blind_and_see_how_far_they_agree(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.client("qa_lead") as lead:
        calls = [str(await scored(house, admin, external_id=f"c{at}")) for at in range(2)]
        created = (await admin.post("/v1/calibrations", json={"title": "November", "calls": calls})).json()
        at = f"/v1/calibrations/{created['id']}"
        form = (await lead.get(f"{at}/calls/{calls[0]}")).json()
        rules = [question["rule"] for question in form["questions"]]
        assert rules[:3] == ["script/greeting", "script/company", "script/closing"]
        assert {"objections/price", "violations/overpromise", "argumentation"} <= set(rules)
        assert form["own"] is None
        for client, company, points in ((admin, "met", 3), (lead, "missed", 4)):
            for call in calls:
                verdicts: dict[str, Any] = {
                    "script/greeting": "met", "script/company": company, "objections/price": "found",
                    "objections/timing": "absent", "argumentation": points,
                }  # fmt: skip
                sheet = await client.put(f"{at}/calls/{call}", json={"verdicts": verdicts})
                assert sheet.status_code == 204, sheet.text
        assert (await lead.get(f"{at}/calls/{calls[0]}")).json()["own"]["verdicts"]["script/company"] == "missed"
        assert len((await lead.get(at)).json()["handed_in"]) == 4
        problem(await lead.get(f"{at}/agreement"), 409, "calibration_state_wrong")
        assert (await admin.post(f"{at}/close")).json()["closed_at"] is not None
        problem(await lead.put(f"{at}/calls/{calls[0]}", json={"verdicts": {}}), 409, "calibration_state_wrong")
        shown = (await lead.get(f"{at}/agreement")).json()
        listed = (await lead.get("/v1/calibrations")).json()["items"]
    assert [one["id"] for one in listed] == [created["id"]]
    everything = shown["groups"][0]
    assert (everything["group"], everything["pairs"][0]["n"], everything["pairs"][0]["accuracy"]) == ("all", 8, 0.75)
    assert everything["pairs"][0]["kappa"] == pytest.approx((0.75 - 0.25) / (1 - 0.25))
    assert -1 < everything["alpha"] < 1
    assert [(one["rule"], one["machine"]) for one in shown["differing"] if one["rule"] != "argumentation"] == [
        ("script/company", "missed")
    ] * 2
    by_lead = {pair["accuracy"] for pair in shown["machine"]}
    assert by_lead == {1.0, 0.75}


async def test_what_is_wrong_with_a_calibration_is_told(house: House) -> None:
    async with house.client("admin") as client:
        call = str(await scored(house, client))
        for body, field in (
            ({"title": "", "calls": [call]}, "title"),
            ({"title": "A", "calls": []}, "calls"),
            ({"title": "A", "calls": [call, call]}, "calls"),
            ({"title": "A", "calls": [call] * 51}, "calls"),
        ):
            told = problem(await client.post("/v1/calibrations", json=body), 422, "validation_failed")
            assert told["errors"][0]["field"] == field
        problem(await client.post("/v1/calibrations", json={"title": "A", "calls": [NOBODY]}), 404, "call_not_found")
        created = (await client.post("/v1/calibrations", json={"title": "A", "calls": [call]})).json()["id"]
        wrong = {"verdicts": {"script/weather": "met", "script/greeting": "found", "argumentation": 6}}
        told = problem(
            await client.put(f"/v1/calibrations/{created}/calls/{call}", json=wrong), 422, "validation_failed"
        )
        assert [error["field"] for error in told["errors"]] == [
            "verdicts.script/weather", "verdicts.script/greeting", "verdicts.argumentation",
        ]  # fmt: skip
        problem(await client.get(f"/v1/calibrations/{created}/calls/{NOBODY}"), 404, "calibration_not_found")
        problem(await client.get(f"/v1/calibrations/{NOBODY}"), 404, "calibration_not_found")
        problem(await client.post(f"/v1/calibrations/{NOBODY}/close"), 404, "calibration_not_found")


async def test_who_judges_blind_sees_no_score_and_no_review_before_the_own_sheet(house: House) -> None:
    """Whoever has seen what the machine or a colleague said does not judge for themselves any more."""
    lead = house.user("qa_lead")
    manager = house.user("manager")
    async with house.client("admin") as admin, house.visitor(lead) as client, house.visitor(manager) as other:
        call = str(await scored(house, admin))
        beside = str(await scored(house, admin, external_id="beside"))
        at = f"/v1/calibrations/{(await admin.post('/v1/calibrations', json={'title': 'A', 'calls': [call]})).json()['id']}"
        scorecard_id = (await admin.get(f"/v1/calls/{call}/scorecards")).json()["items"][0]["id"]
        hidden = [f"/v1/calls/{call}/{what}" for what in ("scorecard", "review", f"scorecards/{scorecard_id}")]
        for address in hidden:
            problem(await client.get(address), 409, "calibration_state_wrong")
        assert (await client.get(f"/v1/calls/{call}")).json()["scores"] is None
        listed = {one["id"]: one["scores"] for one in (await client.get("/v1/calls")).json()["items"]}
        assert listed[call] is None
        assert listed[beside] is not None
        assert (await client.get(f"/v1/calls/{call}/transcript")).status_code == 200
        assert (await other.get(hidden[0])).status_code == 200, "who hands in no sheet is not kept from anything"
        sheet = {"verdicts": {"script/greeting": "met"}}
        assert (await client.put(f"{at}/calls/{call}", json=sheet)).status_code == 204
        for address in hidden:
            assert (await client.get(address)).status_code == 200
        assert (await client.get(f"/v1/calls/{call}")).json()["scores"] is not None


async def test_a_closed_calibration_hides_nothing(house: House) -> None:
    async with house.client("admin") as admin, house.visitor(house.user("qa_lead")) as client:
        call = str(await scored(house, admin))
        created = (await admin.post("/v1/calibrations", json={"title": "A", "calls": [call]})).json()["id"]
        problem(await client.get(f"/v1/calls/{call}/scorecard"), 409, "calibration_state_wrong")
        assert (await admin.post(f"/v1/calibrations/{created}/close")).status_code == 200
        assert (await client.get(f"/v1/calls/{call}/scorecard")).status_code == 200
