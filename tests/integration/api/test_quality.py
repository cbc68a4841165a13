"""How one rep does and why: the numbers of a finding are those that somebody gets who counts the calls by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.scoring.results import ItemResult, Scorecard
from tests.integration.api.house import House, problem, scorecard_with, uploaded

pytestmark = pytest.mark.anyio


def item(name: str, points: float, weight: float = 1.0) -> ItemResult:
    return ItemResult(
        id=name,
        title={"ru": name, "en": name},
        status="met" if points == 1.0 else "missed",
        points=points,
        weight=weight,
        critical=False,
        reason={"ru": "", "en": ""},
        evidence=(),
    )


def scorecard(objections: dict[str, tuple[int, int]], items: dict[str, float]) -> Scorecard:
    """Objections by type: handled (5 points) and not (1 point). Items by name: points, each of weight 1."""
    plain = scorecard_with(*(5.0 for good, _ in objections.values() for _ in range(good)))
    (one,) = plain.objections[:1] or scorecard_with(5.0).objections
    ledger = [
        replace(one, id=f"{kind}-{number}", type=kind, handled=number < good, points=5.0 if number < good else 1.0)
        for kind, (good, bad) in objections.items()
        for number in range(good + bad)
    ]
    return replace(
        plain,
        items=tuple(item(name, points) for name, points in items.items()),
        adherence_points=sum(items.values()),
        adherence_weight=float(len(items)),
        objections=tuple(ledger),
    )


async def scored(house: House, client: httpx.AsyncClient, name: str, rep: str, card: Scorecard) -> UUID:
    call_id = await uploaded(client, external_id=name, rep=rep)
    house.transcribe(call_id)
    house.score(call_id, card)
    return call_id


async def rep_id(client: httpx.AsyncClient, external_id: str) -> str:
    reps = (await client.get("/v1/reps")).json()["items"]
    return next(str(rep["id"]) for rep in reps if rep["external_id"] == external_id)


async def quality(client: httpx.AsyncClient, external_id: str, **query: str) -> dict[str, Any]:
    address = f"/v1/reps/{await rep_id(client, external_id)}/quality"
    answer = await client.get(address, params={name.rstrip("_"): value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_findings_say_what_pulls_a_figure_down_and_by_how_much(house_on_both: House) -> None:
    """Anna handles 6 of 20 price objections and 9 of 10 about timing: 15 of 30. Her team handles 15 of 20 and 8 of 10."""
    house = house_on_both
    house.team("North", "anna", "boris")
    async with house.client("admin") as client:
        house.clock.forward(days=-40)
        await scored(house, client, "past", "anna", scorecard({"price": (8, 2)}, {"greeting": 1.0}))
        house.clock.forward(days=40)
        own = await scored(
            house,
            client,
            "now",
            "anna",
            scorecard({"price": (6, 14), "timing": (9, 1)}, {"greeting": 0.0, "closing": 1.0}),
        )
        good = await scored(
            house,
            client,
            "team",
            "boris",
            scorecard({"price": (15, 5), "timing": (8, 2)}, {"greeting": 1.0, "closing": 1.0}),
        )
        await scored(house, client, "other", "stranger", scorecard({"price": (0, 30)}, {"greeting": 0.0}))
        found = await quality(client, "anna", from_="2025-11-01", to="2025-11-23")
    assert found["compared_with"] == {"team": "North", "reps": 1}
    figures = {kpi["id"]: kpi for kpi in found["kpis"]}
    assert (figures["objections_handled"]["value"], figures["objections_handled"]["previous"]) == (0.5, 0.8)
    assert figures["objections_handled"]["status"] == "missed"
    worst = next(f for f in found["findings"] if f["kpi"] == "objections_handled")
    assert (worst["kind"], worst["id"], worst["title"]["ru"]) == ("objection", "price", "Цена")
    assert worst["value"] == pytest.approx(6 / 20)
    assert worst["share"] == pytest.approx(20 / 30)
    assert worst["lost"] == pytest.approx(14 / 30)
    assert worst["team"]["pull"] == pytest.approx(20 / 30 * (6 / 20 - 15 / 20))
    assert worst["past"]["pull"] == pytest.approx(20 / 30 * (6 / 20 - 8 / 10))
    assert (worst["team"]["sure"], worst["past"]["sure"]) == (True, True)
    assert [call["call_id"] for call in worst["calls"]] == [str(own)]
    assert [call["call_id"] for call in worst["done_well"]] == [str(good)]
    assert worst["sentence"]["en"] == (
        "Price: 30% (n = 20), costs 46.7 points of objections handled; the team 75% (−30.0 points); before 80% (−33.3 points)."
    )
    assert "возражений: 20" in worst["sentence"]["ru"]
    assert "46,7" in worst["sentence"]["ru"]
    parts = next(w for w in found["why"] if (w["kpi"], w["against"]) == ("objections_handled", "team"))
    assert parts["by_parts"] + parts["by_mix"] == pytest.approx(parts["own"] - parts["other"])
    assert parts["by_parts"] == pytest.approx(20 / 30 * (0.3 - 0.75) + 10 / 30 * (0.9 - 0.8))
    script = next(f for f in found["findings"] if f["kpi"] == "script_adherence")
    assert (script["id"], script["lost"], script["team"]["pull"]) == ("greeting", 0.5, -0.5)
    assert [part["id"] for part in found["weakest_items"]] == ["greeting", "closing"]
    assert [part["id"] for part in found["weakest_objection_types"]] == ["price", "timing"]


async def test_without_a_past_and_without_a_team_nothing_is_compared(house: House) -> None:
    async with house.client("admin") as client:
        await scored(house, client, "1", "loner", scorecard({"price": (0, 3)}, {"greeting": 0.0}))
        found = await quality(client, "loner")
    assert found["compared_with"] == {"team": None, "reps": 0}
    assert all(finding["past"] is None and finding["team"] is None for finding in found["findings"])
    assert {finding["id"] for finding in found["findings"]} == {"price", "greeting"}
    assert all(kpi["value"] is None for kpi in found["team_kpis"])


async def test_a_rep_without_calls_has_no_figures_and_no_findings(house: House) -> None:
    house.team("North", "new")
    async with house.client("admin") as client:
        found = await quality(client, "new")
    assert all((kpi["value"], kpi["n"]) == (None, 0) for kpi in found["kpis"])
    assert (found["findings"], found["trend"], found["why"]) == ([], [], [])


async def test_the_trend_has_points_and_marks(house: House) -> None:
    async with house.client("admin") as client:
        for number, version in enumerate(("1", "2")):
            card = replace(scorecard({"price": (number, 1 - number)}, {}), pack_version=version)
            await scored(house, client, str(number), "r", card)
            house.clock.forward(days=7)
        found = await quality(client, "r")
    assert found["trend_by"] == "week"
    handled = [next(kpi for kpi in point["kpis"] if kpi["id"] == "objections_handled") for point in found["trend"]]
    assert [kpi["value"] for kpi in handled] == [0.0, 1.0]
    assert [mark["version"] for mark in found["marks"]] == ["2"]


async def test_a_rep_of_another_team_is_not_there(house: House) -> None:
    house.team("North", "n1")
    house.team("South", "s1")
    async with house.client("admin") as admin:
        theirs, unknown = await rep_id(admin, "s1"), "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
    async with house.client("manager", team="North") as client:
        assert (await quality(client, "n1"))["rep"]["external_id"] == "n1"
        for other in (theirs, unknown):
            problem(await client.get(f"/v1/reps/{other}/quality"), 404, "rep_not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2025-11-24", "to": "2025-11-23"}, "to"),
        ({"from": "1900-01-01"}, "from"),
        ({"group_by": "rep"}, "group_by"),
    ],
)
async def test_a_bad_period_is_named(house: House, query: dict[str, str], field: str) -> None:
    house.team("North", "n1")
    async with house.client("admin") as client:
        answer = await client.get(f"/v1/reps/{await rep_id(client, 'n1')}/quality", params=query)
        body = problem(answer, 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == [field]


async def test_a_rep_sees_itself_its_teams_figures_and_no_colleagues_call(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "anna", "boris")
    async with house.client("admin") as admin:
        await scored(house, admin, "1", "anna", scorecard({"price": (1, 9)}, {}))
        await scored(house, admin, "2", "boris", scorecard({"price": (9, 1)}, {}))
        theirs = await rep_id(admin, "boris")
    async with house.visitor(house.user("rep", rep="anna")) as client:
        found = await quality(client, "anna")
        problem(await client.get(f"/v1/reps/{theirs}/quality"), 404, "rep_not_found")
        groups = (await client.get("/v1/kpi", params={"group_by": "rep"})).json()["groups"]
        others = (await client.get("/v1/kpi", params={"group_by": "rep", "rep": "boris"})).json()["groups"]
    assert found["findings"][0]["team"]["value"] is not None
    assert [call["rep"] for finding in found["findings"] for call in finding["calls"]]
    assert all(finding["done_well"] == [] for finding in found["findings"])
    assert [group["group"] for group in groups] == ["anna"]
    assert others == []
