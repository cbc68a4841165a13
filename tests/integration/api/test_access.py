"""Who may do what: every route, every role, own and others' calls, and what nobody may find out about another team."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.api.access import ACCESS, Role
from service.store.records import KEY_ROLES
from tests.integration.api.house import House, problem, recording, upload, uploaded
from tests.integration.api.role_table import EXPECTED, OPEN, PEOPLE_ONLY, WHOLE_HOUSE

pytestmark = pytest.mark.anyio

NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
#: Whatever names the other team's people and calls; none of it may reach who is limited to the team North.
SECRETS = ("South", "s-rep", "s-call", "Name of s")
#: Builds every rule pack, which takes seconds: one asker of those who may is enough.
SLOW = {"list_packs"}
NOT_THERE = {"call_not_found", "rep_not_found"}


@dataclass
class Asked:
    """One who asks. `team` and `rep` limit what is seen."""

    name: str
    role: Role
    client: AbstractAsyncContextManager[httpx.AsyncClient]
    limited_to: str = ""


@dataclass
class Scene:
    """Two teams with a scored call each of their reps: the asker's own, a colleague's, another team's."""

    house: House
    calls: dict[str, UUID]
    reps: dict[str, UUID]

    def sees(self, asked: Asked, whose: str) -> bool:
        return {"": True, "team": whose in ("n-own", "n-mate"), "rep": whose == "n-own"}[asked.limited_to]


async def scene(house: House) -> Scene:
    house.team("North", "n-own", "n-mate")
    house.team("South", "s-rep")
    calls = {}
    async with house.client("uploader") as pbx:
        for rep, external_id in (("n-own", "n-call-1"), ("n-mate", "n-call-2"), ("s-rep", "s-call-3")):
            calls[rep] = await uploaded(pbx, recording(), rep=rep, external_id=external_id)
            house.transcribe(calls[rep])
            house.score(calls[rep])
    with house.database.read() as tx:
        reps = {rep.external_id: rep.id for rep in tx.reps.list()}
    return Scene(house, calls, reps)


def askers(house: House) -> list[Asked]:
    """Everybody there can be, those with few rights first: what admins do must not spoil the scene for others."""
    keys = [Asked(f"key {role}", role, house.client(role)) for role in KEY_ROLES]
    team_keys = [
        Asked(f"key {role} of North", role, house.client(role, team="North"), "team")
        for role in KEY_ROLES
        if role != "uploader"
    ]
    rep = Asked("user rep", "rep", house.visitor(house.user("rep", rep="n-own")), "rep")
    manager = Asked("user manager", "manager", house.visitor(house.user("manager", team="North")), "team")
    head = Asked("user manager of all", "manager", house.visitor(house.user("manager")))
    lead = Asked("user qa_lead", "qa_lead", house.visitor(house.user("qa_lead")))
    admin = Asked("user admin", "admin", house.visitor(house.user("admin")))
    everybody = [rep, manager, head, lead, *team_keys, *keys, admin]
    return sorted(everybody, key=lambda asked: asked.role == "admin" and not asked.limited_to)


def operations(house: House) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, address and description of every operation there is; what deletes or logs out comes last."""
    found = {
        operation["operationId"]: (method, path, operation)
        for path, methods in house.app.openapi()["paths"].items()
        for method, operation in methods.items()
    }
    return dict(
        sorted(
            found.items(), key=lambda item: (item[0] == "end_session", item[0] == "erase_call", item[1][0] == "delete")
        )
    )


def address(path: str, scene: Scene, whose: str) -> str:
    """The address with ids of this rep and call; other things have ids of nobody."""
    known = {"call_id": str(scene.calls[whose]), "rep_id": str(scene.reps[whose]), "pack_id": "no-pack"}
    return "/".join(
        known.get(part.partition("}")[0][1:], NOBODY) + part.partition("}")[2] if part.startswith("{") else part
        for part in path.split("/")
    )


def body(house: House, operation: dict[str, Any]) -> Any:
    """The example of the description."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content["schema"]
    # A body that may be left out is described as one of two.
    named = next(one for one in schema.get("anyOf", [schema]) if "$ref" in one)
    name = named["$ref"].rpartition("/")[2]
    return house.app.openapi()["components"]["schemas"][name]["examples"][0]


