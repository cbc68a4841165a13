"""Scoring stored calls again over HTTP: start, follow, pause, resume, cancel."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.integration.api.house import House, problem, scorecard_with, uploaded

pytestmark = pytest.mark.anyio


async def a_scored_call(house: House) -> None:
    async with house.client("uploader") as client:
        call_id = await uploaded(client)
        house.transcribe(call_id)
        house.score(call_id, scorecard_with(1.0))


async def test_a_job_is_started_followed_paused_resumed_and_cancelled(house: House) -> None:
    await a_scored_call(house)
    async with house.client("admin") as client:
        answer = await client.post("/v1/rescore", json={"script": "b2b_sales"})
        assert answer.status_code == 202
        job = answer.json()
        address = f"/v1/rescore/{job['id']}"
        assert answer.headers["location"] == address
        assert (job["state"], job["calls_total"], job["calls_done"], job["progress"]) == ("running", 1, 0, 0.0)
        assert house.queue.rescore == [UUID(job["id"])], "workers are told at once"

        again = await client.post("/v1/rescore", json={"script": "b2b_sales"})
        assert (again.status_code, again.json()["id"]) == (200, job["id"]), "the same job is not started twice"

        assert (await client.post(f"{address}/pause")).json()["state"] == "paused"
        assert (await client.post(f"{address}/resume")).json()["state"] == "running"
        assert len(house.queue.rescore) == 2
        cancelled = (await client.post(f"{address}/cancel")).json()
        assert cancelled["finished_at"] is not None
        problem(await client.post(f"{address}/resume"), 409, "rescore_state_wrong")
        assert (await client.get(address)).json() == cancelled
        assert [found["id"] for found in (await client.get("/v1/rescore")).json()["items"]] == [job["id"]]
    with house.database.read() as tx:
        actions = {entry.action for entry in tx.audit.list()}
    assert {"rescore.start", "rescore.pause", "rescore.resume", "rescore.cancel"} <= actions


async def test_jobs_are_listed_page_by_page(house: House) -> None:
    async with house.client("admin") as client:
        days = ["2025-11-01", "2025-11-02", "2025-11-03"]
        made = [(await client.post("/v1/rescore", json={"from": day})).json()["id"] for day in days]
        first = (await client.get("/v1/rescore", params={"limit": 2})).json()
        second = (await client.get("/v1/rescore", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        problem(await client.get("/v1/rescore", params={"cursor": "bm8="}), 422, "validation_failed")
    assert [job["id"] for job in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2025-12-01", "to": "2025-11-01"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"script": "no_such_pack"}, "script"),
        ({"scripts": "b2b_sales"}, "scripts"),
        ({"team": "Nowhere"}, "team"),
    ],
)
async def test_a_wrong_choice_is_refused_by_field(house: House, body: dict[str, str], field: str) -> None:
    async with house.client("admin") as client:
        answer = await client.post("/v1/rescore", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_team_that_exists_narrows_the_choice(house: House) -> None:
    house.team("North", "r-99")
    await a_scored_call(house)
    async with house.client("admin") as client:
        job = (await client.post("/v1/rescore", json={"team": "North"})).json()
        problem(await client.get(f"/v1/rescore/{'0' * 32}"), 404, "rescore_unknown")
    assert (job["team"], job["calls_total"], job["state"]) == ("North", 0, "done")
