"""Key figures over HTTP: right, by group and period, and honest where there is nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api.house import House, problem, scorecard_with, uploaded

pytestmark = pytest.mark.anyio


async def figures(client: httpx.AsyncClient, **query: str) -> dict[str, dict[str, Any]]:
    """KPIs by id, for each group."""
    answer = await client.get("/v1/kpi", params={name.rstrip("_"): value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return {group["group"]: {kpi["id"]: kpi for kpi in group["kpis"]} for group in answer.json()["groups"]}


async def scored(house: House, client: httpx.AsyncClient, name: str, rep: str, *points: float) -> None:
    call_id = await uploaded(client, external_id=name, rep=rep)
    house.transcribe(call_id)
    house.score(call_id, scorecard_with(*points))


async def test_figures_by_rep_by_team_and_of_all(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1", "n2")
    async with house.client("admin") as client:
        await scored(house, client, "1", "n1", 5.0, 4.0)
        await scored(house, client, "2", "n1", 3.0)
        await scored(house, client, "3", "n2", 1.0)
        await uploaded(client, external_id="4", rep="loner")
        by_rep = await figures(client, group_by="rep")
        by_team = await figures(client, group_by="team")
        of_all = await figures(client, group_by="all")
    assert set(by_rep) == {"n1", "n2", "loner"}
    assert by_rep["n1"]["argumentation"]["value"] == pytest.approx(4.0)
    assert by_rep["n1"]["argumentation"]["n"] == 3
    assert by_rep["n1"]["objections_handled"]["value"] == 1.0
    assert by_rep["n2"]["objections_handled"]["value"] == 0.0
    assert by_rep["n1"]["script_adherence"]["value"] == pytest.approx(0.75)
    assert set(by_team) == {"North", ""}
    assert by_team["North"]["argumentation"]["value"] == pytest.approx(13 / 4)
    assert of_all["all"]["coverage"]["value"] == pytest.approx(3 / 4)
    assert of_all["all"]["objections_handled"]["value"] == pytest.approx(3 / 4)
    low, high = of_all["all"]["objections_handled"]["interval"]
    assert low < 3 / 4 < high
    assert of_all["all"]["argumentation"]["title"]["ru"]


async def test_a_rep_without_scores_has_no_value_instead_of_zero(house: House) -> None:
    async with house.client("admin") as client:
        await uploaded(client)
        found = (await figures(client))["r-17"]
        nobody = await figures(client, group_by="all", rep="nobody")
    for kpi in (found["argumentation"], nobody["all"]["argumentation"]):
        assert (kpi["value"], kpi["n"], kpi["status"], kpi["interval"]) == (None, 0, None, None)


async def test_a_period_is_compared_with_the_one_before(house: House) -> None:
    async with house.client("admin") as client:
        house.clock.forward(days=-10)
        await scored(house, client, "old", "r", 2.0)
        house.clock.forward(days=10)
        await scored(house, client, "new", "r", 5.0)
        answer = (await client.get("/v1/kpi", params={"from": "2025-11-14", "to": "2025-11-23"})).json()
        assert (answer["from"], answer["to"]) == ("2025-11-14", "2025-11-23")
        assert (answer["previous_from"], answer["previous_to"]) == ("2025-11-04", "2025-11-13")
        kpi = next(kpi for kpi in answer["groups"][0]["kpis"] if kpi["id"] == "argumentation")
        assert (kpi["value"], kpi["previous"]) == (5.0, 2.0)
        open_end = (await client.get("/v1/kpi", params={"from": "2025-11-14"})).json()
        assert open_end["previous_from"] == "2025-11-04", "without an end the period reaches until today"
        whole = (await client.get("/v1/kpi")).json()
    assert whole["previous_from"] is None
    assert all(kpi["previous"] is None for kpi in whole["groups"][0]["kpis"])


async def test_figures_can_be_narrowed_by_rep_team_and_role(house: House) -> None:
    house.team("North", "n1")
    async with house.client("admin") as client:
        await scored(house, client, "1", "n1", 4.0)
        await scored(house, client, "2", "other", 1.0)
        assert set(await figures(client, rep="other")) == {"other"}
        assert set(await figures(client, team="North")) == {"n1"}
        assert set(await figures(client, role="sdr")) == {"n1"}
        assert set(await figures(client, role="account_manager")) == set()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"group_by": "moon"}, "group_by"),
        ({"from": "today"}, "from"),
        ({"from": "2025-11-23T00:00:00Z"}, "from"),
        ({"from": "2025-11-24", "to": "2025-11-23"}, "to"),
        ({"from": "2000-01-01", "to": "2025-11-23"}, "to"),
        ({"to": "9999-12-31"}, "to"),
        ({"role": "boss"}, "role"),
        ({"groupby": "rep"}, "groupby"),
    ],
)
async def test_a_bad_period_or_group_is_named(house: House, query: dict[str, str], field: str) -> None:
    async with house.client("admin") as client:
        body = problem(await client.get("/v1/kpi", params=query), 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == [field]


async def test_a_period_that_begins_in_the_future_has_no_figures(house: House) -> None:
    async with house.client("admin") as client:
        await scored(house, client, "1", "r", 4.0)
        begin = (house.clock.now + timedelta(days=5)).date().isoformat()
        assert await figures(client, from_=begin) == {}
