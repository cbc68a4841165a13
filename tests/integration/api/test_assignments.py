"""Calls of the queue given to colleagues: they come to them first, stay away from others, and the log says who gave what to whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from service.store.records_people import User
from tests.integration.api.house import House, problem
from tests.integration.api.test_reviews import review, scored

pytestmark = pytest.mark.anyio


async def assign(client: httpx.AsyncClient, to: User | None, *calls: UUID) -> httpx.Response:
    body = {"calls": [str(call) for call in calls], "to": None if to is None else str(to.id)}
    return await client.put("/v1/review/assignments", json=body)


async def waiting(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [entry["call"]["id"] for entry in (await client.get("/v1/review/queue", params=query)).json()["items"]]


async def three(house: House, client: httpx.AsyncClient) -> list[UUID]:
    """Three flagged calls, the oldest first."""
    found = []
    for number in range(3):
        found.append(await scored(house, client, external_id=f"c-{number}"))
        house.clock.forward(minutes=1)
    return found


async def test_calls_given_to_a_colleague_come_to_them_first_and_to_nobody_else(house_on_both: House) -> None:
    house = house_on_both
    anna, boris = house.user("qa_lead", name="Anna"), house.user("qa_lead", name="Boris")
    async with house.client("admin") as admin, house.visitor(anna) as hers, house.visitor(boris) as his:
        first, second, third = await three(house, admin)
        answer = (await assign(admin, boris, second, third)).json()
        assert answer == {"assigned": sorted([str(second), str(third)]), "left_out": []}
        assert await waiting(his, mine=True) == [str(second), str(third)]
        assert await waiting(admin, holder=str(boris.id)) == [str(second), str(third)]
        assert await waiting(admin, holder="nobody") == [str(first)]
        assert (await his.post("/v1/review/next")).json()["item"]["call"]["id"] == str(second)
        assert (await hers.post("/v1/review/next")).json()["item"]["call"]["id"] == str(first)
        assert (await hers.post("/v1/review/next")).json()["item"] is None
        has = {
            one["name"]: (one["at_now"], one["assigned"])
            for one in (await hers.get("/v1/review/reviewers")).json()["items"]
        }
        assert has == {"Anna": (1, 0), "Boris": (1, 2)}
        # Who is there first may still review it: an assignment is no lock.
        assert (await review(hers, third)).status_code == 201
        assert await waiting(his, mine=True) == [str(second)]
    with house.database.read() as tx:
        log = [(entry.subject, entry.detail) for entry in tx.audit.list(action="review.assign")]
    assert sorted(log) == sorted((f"call:{call}", {"to": f"user:{boris.id}"}) for call in (second, third))


async def test_what_cannot_be_given_away_is_left_out_and_named(house: House) -> None:
    anna, boris = house.user("qa_lead"), house.user("qa_lead")
    nobody = UUID("01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77")
    async with house.client("admin") as admin, house.visitor(anna) as hers:
        first, second, third = await three(house, admin)
        await review(admin, first)
        await hers.put(f"/v1/review/claims/{second}")
        answer = (await assign(admin, boris, first, second, third, nobody)).json()
        assert answer["assigned"] == [str(third)]
        codes = {left["call_id"]: left["code"] for left in answer["left_out"]}
        assert codes == {str(first): "call_state_wrong", str(second): "call_claimed", str(nobody): "call_not_found"}
        # Who is at it may be given it for good, and anybody may take the assignment away again.
        assert (await assign(admin, anna, second)).json()["assigned"] == [str(second)]
        assert (await assign(admin, None, third)).json()["assigned"] == [str(third)]
        assert await waiting(admin, holder="nobody") == [str(third)]


async def test_only_somebody_who_reviews_and_can_log_in_is_given_calls(house: House) -> None:
    manager, gone = house.user("manager"), house.user("qa_lead")
    async with house.client("admin") as admin, house.client("qa_lead") as lead:
        call = (await three(house, admin))[0]
        assert (await assign(admin, gone, call)).status_code == 200
        await admin.patch(f"/v1/users/{gone.id}", json={"disabled": True})
        for user in (manager, gone):
            told = problem(await assign(admin, user, call), 422, "validation_failed")
            assert told["errors"][0]["field"] == "to"
        # What somebody has who left is anybody's.
        assert (await lead.post("/v1/review/next")).json()["item"]["call"]["id"] == str(call)


async def test_among_their_own_calls_a_reviewer_goes_on_from_one_to_the_next(house: House) -> None:
    anna = house.user("qa_lead")
    async with house.client("admin") as admin, house.visitor(anna) as hers:
        first, second, third = await three(house, admin)
        for call in (first, third):
            await hers.put(f"/v1/review/claims/{call}")
        queue = (await hers.get("/v1/review/queue", params={"mine": True, "limit": 1})).json()
        assert queue["items"][0]["call"]["id"] == str(first)
        behind = {"mine": True, "cursor": queue["next_cursor"]}
        assert (await hers.post("/v1/review/next", params=behind)).json()["item"]["call"]["id"] == str(third)
        assert str(second) in await waiting(hers, holder="nobody")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"calls": [], "to": None}, "calls"),
        ({"calls": ["x"], "to": None}, "calls.0"),
        ({"calls": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"] * 201, "to": None}, "calls"),
        ({"calls": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"]}, "to"),
        ({"calls": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"], "to": "anna"}, "to"),
    ],
)
async def test_what_is_wrong_with_an_assignment_is_named(house: House, body: dict[str, Any], field: str) -> None:
    async with house.client("qa_lead") as lead:
        told = problem(await lead.put("/v1/review/assignments", json=body), 422, "validation_failed")
        problem(await lead.get("/v1/review/queue", params={"holder": "somebody"}), 422, "validation_failed")
    assert field in {error["field"] for error in told["errors"]}
