"""Keeping and forgetting over HTTP: who was erased is found nowhere, in no log either; what is left still answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.traces import in_files, in_tables
from tests.integration.api.house import House, problem, upload, uploaded
from tests.integration.api.test_disputes import DISPUTE
from tests.integration.api.test_reviews import COMPANY_MET, review, scored

pytestmark = pytest.mark.anyio

ENTERED = {
    "source": "pbx-kingfisher",
    "external_id": "kingfisher-1",
    "customer_ref": "crm-kingfisher",
    "rep": "rep-kingfisher",
    "metadata": '{"note": "kingfisher"}',
}


async def test_an_erased_call_is_gone_for_everybody_and_from_everything(
    house_on_both: House, database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.client("qa_lead") as lead:
        admin.headers["Idempotency-Key"] = "kingfisher"
        call_id = await scored(house, admin, **ENTERED)
        del admin.headers["Idempotency-Key"]
        await review(lead, call_id, COMPANY_MET | {"reason": "kingfisher-reason"}, comment="kingfisher-comment")
        before = (await admin.get("/v1/kpi")).json()["groups"][0]["kpis"]
        assert (await admin.delete(f"/v1/calls/{call_id}")).status_code == 204
        problem(await admin.delete(f"/v1/calls/{call_id}"), 404, "call_not_found")
        for path in ("", "/audio", "/transcript", "/transcript.vtt", "/scorecard", "/scorecards", "/review"):
            problem(await admin.get(f"/v1/calls/{call_id}{path}"), 404, "call_not_found")
        for path in ("/retry", "/rescore", "/disputes", "/reviews"):
            answer = await (lead if path != "/disputes" else admin).post(f"/v1/calls/{call_id}{path}", json={})
            assert answer.status_code in (403, 404, 422), path
        assert (await admin.get("/v1/calls")).json()["items"] == []
        assert (await lead.get("/v1/review/queue")).json()["items"] == []
        receipt = (await admin.post("/v1/erasures", json={"rep": ENTERED["rep"]})).json()
        after = (await admin.get("/v1/kpi")).json()["groups"][0]["kpis"]
    assert receipt["calls"] == 0
    assert [figure["value"] for figure in after] == [figure["value"] for figure in before]
    with house.database.read() as tx:
        assert tx.rollup.verify() == ()
    assert in_tables(database_url, ("kingfisher",)) == []
    assert in_files(tmp_path, ("kingfisher",)) == []
    assert "kingfisher" not in "".join(capfd.readouterr())


async def test_all_calls_of_a_customer_go_and_the_audit_log_says_so_without_a_name(house: House) -> None:
    async with house.client("admin") as admin:
        for number in range(3):
            await uploaded(admin, **ENTERED | {"external_id": f"k{number}"})
        other = await uploaded(admin, external_id="other")
        receipt = (await admin.post("/v1/erasures", json={"customer_ref": ENTERED["customer_ref"]})).json()
        assert receipt["calls"] == 3
        assert [call["id"] for call in (await admin.get("/v1/calls")).json()["items"]] == [str(other)]
        assert (await admin.post("/v1/erasures", json={"customer_ref": ENTERED["customer_ref"]})).json()["calls"] == 0
        log = (await admin.get("/v1/audit")).json()["items"]
    entries = [entry for entry in log if entry["action"] == "customer.erase"]
    assert entries[-1]["subject"] == f"erasure:{receipt['id']}"
    assert "kingfisher" not in str(log)
    assert len(house.objects()) == 1


async def test_the_same_upload_after_an_erasure_is_a_new_call(house: House) -> None:
    async with house.client("admin") as admin:
        first = await uploaded(admin, **ENTERED)
        await admin.delete(f"/v1/calls/{first}")
        assert (await upload(admin, **ENTERED)).status_code == 202


async def test_who_asks_for_what_was_forgotten_is_told_when_it_was(house: House) -> None:
    async with house.client("admin") as admin:
        call_id = await scored(house, admin)
        with house.database.transaction() as tx:
            tx.erasure.erase_audio(call_id, now=house.clock.now)
            tx.erasure.erase_text(call_id, now=house.clock.now)
        assert "2025-11-23" in problem(await admin.get(f"/v1/calls/{call_id}/audio"), 410, "audio_erased")["detail"]
        for suffix in ("", ".txt", ".vtt"):
            problem(await admin.get(f"/v1/calls/{call_id}/transcript{suffix}"), 410, "text_erased")
        call = (await admin.get(f"/v1/calls/{call_id}")).json()
        scorecard = (await admin.get(f"/v1/calls/{call_id}/scorecard")).json()
        problem(await admin.post(f"/v1/calls/{call_id}/rescore"), 409, "call_state_wrong")
        assert (await review(admin, call_id, COMPANY_MET)).status_code == 201
    assert call["audio_erased_at"] == call["text_erased_at"] == "2025-11-23T12:00:00Z"
    assert [one["status"] for one in scorecard["items"]] == ["met", "missed", "partial"]


async def test_retention_is_set_by_team_and_for_the_house(house: House) -> None:
    house.team("North")
    async with house.client("admin") as admin:
        for change in (
            {"what": "audio", "days": 90},
            {"what": "audio", "days": 30, "team": "North"},
            {"what": "text", "days": 365},
        ):
            assert (await admin.put("/v1/retention", json=change)).status_code == 200
        await admin.put("/v1/retention", json={"what": "text", "days": None})
        rules = (await admin.get("/v1/retention")).json()["items"]
    assert [(rule["team"], rule["what"], rule["days"]) for rule in rules] == [
        (None, "audio", 90),
        ("North", "audio", 30),
    ]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/retention", {"what": "audio", "days": 0}, "days"),
        ("/v1/retention", {"what": "audio", "days": 36501}, "days"),
        ("/v1/retention", {"what": "audio", "days": 1.5}, "days"),
        ("/v1/retention", {"what": "audio"}, "days"),
        ("/v1/retention", {"what": "video", "days": 1}, "what"),
        ("/v1/retention", {"what": "audio", "days": 1, "team": "Nowhere"}, "team"),
        ("/v1/erasures", {}, "body"),
        ("/v1/erasures", {"customer_ref": "a", "rep": "b"}, "body"),
        ("/v1/erasures", {"customer_ref": ""}, "customer_ref"),
        ("/v1/erasures", {"rep": "nobody"}, "rep"),
    ],
)
async def test_what_is_wrong_with_a_request_is_named(house: House, path: str, body: dict[str, Any], field: str) -> None:
    async with house.client("admin") as admin:
        answer = await admin.request("put" if path == "/v1/retention" else "post", path, json=body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_a_dispute_of_an_erased_call_cannot_be_decided(house: House) -> None:
    async with house.client("admin") as admin, house.client("manager") as manager:
        call_id = await scored(house, admin)
        dispute = (await manager.post(f"/v1/calls/{call_id}/disputes", json=DISPUTE)).json()["id"]
        await admin.delete(f"/v1/calls/{call_id}")
        decision = {"uphold": True, "answer": "да"}
        problem(await admin.post(f"/v1/disputes/{dispute}/decision", json=decision), 404, "dispute_not_found")
