"""Key figures over HTTP: right, by group and period, and honest where there is nothing."""

from __future__ import annotations

from dataclasses import replace
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
        ({"group_by": "rep,rep"}, "group_by"),
        ({"group_by": "all,rep"}, "group_by"),
        ({"rules": "yesterday"}, "rules"),
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


async def test_figures_by_any_combination(house_on_both: House) -> None:
    """A manager asks who lost what in which month, over which objection."""
    house = house_on_both
    house.team("North", "n1", "n2")
    async with house.client("admin") as client:
        house.clock.forward(days=-20)  # 3 November, a Monday
        await scored(house, client, "1", "n1", 5.0, 1.0)
        house.clock.forward(days=6)
        await scored(house, client, "2", "n1", 4.0)
        house.clock.forward(days=24)
        await scored(house, client, "3", "n2", 2.0)

        async def handled(group_by: str, **query: str) -> dict[str, tuple[float, int]]:
            found = await figures(client, group_by=group_by, **query)
            return {g: (k["objections_handled"]["value"], k["objections_handled"]["n"]) for g, k in found.items()}

        assert await handled("month") == {"2025-11-01": (pytest.approx(2 / 3), 3), "2025-12-01": (0.0, 1)}
        assert await handled("week") == {"2025-11-03": (pytest.approx(2 / 3), 3), "2025-12-01": (0.0, 1)}
        assert await handled("rep,month") == {"n1/2025-11-01": (pytest.approx(2 / 3), 3), "n2/2025-12-01": (0.0, 1)}
        assert await handled("day", rep="n1") == {"2025-11-03": (0.5, 2), "2025-11-09": (1.0, 1)}
        assert await handled("team,objection_type") == {"North/price": (0.5, 4)}
        assert await handled("role,script", objection_type="price") == {"sdr/b2b_sales": (0.5, 4)}
        assert await handled("rep", objection_type="timing") == {}
        answer = (await client.get("/v1/kpi", params={"group_by": ["team", "month"]})).json()
    assert answer["dimensions"] == ["team", "month"]
    assert answer["time_zone"] == "UTC"
    assert answer["groups"][0]["keys"] == {"team": "North", "month": "2025-11-01"}
    assert answer["groups"][0]["titles"]["month"]["ru"] == "2025-11-01"


async def test_by_objection_type_there_are_the_figures_of_objections(house: House) -> None:
    async with house.client("admin") as client:
        await scored(house, client, "1", "r", 5.0, 1.0)
        await uploaded(client, external_id="2", rep="r")
        answer = (await client.get("/v1/kpi", params={"group_by": "objection_type"})).json()
    (group,) = answer["groups"]
    assert {kpi["id"] for kpi in group["kpis"]} == {"argumentation", "objections_handled"}
    assert group["calls"] == {"received": None, "scored": 1}
    assert group["titles"]["objection_type"] == {"ru": "Цена", "en": "Price"}


async def test_a_rank_needs_intervals_that_do_not_touch(house: House) -> None:
    """Two perfect calls are no first place."""
    async with house.client("admin") as client:
        for number in range(20):
            await scored(house, client, f"good-{number}", "good", 5.0, 4.5)
            await scored(house, client, f"bad-{number}", "bad", 1.0, 0.5)
        await scored(house, client, "new", "new", 5.0)
        found = await figures(client, group_by="rep")
    handled = {rep: kpis["objections_handled"] for rep, kpis in found.items()}
    assert (handled["bad"]["rank"], handled["bad"]["rank_between"]) == (3, [3, 3])
    assert (handled["good"]["rank"], handled["good"]["rank_between"]) == (None, [1, 2])
    assert handled["new"]["rank"] is None
    assert found["new"]["argumentation"]["rank_between"] is None


async def test_a_series_marks_where_the_rules_changed(house: House) -> None:
    async with house.client("admin") as client:
        for day, version in enumerate(("0.9.0", "0.9.0", "1.0.0")):
            call_id = await uploaded(client, external_id=str(day), rep="r")
            house.transcribe(call_id)
            house.score(call_id, replace(scorecard_with(5.0), pack_version=version))
            house.clock.forward(days=1)
        await uploaded(client, external_id="waiting", rep="r")
        series = (await client.get("/v1/kpi", params={"group_by": "day"})).json()
        today = (await client.get("/v1/kpi", params={"group_by": "all", "rules": "today"})).json()
    assert series["marks"] == [{"day": "2025-11-25", "script": "b2b_sales", "language": "ru", "version": "1.0.0"}]
    assert [(span["version"], span["calls"]) for span in series["rules_spans"]] == [("0.9.0", 2), ("1.0.0", 1)]
    (group,) = today["groups"]
    assert group["calls"] == {"received": 4, "scored": 1}
    assert {kpi["id"]: kpi["n"] for kpi in group["kpis"]}["objections_handled"] == 1


async def test_a_series_of_everything_is_refused_before_it_floods_the_page(house: House) -> None:
    async with house.client("admin") as client:
        answer = await client.get("/v1/kpi", params={"group_by": "rep,team,role,script,day"})
        body = problem(answer, 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == ["group_by"]
