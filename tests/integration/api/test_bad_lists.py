"""What people get wrong about lists and periods, tried on every route that takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.api.house import House, problem, uploaded

pytestmark = pytest.mark.anyio

NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
HUNDRED_YEARS = {"from": "2000-01-01", "to": "2099-12-31"}
BACKWARDS = {"from": "2025-11-23", "to": "2025-11-01"}


def routes(house: House, *parameters: str) -> Iterator[str]:
    """Paths of GET routes that take all these query parameters."""
    for path, methods in house.app.openapi()["paths"].items():
        names = {one["name"] for one in methods.get("get", {}).get("parameters", []) if one["in"] == "query"}
        if set(parameters) <= names:
            yield path


async def _ids(house: House, client: httpx.AsyncClient) -> dict[str, str]:
    house.team("North", "n1", "n2")
    house.team("South")
    for name in ("1", "2"):
        await uploaded(client, external_id=name, rep="n1")
    rep = (await client.get("/v1/reps")).json()["items"][0]["id"]
    hook = {"name": "h", "url": "https://example.com/h", "events": ["call.scored"]}
    webhook = (await client.post("/v1/webhooks", json=hook)).json()["id"]
    return {"rep_id": rep, "webhook_id": webhook, "pack_id": "b2b_sales"}


async def _get(client: httpx.AsyncClient, path: str, ids: dict[str, str], **query: Any) -> httpx.Response:
    for name, value in ids.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"name an id for {path}"
    return await client.get(path, params=query)


async def test_no_list_takes_the_cursor_of_another(house: House) -> None:
    """A cursor of another list would begin somewhere in the middle, and whoever pages would miss what is before."""
    async with house.client("admin") as client:
        ids = await _ids(house, client)
        given = {
            path: (await _get(client, path, ids, limit=1)).json()["next_cursor"]
            for path in ("/v1/teams", "/v1/calls", "/v1/reps")
        }
        assert all(given.values())
        tried = 0
        for path in routes(house, "cursor"):
            for giver, cursor in given.items():
                if giver != path:
                    told = problem(await _get(client, path, ids, cursor=cursor), 422, "validation_failed")
                    assert [error["field"] for error in told["errors"]] == ["cursor"], path
                    tried += 1
    assert tried > 20


async def test_a_search_and_a_list_do_not_take_each_others_cursors(house: House) -> None:
    async with house.client("admin") as client:
        await _ids(house, client)
        plain = (await client.get("/v1/calls", params={"limit": 1})).json()["next_cursor"]
        for query in ({"cursor": plain, "text": "дорого"}, {"cursor": "c2VhcmNoOjE=", "limit": 1}):
            told = problem(await client.get("/v1/calls", params=query), 422, "validation_failed")
            assert [error["field"] for error in told["errors"]] == ["cursor"]


async def test_a_period_that_ends_before_it_begins_is_named_everywhere(house: House) -> None:
    """Never an empty answer, which looks as if nobody had called."""
    async with house.client("admin") as client:
        ids = await _ids(house, client)
        tried = list(routes(house, "from", "to"))
        for path in tried:
            told = problem(await _get(client, path, ids, **BACKWARDS), 422, "validation_failed")
            assert [error["field"] for error in told["errors"]] == ["to"], path
    assert {"/v1/calls", "/v1/kpi", "/v1/reps/{rep_id}/quality", "/v1/agreement", "/v1/audit"} <= set(tried)


async def test_figures_of_a_hundred_years_are_refused_with_the_limit(house: House) -> None:
    """By day they would be a row for every rep and day of a century."""
    async with house.client("admin") as client:
        ids = await _ids(house, client)
        for path in ("/v1/kpi", "/v1/reps/{rep_id}/quality", "/v1/export/kpi.csv", "/v1/export/kpi.xlsx"):
            told = problem(await _get(client, path, ids, **HUNDRED_YEARS), 422, "validation_failed")
            assert [error["field"] for error in told["errors"]] == ["to"], path
            assert "days" in told["errors"][0]["message"]
        for path in routes(house, "from", "to"):
            assert (await _get(client, path, ids, **HUNDRED_YEARS)).status_code < 500


async def test_a_rescore_job_of_a_wrong_period_is_named_too(house: House) -> None:
    async with house.client("admin") as client:
        told = problem(await client.post("/v1/rescore", json=BACKWARDS), 422, "validation_failed")
        assert told["errors"][0]["field"] == "to"


async def test_figures_of_nothing_are_null_and_never_zero_percent(house: House) -> None:
    """Nobody has called at all: every figure says so, in every grouping, and nothing divides by zero."""
    async with house.client("admin") as client:
        for group_by in ("all", "rep", "team", "role", "script", "objection_type", "day", "week", "month", "rep,month"):
            answer = (await client.get("/v1/kpi", params={"group_by": group_by})).json()
            figures = [figure for group in answer["groups"] for figure in group["kpis"]]
            assert bool(figures) == (group_by == "all")
            for figure in figures:
                assert (figure["value"], figure["n"], figure["status"], figure["interval"]) == (None, 0, None, None)
        house.team("North", "n1")
        rep = (await client.get("/v1/reps")).json()["items"][0]["id"]
        quality = (await client.get(f"/v1/reps/{rep}/quality")).json()
        assert {figure["value"] for figure in quality["kpis"]} == {None}
        assert (quality["findings"], quality["trend"]) == ([], [])
        for suffix in ("csv", "xlsx"):
            assert (await client.get(f"/v1/export/kpi.{suffix}")).status_code == 200
            assert (await client.get(f"/v1/export/calls.{suffix}")).status_code == 200


async def test_what_was_erased_is_as_unknown_as_what_never_was(house: House) -> None:
    """Whoever holds the id of an erased call learns the same as with an id that was made up."""
    async with house.client("admin") as client:
        call_id = str(await uploaded(client))
        assert (await client.delete(f"/v1/calls/{call_id}")).status_code in (200, 202, 204)
        for path, methods in house.app.openapi()["paths"].items():
            if path.startswith("/v1/calls/{call_id}") and "get" in methods and path.count("{") == 1:
                erased, unknown = [await client.get(path.replace("{call_id}", one)) for one in (call_id, NOBODY)]
                assert erased.status_code == unknown.status_code == 404, path
                assert erased.json()["code"] == unknown.json()["code"] == "call_not_found"
