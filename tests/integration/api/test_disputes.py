"""Disputes over HTTP: who may appeal what, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.house import House, problem
from tests.integration.api.test_reviews import COMPANY_MET, review, scored

pytestmark = pytest.mark.anyio

DISPUTE: dict[str, Any] = {
    "wish": {"kind": "item", "target": "company", "status": "met"},
    "argument": "Компанию назвал, распознано с ошибкой",
}
NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"


async def test_a_manager_disputes_a_point_and_a_lead_upholds_it(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    async with (
        house.client("admin") as admin,
        house.client("manager", team="North") as manager,
        house.client("qa_lead") as lead,
    ):
        call_id = await scored(house, admin, rep="n1")
        opened = await manager.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE)
        assert opened.status_code == 201, opened.text
        problem(await manager.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE), 409, "dispute_state_wrong")
        listed = (await lead.get("/v1/disputes", params={"state": "open"})).json()["items"]
        assert [one["id"] for one in listed] == [opened.json()["id"]]
        decision = {"uphold": True, "answer": "Слышно на 0:12"}
        decided = await lead.post(f"/v1/disputes/{listed[0]['id']}/decision", json=decision)
        assert decided.json()["state"] == "upheld"
        problem(await lead.post(f"/v1/disputes/{listed[0]['id']}/decision", json=decision), 409, "dispute_state_wrong")
        seen = (await manager.get("/v1/disputes")).json()["items"][0]
        assert (seen["answer"], seen["review_id"]) == ("Слышно на 0:12", decided.json()["review_id"])
        effective = (await manager.get(f"/v1/calls/{call_id}/review")).json()["effective"]
    assert [one["status"] for one in effective["items"]] == ["met", "met", "partial"]


async def test_what_cannot_be_disputed_or_decided_is_told(house: House) -> None:
    house.team("North", "n1")
    house.team("South", "s1")
    async with (
        house.client("admin") as admin,
        house.client("manager", team="South") as south,
        house.client("qa_lead", team="South") as lead_south,
        house.client("manager") as manager,
    ):
        call_id = await scored(house, admin, rep="n1")
        problem(await south.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE), 404, "call_not_found")
        unknown = DISPUTE | {"wish": {"kind": "item", "target": "weather", "status": "met"}}
        told = problem(await manager.post(f"/v1/calls/{call_id}/disputes", json=unknown), 422, "validation_failed")
        assert told["errors"][0]["field"] == "wish.target"
        dispute = (await manager.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE)).json()["id"]
        assert (await south.get("/v1/disputes")).json()["items"] == []
        answer = {"uphold": False, "answer": "нет"}
        problem(await lead_south.post(f"/v1/disputes/{dispute}/decision", json=answer), 404, "dispute_not_found")
        problem(await admin.post(f"/v1/disputes/{NOBODY}/decision", json=answer), 404, "dispute_not_found")
        problem(
            await admin.post(f"/v1/disputes/{dispute}/decision", json={"uphold": True, "answer": ""}),
            422,
            "validation_failed",
        )


async def test_a_rep_disputes_its_own_calls_only_and_reads_the_answer(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1", "n2")
    anna, boris = house.user("rep", rep="n1"), house.user("rep", rep="n2")
    async with (
        house.client("admin") as admin,
        house.visitor(house.user("qa_lead")) as lead,
        house.visitor(anna) as own,
        house.visitor(boris) as other,
    ):
        call_id = await scored(house, admin, rep="n1")
        problem(await other.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE), 404, "call_not_found")
        opened = await own.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE)
        assert opened.json()["raised_by"] == f"user:{anna.id}"
        assert (await other.get("/v1/disputes")).json()["items"] == []
        decision = {"uphold": False, "answer": "На записи не слышно"}
        assert (await lead.post(f"/v1/disputes/{opened.json()['id']}/decision", json=decision)).status_code == 200
        seen = (await own.get("/v1/disputes")).json()["items"]
        problem(await own.post(f"/v1/disputes/{opened.json()['id']}/decision", json=decision), 403, "role_insufficient")
        assert (await own.get(f"/v1/calls/{call_id}/review")).json()["version"] == 0
    assert [(one["state"], one["answer"]) for one in seen] == [("rejected", "На записи не слышно")]


async def test_a_person_reviews_under_the_own_id_and_a_webhook_hears_of_it(house: House) -> None:
    lead = house.user("qa_lead")
    async with house.client("admin") as admin, house.visitor(lead) as person:
        hook = {"name": "CRM", "url": "https://crm.example.com/hook", "events": ["review.completed"]}
        webhook = (await admin.post("/v1/webhooks", json=hook)).json()["id"]
        call_id = await scored(house, admin)
        reviewed = await review(person, call_id, COMPANY_MET)
        told = (await admin.get(f"/v1/webhooks/{webhook}/deliveries")).json()["items"]
    assert reviewed.json()["reviews"][0]["reviewer"] == f"user:{lead.id}"
    assert [one["event"] for one in told] == ["review.completed"]
    assert house.queue.deliver == 1
