"""Who may do what: every route, every role, and what a key of one team or an uploader's key sees."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

import httpx
import pytest

from service.api.access import ACCESS
from service.store.records import KeyRole
from tests.integration.api.house import House, problem, upload, uploaded

pytestmark = pytest.mark.anyio

ROLES: tuple[KeyRole, ...] = get_args(KeyRole)
UPLOADER, READER, MANAGER, QA_LEAD, ADMIN = ROLES
NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
#: The table of the documentation, written down a second time on purpose: a change of access needs two hands.
EXPECTED: dict[str, tuple[KeyRole, ...]] = {
    "upload_call": (UPLOADER, ADMIN),
    "get_call": ROLES,
    "list_calls": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_audio": (READER, MANAGER, QA_LEAD, ADMIN),
    "head_audio": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_transcript": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_transcript_vtt": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_transcript_txt": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_scorecard": (READER, MANAGER, QA_LEAD, ADMIN),
    "list_scorecards": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_earlier_scorecard": (READER, MANAGER, QA_LEAD, ADMIN),
    "retry_call": (QA_LEAD, ADMIN),
    "rescore_call": (QA_LEAD, ADMIN),
    "get_review": (READER, MANAGER, QA_LEAD, ADMIN),
    "create_review": (QA_LEAD, ADMIN),
    "list_review_queue": (QA_LEAD, ADMIN),
    "claim_next_review": (QA_LEAD, ADMIN),
    "claim_call": (QA_LEAD, ADMIN),
    "release_call": (QA_LEAD, ADMIN),
    "create_dispute": (MANAGER,),
    "list_disputes": (MANAGER, QA_LEAD, ADMIN),
    "decide_dispute": (QA_LEAD, ADMIN),
    "create_calibration": (QA_LEAD, ADMIN),
    "list_calibrations": (QA_LEAD, ADMIN),
    "get_calibration": (QA_LEAD, ADMIN),
    "get_calibration_form": (QA_LEAD, ADMIN),
    "hand_in_calibration_sheet": (QA_LEAD, ADMIN),
    "close_calibration": (QA_LEAD, ADMIN),
    "get_calibration_agreement": (QA_LEAD, ADMIN),
    "get_agreement": (QA_LEAD, ADMIN),
    "list_rule_switches": (QA_LEAD, ADMIN),
    "stop_rule": (QA_LEAD, ADMIN),
    "resume_rule": (QA_LEAD, ADMIN),
    "get_kpi": (MANAGER, QA_LEAD, ADMIN),
    "get_rep_quality": (MANAGER, QA_LEAD, ADMIN),
    "export_calls_csv": (MANAGER, QA_LEAD, ADMIN),
    "export_calls_xlsx": (MANAGER, QA_LEAD, ADMIN),
    "export_kpi_csv": (MANAGER, QA_LEAD, ADMIN),
    "export_kpi_xlsx": (MANAGER, QA_LEAD, ADMIN),
    "list_reps": (READER, MANAGER, QA_LEAD, ADMIN),
    "create_rep": (ADMIN,),
    "update_rep": (ADMIN,),
    "list_teams": (READER, MANAGER, QA_LEAD, ADMIN),
    "create_team": (ADMIN,),
    "update_team": (ADMIN,),
    "list_keys": (ADMIN,),
    "create_key": (ADMIN,),
    "revoke_key": (ADMIN,),
    "list_users": (ADMIN,),
    "create_user": (ADMIN,),
    "get_user": (ADMIN,),
    "update_user": (ADMIN,),
    "reset_password": (ADMIN,),
    "list_audit": (ADMIN,),
    "update_own_profile": (MANAGER, QA_LEAD, ADMIN),
    "list_webhooks": (ADMIN,),
    "create_webhook": (ADMIN,),
    "get_webhook": (ADMIN,),
    "update_webhook": (ADMIN,),
    "delete_webhook": (ADMIN,),
    "renew_webhook_secret": (ADMIN,),
    "list_deliveries": (ADMIN,),
    "redeliver": (ADMIN,),
    "ping_webhook": (ADMIN,),
    "list_packs": (READER, MANAGER, QA_LEAD, ADMIN),
    "get_pack": (READER, MANAGER, QA_LEAD, ADMIN),
    "start_rescore": (ADMIN,),
    "list_rescores": (ADMIN,),
    "get_rescore": (ADMIN,),
    "pause_rescore": (ADMIN,),
    "resume_rescore": (ADMIN,),
    "cancel_rescore": (ADMIN,),
    "get_session": ROLES,
    "end_session": ROLES,
    "change_own_password": (MANAGER, QA_LEAD, ADMIN),
}
OPEN = {"healthz", "readyz", "metrics", "start_session"}


def operations(house: House) -> dict[str, tuple[str, str]]:
    """Method and an address of every operation there is."""
    found: dict[str, tuple[str, str]] = {}
    for path, methods in house.app.openapi()["paths"].items():
        address = path
        for name in ("call_id", "scorecard_id", "rep_id", "team_id", "key_id", "user_id", "job_id", "webhook_id", "delivery_id", "dispute_id", "calibration_id"):
            address = address.replace(f"{{{name}}}", NOBODY)
        found |= {operation["operationId"]: (method, address) for method, operation in methods.items()}
    return found


async def test_every_route_has_a_line_in_the_table_and_in_this_test(house: House) -> None:
    assert set(operations(house)) == set(EXPECTED) | OPEN
    assert set(ACCESS) == set(EXPECTED)


async def test_every_route_with_every_role(house_on_both: House) -> None:
    house = house_on_both
    wrong: list[str] = []
    for role in ROLES:
        async with house.client(role) as client:
            for name, (method, address) in operations(house).items():
                if name in OPEN:
                    continue
                answer = await client.request(method, address)
                refused = answer.status_code == 403
                if refused != (role not in EXPECTED[name]) or answer.status_code in (401, 500):
                    wrong.append(f"{role} {name}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key_missing"),
        ({"Authorization": "Basic dTpw"}, "key_missing"),
        ({"Authorization": "Bearer "}, "key_missing"),
        ({"Authorization": "Bearer cs_00000000_nobody"}, "key_invalid"),
        ({"Authorization": "Bearer " + "x" * 5000}, "key_invalid"),
        ({"Authorization": "Bearer kéy".encode("latin-1")}, "key_invalid"),
    ],
    ids=["none", "basic", "blank", "unknown", "long", "not ascii"],
)
async def test_every_route_asks_for_a_key_before_anything_else(
    house: House, headers: dict[str, Any], code: str
) -> None:
    async with house.client(None) as client:
        for name, (method, address) in operations(house).items():
            if name not in OPEN:
                answer = await client.request(
                    method, address, headers=headers, content=b"{" if method != "get" else b""
                )
                assert answer.status_code == 401, f"{name} answered {answer.status_code}"
                assert answer.headers["www-authenticate"].startswith("Bearer")
                if method != "head":
                    problem(answer, 401, code)


async def test_a_revoked_key_is_refused_at_once(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.client("reader") as reader:
        assert (await reader.get("/v1/calls")).status_code == 200
        keys = (await admin.get("/v1/api-keys")).json()["items"]
        reading = next(key for key in keys if key["role"] == "reader")
        assert (await admin.delete(f"/v1/api-keys/{reading['id']}")).json()["revoked_at"] is not None
        problem(await reader.get("/v1/calls"), 401, "key_invalid")


async def test_an_uploader_sees_its_own_calls_only_and_no_scores(house: House) -> None:
    async with house.client("uploader") as pbx, house.client("uploader") as other, house.client("reader") as reader:
        call_id = await uploaded(pbx)
        house.transcribe(call_id)
        house.score(call_id)
        own = (await pbx.get(f"/v1/calls/{call_id}")).json()
        assert (own["status"], own["scores"]) == ("scored", None)
        problem(await other.get(f"/v1/calls/{call_id}"), 404, "call_not_found")
        seen = (await reader.get(f"/v1/calls/{call_id}")).json()
    assert seen["scores"]["objections_total"] == 2


async def test_a_foreign_call_and_a_missing_one_cannot_be_told_apart(house: House) -> None:
    house.team("North", "n1")
    house.team("South", "s1")
    async with house.client("uploader") as pbx, house.client("qa_lead", team="South") as south:
        call_id = await uploaded(pbx, rep="n1")
        house.transcribe(call_id)
        house.score(call_id)
        for path, method in {
            "": "get",
            "/audio": "get",
            "/transcript": "get",
            "/transcript.vtt": "get",
            "/transcript.txt": "get",
            "/scorecard": "get",
            "/scorecards": "get",
            f"/scorecards/{NOBODY}": "get",
            "/retry": "post",
            "/rescore": "post",
        }.items():
            foreign = await south.request(method, f"/v1/calls/{call_id}{path}")
            missing = await south.request(method, f"/v1/calls/{NOBODY}{path}")
            assert _same(foreign, missing, str(call_id)), path
    assert house.queue.score == []


def _same(foreign: httpx.Response, missing: httpx.Response, call_id: str) -> bool:
    bodies = [{**answer.json(), "request_id": ""} for answer in (foreign, missing)]
    bodies[0]["detail"] = bodies[0]["detail"].replace(call_id, NOBODY)
    return foreign.status_code == missing.status_code == 404 and bodies[0] == bodies[1]


async def test_a_teams_key_sees_its_team_only(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1", "n2")
    house.team("South", "s1")
    async with house.client("uploader") as pbx, house.client("manager", team="North") as north:
        mine = [str(await uploaded(pbx, external_id=f"n{number}", rep=f"n{number}")) for number in (1, 2)]
        await uploaded(pbx, external_id="s", rep="s1")
        listed = (await north.get("/v1/calls")).json()["items"]
        assert sorted(call["id"] for call in listed) == sorted(mine)
        assert (await north.get("/v1/calls", params={"team": "South"})).json()["items"] == []
        assert [team["name"] for team in (await north.get("/v1/teams")).json()["items"]] == ["North"]
        assert [rep["external_id"] for rep in (await north.get("/v1/reps")).json()["items"]] == ["n1", "n2"]
        assert (await north.get("/v1/reps", params={"team": "South"})).json()["items"] == []
        groups = (await north.get("/v1/kpi", params={"group_by": "rep"})).json()["groups"]
        assert [group["group"] for group in groups] == ["n1", "n2"]
        assert (await north.get("/v1/kpi", params={"group_by": "rep", "team": "South"})).json()["groups"] == []


async def test_an_admin_of_one_team_cannot_give_itself_the_whole_house(house: House) -> None:
    house.team("North")
    async with house.client("admin", team="North") as client:
        answer = await client.post("/v1/api-keys", json={"name": "mine", "role": "admin"})
        body = problem(answer, 403, "role_insufficient")
    assert "one team" in body["detail"]


async def test_the_use_of_a_key_is_noted(house: House) -> None:
    async with house.client("admin") as client:
        await client.get("/v1/calls")
        key = (await client.get("/v1/api-keys")).json()["items"][0]
    assert key["last_used_at"] == "2025-11-23T12:00:00Z"


async def test_uploads_of_two_keys_under_one_idempotency_key_are_two_calls(house: House) -> None:
    ids: set[UUID] = set()
    for number in (1, 2):
        async with house.client("uploader") as client:
            client.headers["Idempotency-Key"] = "1"
            ids.add((await upload(client, external_id=str(number))).json()["id"])
    assert len(ids) == 2