async def test_every_route_has_a_line_in_the_table_and_in_this_test(house: House) -> None:
    assert set(operations(house)) == set(EXPECTED) | OPEN
    assert set(ACCESS) == set(EXPECTED)


async def test_every_route_for_everybody_and_for_own_and_others_calls(house_on_both: House) -> None:
    house = house_on_both
    stage = await scene(house)
    wrong: list[str] = []
    for asked in askers(house):
        async with asked.client as client:
            for name, (method, path, operation) in operations(house).items():
                slow = name in SLOW and may_do(asked, name) and asked.role != "rep"
                # What is erased is gone for whoever asks next; so the last one does it.
                erases = name == "erase_call" and may_do(asked, name) and asked.name != "user admin"
                if name in OPEN or name == "upload_call" or slow or erases:
                    continue
                personal = is_personal(path)
                for whose in stage.calls if personal and may_do(asked, name) else ("n-own",):
                    answer = await client.request(method, address(path, stage, whose), json=body(house, operation))
                    complaint = judged(asked, name, path, answer, stage.sees(asked, whose))
                    if complaint:
                        wrong.append(f"{asked.name}, {name} of {whose}: {complaint}: {answer.text[:200]}")
                    if name == "end_session":
                        break
    assert "\n".join(wrong) == ""


def judged(asked: Asked, name: str, path: str, answer: httpx.Response, sees: bool) -> str:
    """What is wrong with an answer; empty if nothing is."""
    code = answer.json()["code"] if answer.status_code >= 400 and answer.content else ""
    if answer.status_code in (401, 500):
        return f"answered {answer.status_code}"
    may = may_do(asked, name)
    if (answer.status_code == 403) == may:
        return "refused" if may else "not refused"
    if not may:
        return ""
    personal = is_personal(path)
    # An uploader sees what it uploaded itself; these calls are another key's.
    sees = sees and asked.role != "uploader"
    hidden = code in NOT_THERE or (answer.status_code == 404 and not answer.content)
    if personal and name not in WHOLE_HOUSE and hidden == sees:
        return "hidden" if sees else "not hidden"
    return ""


def is_personal(path: str) -> bool:
    """About one call or rep. Calibrations are found, or not, before their calls are."""
    return ("{call_id}" in path or "{rep_id}" in path) and "{calibration_id}" not in path


def may_do(asked: Asked, name: str) -> bool:
    """What the table says."""
    limited = asked.limited_to and name in WHOLE_HOUSE
    machine = asked.name.startswith("key") and name in PEOPLE_ONLY
    return asked.role in EXPECTED[name] and not limited and not machine


async def test_nobody_finds_out_about_another_team_whatever_is_asked(house_on_both: House) -> None:
    house = house_on_both
    stage = await scene(house)
    leaks: list[str] = []
    for asked in askers(house):
        if not asked.limited_to:
            continue
        async with asked.client as client:
            for name, (method, path, operation) in operations(house).items():
                if method != "get" or name in OPEN | SLOW or not may_do(asked, name):
                    continue
                for query in queries(operation):
                    answer = await client.get(address(path, stage, "n-own"), params=query)
                    text = plain(answer)
                    secrets = [secret for secret in (*SECRETS, str(stage.calls["s-rep"])) if secret in text]
                    if asked.limited_to == "rep" and str(stage.calls["n-mate"]) in text:
                        secrets.append("a colleague's call")
                    if secrets and answer.status_code < 400:
                        leaks.append(f"{asked.name}, {name} {query}: {secrets}")
    assert "\n".join(leaks) == ""


def queries(operation: dict[str, Any]) -> list[dict[str, str]]:
    """Without anything, and with each filter that could reach for the other team."""
    tried = {"team": "South", "rep": "s-rep", "text": "s-call", "group_by": "team"}
    names = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"}
    return [{}, *({name: value} for name, value in tried.items() if name in names)]


def plain(answer: httpx.Response) -> str:
    """The text of an answer, without what only repeats the question; sheets are unpacked."""
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as sheet:
            return "".join(sheet.read(name).decode() for name in sheet.namelist())
    return answer.text if answer.headers.get("content-type", "").startswith(("text", "application/json")) else ""


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
        for name, (method, path, _) in operations(house).items():
            if name not in OPEN:
                where = re.sub(r"\{\w+\}", NOBODY, path)
                answer = await client.request(method, where, headers=headers, content=b"{" if method != "get" else b"")
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
            "/cancel": "post",
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
