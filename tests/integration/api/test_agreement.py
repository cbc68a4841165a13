"""Agreement over HTTP: figures worked out by hand, the unbiased sample alone, and a rule that is told to stop counting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.scoring.gate import Gate
from service.store.recounting import recount
from tests.integration.api import test_reviews
from tests.integration.api.house import House, problem
from tests.integration.api.test_reviews import COMPANY_MET, review, scored
from tests.integration.store.reviewing import RULINGS

pytestmark = pytest.mark.anyio

STOP = {"pack_id": "b2b_sales", "rule": "script/company", "reason": "wrong in 3 of 4"}


async def _rules(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = (await client.get("/v1/agreement", params=query)).json()
    return {rule["rule"]: rule for rule in answer["rules"]}


async def _reviewed(house: House, client: httpx.AsyncClient, decisions: list[list[dict[str, Any]]]) -> list[UUID]:
    calls = []
    for number, decided in enumerate(decisions):
        calls.append(await scored(house, client, external_id=f"c{number}"))
        assert (await review(client, calls[-1], *decided)).status_code == 201
    return calls


async def _not_counted(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """What the key figures say is missing in them."""
    found: list[dict[str, Any]] = (await client.get("/v1/kpi", params=query)).json()["not_counted"]
    return found


async def test_accuracy_and_kappa_by_rule_month_by_month(house_on_both: House) -> None:
    house = house_on_both
    removed = {"kind": "objection_removed", "target": "price", "reason": "это вопрос"}
    added = {
        "kind": "objection_added", "target": "timing", "utterance": 9, "steps": [], "outcome": "neutral", "reason": "позже",
    }  # fmt: skip
    async with house.client("admin") as admin:
        await _reviewed(house, admin, [[COMPANY_MET], [COMPANY_MET, removed], [COMPANY_MET, added]])
        house.clock.now += timedelta(days=40)
        await scored(house, admin, external_id="later")
        later = (await admin.post("/v1/review/next")).json()["item"]["call"]["id"]
        await review(admin, UUID(later))
        rules = await _rules(admin)
        recent = await _rules(admin, **{"from": str(house.clock.now.date())})
    company, price, timing = (rules[name] for name in ("script/company", "objections/price", "objections/timing"))
    assert (company["n"], company["accuracy"]) == (4, 0.25)
    # Wilson's interval for 1 of 4.
    assert company["accuracy_interval"] == pytest.approx([0.0456, 0.6994], abs=1e-4)
    assert [month["n"] for month in company["months"]] == [3, 1]
    assert company["differing"] == [{"machine": "missed", "people": "met", "n": 3}]
    assert (price["n"], price["accuracy"]) == (4, 0.75)
    # The machine found no timing in four calls, people found one.
    assert (timing["n"], timing["accuracy"], timing["kappa"]) == (4, 0.75, 0.0)
    assert (rules["script/greeting"]["accuracy"], rules["script/greeting"]["kappa"]) == (1.0, None)
    assert rules["handled"]["n"] == 7
    assert recent["script/company"]["n"] == 1


async def test_only_the_random_sample_measures_without_bias(house: House) -> None:
    async with house.client("admin") as admin:
        await _reviewed(house, admin, [[COMPANY_MET]] * 6)
        assert (await _rules(admin))["script/company"]["n"] == 6
        assert (await _rules(admin, sample_only=True)).get("script/company", {"n": 0})["n"] < 6
    everything = House(house.database, house.audio, house.settings.model_copy(update={"review_sample_share": 1.0}))
    async with everything.client("qa_lead") as lead:
        assert (await _rules(lead, sample_only=True))["script/company"]["n"] == 6


async def test_a_rule_below_the_gate_is_shown_and_can_be_told_to_stop_counting(
    house_on_both: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_on_both
    monkeypatch.setattr(test_reviews, "RULINGS", __import__("dataclasses").replace(RULINGS, gate=Gate(0.8, 3)))
    async with house.client("admin") as admin, house.client("qa_lead") as lead:
        calls = await _reviewed(house, admin, [[COMPANY_MET], [COMPANY_MET], [COMPANY_MET], []])
        unreviewed = await scored(house, admin, external_id="unreviewed")
        rules = await _rules(lead)
        assert (rules["script/company"]["gate"], rules["script/greeting"]["gate"]) == ("failed", "passed")
        assert (await lead.post("/v1/rule-switches", json=STOP)).status_code == 201
        problem(await lead.post("/v1/rule-switches", json=STOP), 409, "name_taken")
        assert (await _rules(lead))["script/company"]["counted"] is False
        (told,) = await _not_counted(lead)
        assert (told["rule"], told["kpis"], told["recounted"]) == ("script/company", ["script_adherence"], False)
        assert recount(house.database, now=house.clock, go_on=lambda: True) > 0
        for call_id in (calls[0], unreviewed):
            shown = (await lead.get(f"/v1/calls/{call_id}/review")).json()
            assert shown["not_counted"] == ["script/company"]
            assert [item["status"] for item in shown["effective"]["items"]] == ["met", "not_counted", "partial"]
        with house.database.read() as tx:
            assert tx.rollup.verify() == ()
        (told,) = await _not_counted(lead)
        assert told["recounted"] is True
        assert set(told["title"]) == {"ru", "en"}
        assert await _not_counted(lead, script="account_renewal") == []
        rep = (await lead.get("/v1/reps")).json()["items"][0]["id"]
        assert (await lead.get(f"/v1/reps/{rep}/quality")).json()["not_counted"] == [told]
        assert (await _rules(lead))["script/company"]["n"] == 4
        resumed = await lead.post("/v1/rule-switches/resume", json=STOP | {"reason": "mended"})
        assert (resumed.json()["ended_at"] is not None, resumed.json()["end_reason"]) == (True, "mended")
        recount(house.database, now=house.clock, go_on=lambda: True)
        shown = (await lead.get(f"/v1/calls/{calls[0]}/review")).json()
        switches = (await lead.get("/v1/rule-switches")).json()["items"]
        assert await _not_counted(lead) == []
    assert [item["status"] for item in shown["effective"]["items"]] == ["met", "met", "partial"]
    assert [(switch["rule"], switch["recounted"]) for switch in switches] == [("script/company", True)]
    with house.database.read() as tx:
        assert tx.rollup.verify() == ()


async def test_what_is_wrong_with_a_switch_or_a_query_is_told(house: House) -> None:
    async with house.client("admin") as admin:
        for change, field in (
            ({"pack_id": "nothing"}, "pack_id"),
            ({"rule": "company"}, "rule"),
            ({"reason": ""}, "reason"),
        ):
            told = problem(await admin.post("/v1/rule-switches", json=STOP | change), 422, "validation_failed")
            assert told["errors"][0]["field"] == field
        problem(await admin.post("/v1/rule-switches/resume", json=STOP), 404, "rule_not_found")
        query = {"from": "2025-02-01", "to": "2025-01-01"}
        problem(await admin.get("/v1/agreement", params=query), 422, "validation_failed")
        assert (await admin.get("/v1/agreement")).json()["rules"] == []
