"""Reviews over HTTP: the queue, a review and what it changes, and the answers to reviewers who come too late."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from service.scoring.results import Scorecard
from tests.integration.api.house import House, problem, uploaded
from tests.integration.store.reviewing import FLAGGED, RULINGS, TEXT, card, item

pytestmark = pytest.mark.anyio

COMPANY_MET = {"kind": "item", "target": "company", "status": "met", "reason": "слышно на 0:12"}


async def scored(house: House, client: httpx.AsyncClient, scorecard: Scorecard | None = None, **fields: Any) -> UUID:
    """A call with this scorecard."""
    call_id = await uploaded(client, **fields)
    house.transcribe(call_id, TEXT)
    with house.database.transaction() as tx:
        tx.rulings.keep(card().pack_sha256, RULINGS, now=house.clock.now)
    house.score(call_id, card(flags=FLAGGED) if scorecard is None else scorecard)
    return call_id


async def review(
    client: httpx.AsyncClient, call_id: UUID, *decisions: dict[str, Any], **changes: Any
) -> httpx.Response:
    """A review of what is there now; `changes` are fields of the request."""
    seen = (await client.get(f"/v1/calls/{call_id}/review")).json()
    body = {
        "scorecard_id": seen["scorecard_id"],
        "version": seen["version"],
        "verdict": "corrected" if decisions else "confirmed",
        "decisions": list(decisions),
    }
    return await client.post(f"/v1/calls/{call_id}/reviews", json=body | changes)


async def test_a_lead_takes_the_next_call_corrects_a_point_and_everybody_sees_it(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.client("qa_lead") as lead, house.client("reader") as reader:
        call_id = await scored(house, admin)
        waiting = (await lead.get("/v1/review/queue")).json()
        assert [(entry["call"]["id"], entry["severity"]) for entry in waiting["items"]] == [(str(call_id), "high")]
        assert waiting["items"][0]["reasons"] == [FLAGGED[0].reason]
        taken = (await lead.post("/v1/review/next")).json()["item"]
        assert taken["call"]["id"] == str(call_id)
        assert taken["claimed_by"].startswith("key:")
        assert (await admin.post("/v1/review/next")).json() == {"item": None}
        answer = await review(lead, call_id, COMPANY_MET)
        assert answer.status_code == 201, answer.text
        assert (await lead.get("/v1/review/queue")).json()["items"] == []
        scorecard = (await reader.get(f"/v1/calls/{call_id}/scorecard")).json()
        call = (await reader.get(f"/v1/calls/{call_id}")).json()
    assert [one["status"] for one in scorecard["items"]] == ["met", "missed", "partial"]
    assert [one["status"] for one in scorecard["review"]["effective"]["items"]] == ["met", "met", "partial"]
    override = scorecard["review"]["overrides"][0]
    assert (override["machine"], override["state"]) == ({"status": "missed", "points": 0.0}, "applies")
    assert scorecard["adherence"] == 0.5
    assert call["scores"]["adherence"] == pytest.approx(2.5 / 3, abs=1e-6)
    with house.database.read() as tx:
        assert tx.rollup.verify() == ()
        written = [(entry.action, entry.subject) for entry in tx.audit.list()]
    assert ("call.review", f"call:{call_id}") in written


async def test_the_second_reviewer_is_told_what_the_first_decided(house: House) -> None:
    async with house.client("admin") as first, house.client("qa_lead") as second:
        call_id = await scored(house, first)
        await review(first, call_id, COMPANY_MET)
        late = await review(second, call_id, COMPANY_MET, version=0)
        told = problem(late, 409, "review_conflict")
    assert told["current"]["version"] == 1
    assert told["current"]["overrides"][0]["decision"]["target"] == "company"


async def test_who_reviews_a_call_that_was_scored_anew_is_told_what_changed(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await scored(house, client)
        seen = (await client.get(f"/v1/calls/{call_id}/review")).json()
        await client.post(f"/v1/calls/{call_id}/rescore")
        house.score(call_id, card(version="2.0.0", items=(item("greeting", "missed"),), ledger=()))
        told = problem(
            await review(client, call_id, COMPANY_MET, scorecard_id=seen["scorecard_id"]), 409, "review_outdated"
        )
    assert told["changes"]["pack"] == {"before": "b2b_sales 1.0.0", "now": "b2b_sales 2.0.0"}
    assert {"id": "greeting", "before": "met", "now": "missed"} in told["changes"]["items"]
    assert {"id": "price at 3", "before": "neutral", "now": None} in told["changes"]["objections"]


async def test_a_call_that_a_colleague_is_at_is_refused_until_given_back(house: House) -> None:
    async with house.client("admin") as admin, house.client("qa_lead") as lead, house.client("qa_lead") as other:
        call_id = await scored(house, admin)
        assert (await lead.put(f"/v1/review/claims/{call_id}")).status_code == 200
        problem(await other.put(f"/v1/review/claims/{call_id}"), 409, "call_claimed")
        problem(await other.delete(f"/v1/review/claims/{call_id}"), 409, "call_claimed")
        problem(await review(other, call_id, COMPANY_MET), 409, "call_claimed")
        assert (await admin.delete(f"/v1/review/claims/{call_id}")).status_code == 204
        assert (await review(other, call_id, COMPANY_MET)).status_code == 201
        log = (await admin.get("/v1/audit", params={"subject": f"call:{call_id}"})).json()["items"]
    assert [entry["action"] for entry in log][:3] == ["call.review", "review.release", "review.claim"]
    assert log[1]["actor"] != log[2]["actor"], "an admin freed it"


async def test_the_next_call_of_the_queue_is_taken_on_the_record(house: House) -> None:
    async with house.client("admin") as admin:
        call_id = await scored(house, admin)
        assert (await admin.post("/v1/review/next")).json()["item"]["call"]["id"] == str(call_id)
        assert (await admin.post("/v1/review/next")).json()["item"] is None
        log = (await admin.get("/v1/audit", params={"action": "review.claim"})).json()["items"]
    assert [entry["subject"] for entry in log] == [f"call:{call_id}"]


async def test_why_a_call_without_a_flag_waits_is_told_nowhere(house: House) -> None:
    """Not in the queue, not with the call: reviewers of the sample must not know that they measure."""
    async with house.client("admin") as client:
        dull = card(items=(item("greeting"),))
        for number in range(40):
            await scored(house, client, dull, external_id=f"dull-{number}")
        taught = card(items=(item("greeting"), item("company"), item("closing", "missed")))
        await scored(house, client, taught, external_id="taught")
        house.__dict__["settings"] = house.settings.model_copy(update={"review_sample_share": 0.5})
        again = House(house.database, house.audio, house.settings)
        async with again.client("qa_lead") as lead:
            entries = (await lead.get("/v1/review/queue", params={"limit": 200})).json()["items"]
    assert 5 < len(entries) < 41
    for entry in entries:
        entry["call"] = set(entry["call"])
        entry["waiting_since"] = None
    assert all(entry == entries[0] for entry in entries)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"decisions": [COMPANY_MET | {"target": "weather"}]}, "decisions.0.target"),
        ({"decisions": [COMPANY_MET | {"reason": " "}]}, "decisions.0.reason"),
        ({"decisions": [COMPANY_MET | {"reason": "x" * 2001}]}, "decisions.0.reason"),
        ({"decisions": [COMPANY_MET | {"status": "not_counted"}]}, "decisions.0.status"),
        ({"decisions": [COMPANY_MET | {"colour": "red"}]}, "decisions.0.colour"),
        ({"decisions": [COMPANY_MET | {"points": float("9e9")}]}, "decisions.0.points"),
        ({"decisions": [COMPANY_MET, COMPANY_MET]}, "decisions.1.target"),
        ({"decisions": [{"kind": "objection_removed", "target": "price", "utterance": 5, "reason": "r"}]}, "decisions.0.utterance"),
        ({"decisions": [COMPANY_MET] * 201}, "decisions"),
        ({"withdraw": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"]}, "withdraw"),
        ({"verdict": "fine"}, "verdict"),
        ({"verdict": "confirmed"}, "verdict"),
        ({"decisions": []}, "verdict"),
        ({"version": -1}, "version"),
        ({"version": 10**30}, "version"),
        ({"scorecard_id": "1"}, "scorecard_id"),
        ({"comment": "\x07"}, "comment"),
        ({"comment": None}, "comment"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_review_is_named_by_field(house: House, change: dict[str, Any], field: str) -> None:
    async with house.client("admin") as client:
        call_id = await scored(house, client)
        told = problem(await review(client, call_id, COMPANY_MET, **change), 422, "validation_failed")
        assert field in {error["field"] for error in told["errors"]}
        assert (await client.get(f"/v1/calls/{call_id}/review")).json()["version"] == 0


async def test_a_call_that_is_not_scored_has_no_review(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        problem(await client.get(f"/v1/calls/{call_id}/review"), 409, "scorecard_not_ready")
        problem(await client.put(f"/v1/review/claims/{call_id}"), 409, "scorecard_not_ready")
        problem(await client.get("/v1/review/queue", params={"cursor": "bm9uZTp4"}), 422, "validation_failed")


async def test_a_lead_of_one_team_reviews_its_calls_only(house: House) -> None:
    house.team("North", "n1")
    house.team("South", "s1")
    async with house.client("admin") as admin, house.client("qa_lead", team="South") as south:
        call_id = await scored(house, admin, rep="n1")
        assert (await south.get("/v1/review/queue")).json()["items"] == []
        assert (await south.post("/v1/review/next")).json()["item"] is None
        for method, path in (
            ("get", f"/v1/calls/{call_id}/review"),
            ("put", f"/v1/review/claims/{call_id}"),
            ("delete", f"/v1/review/claims/{call_id}"),
        ):
            problem(await south.request(method, path), 404, "call_not_found")
