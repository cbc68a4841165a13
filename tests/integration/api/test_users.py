"""Users are made, changed and shut out by admins, and everything they do is noted."""

from __future__ import annotations

from typing import Any

import pytest

from service.api.csrf import COOKIE
from tests.integration.api.house import PASSWORD, House, problem, uploaded
from tests.integration.api.test_sessions import NEW, log_in_as

pytestmark = pytest.mark.anyio
NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"


async def test_a_user_from_the_first_day_to_the_last(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    async with house.visitor(house.user()) as admin, house.client(None) as anna:
        created = await admin.post(
            "/v1/users", json={"email": "Anna@Example.com", "role": "manager", "team": "North", "language": "ru"}
        )
        assert created.status_code == 201, created.text
        user, password = created.json(), created.json()["password"]
        assert (user["email"], user["team"]["name"]) == ("anna@example.com", "North")
        assert password not in (await admin.get("/v1/users")).text
        me = (await log_in_as(anna, "anna@example.com", password)).json()
        anna.headers["X-CSRF-Token"] = me["csrf_token"]
        problem(await anna.get("/v1/calls"), 403, "password_must_change")
        await anna.put("/v1/session/password", json={"current": password, "new": NEW})
        changed = await anna.patch("/v1/session", json={"time_zone": "Europe/Moscow", "name": "Анна"})
        assert (changed.json()["user"]["time_zone"], changed.json()["user"]["name"]) == ("Europe/Moscow", "Анна")
        promoted = await admin.patch(f"/v1/users/{user['id']}", json={"role": "qa_lead"})
        assert (promoted.json()["role"], promoted.json()["team"]) == ("qa_lead", None)
        assert (await anna.get("/v1/session")).json()["team_id"] is None
        reset = await admin.post(f"/v1/users/{user['id']}/password")
        assert reset.status_code == 200
        problem(await anna.get("/v1/session"), 401, "session_over")
        del anna.cookies[COOKIE]
        problem(await log_in_as(anna, "anna@example.com", NEW), 401, "login_failed")
        assert (await log_in_as(anna, "anna@example.com", reset.json()["password"])).status_code == 201
        disabled = await admin.patch(f"/v1/users/{user['id']}", json={"disabled": True})
        assert disabled.json()["disabled_at"] is not None
        problem(await anna.get("/v1/session"), 401, "session_over")
        await admin.patch(f"/v1/users/{user['id']}", json={"disabled": False})
        assert (await admin.get(f"/v1/users/{user['id']}")).json()["disabled_at"] is None
        actions = [entry["action"] for entry in (await admin.get("/v1/audit")).json()["items"]]
    assert actions == [
        "user.update",
        "user.update",
        "session.start",
        "user.password",
        "user.update",
        "user.update",
        "user.password",
        "session.start",
        "user.create",
    ]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"role": "qa_lead"}, "validation_failed", "email"),
        ({"email": "a@b"}, "validation_failed", "role"),
        ({"email": "a", "role": "qa_lead"}, "validation_failed", "email"),
        ({"email": "a@b@c", "role": "qa_lead"}, "validation_failed", "email"),
        ({"email": "a b@c", "role": "qa_lead"}, "validation_failed", "email"),
        ({"email": "x" * 260 + "@b", "role": "qa_lead"}, "validation_failed", "email"),
        ({"email": "a@b", "role": "king"}, "validation_failed", "role"),
        ({"email": "a@b", "role": "manager"}, "validation_failed", "team"),
        ({"email": "a@b", "role": "manager", "team": "Nowhere"}, "team_unknown", "team"),
        ({"email": "a@b", "role": "qa_lead", "team": "North"}, "validation_failed", "team"),
        ({"email": "a@b", "role": "rep"}, "validation_failed", "rep"),
        ({"email": "a@b", "role": "rep", "rep": "nobody"}, "rep_unknown", "rep"),
        ({"email": "a@b", "role": "admin", "time_zone": "Mars/Phobos"}, "validation_failed", "time_zone"),
        ({"email": "a@b", "role": "admin", "time_zone": "../etc/passwd"}, "validation_failed", "time_zone"),
        ({"email": "a@b", "role": "admin", "language": "fr"}, "validation_failed", "language"),
        ({"email": "a@b", "role": "admin", "password": "short"}, "password_unfit", "password"),
        ({"email": "a@b", "role": "admin", "disabled": True}, "validation_failed", "disabled"),
    ],
)
async def test_bad_input_is_named(house: House, body: dict[str, Any], code: str, field: str) -> None:
    house.team("North", "n1")
    async with house.client("admin") as client:
        found = problem(await client.post("/v1/users", json=body), 422, code)
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "manager"}, "team"),
        ({"team": "North"}, "team"),
        ({"role": "rep"}, "rep"),
        ({"time_zone": "x"}, "time_zone"),
        ({"email": "b@c"}, "email"),
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(house: House, change: dict[str, Any], field: str) -> None:
    house.team("North", "n1")
    user = house.user("qa_lead")
    async with house.client("admin") as client:
        body = problem(await client.patch(f"/v1/users/{user.id}", json=change), 422, "validation_failed")
        assert [error["field"] for error in body["errors"]] == [field]
        assert (await client.get(f"/v1/users/{user.id}")).json()["role"] == "qa_lead"


async def test_a_manager_of_all_teams_is_one_on_purpose(house: House) -> None:
    house.team("North", "n1")
    async with house.client("admin") as client:
        answer = await client.post("/v1/users", json={"email": "head@b", "role": "manager", "team": None})
        assert answer.status_code == 201
        user_id = answer.json()["id"]
        assert (await client.patch(f"/v1/users/{user_id}", json={"name": "X"})).json()["team"] is None
        moved = await client.patch(f"/v1/users/{user_id}", json={"team": "North"})
        assert moved.json()["team"]["name"] == "North"


async def test_there_is_always_an_admin(house_on_both: House) -> None:
    house = house_on_both
    one = house.user()
    async with house.visitor(one) as client:
        for change in ({"disabled": True}, {"role": "qa_lead"}):
            problem(await client.patch(f"/v1/users/{one.id}", json=change), 409, "last_admin")
        other = house.user()
        assert (await client.patch(f"/v1/users/{other.id}", json={"disabled": True})).status_code == 200
        problem(await client.patch(f"/v1/users/{one.id}", json={"disabled": True}), 409, "last_admin")


async def test_an_e_mail_belongs_to_one_user_however_it_is_spelt(house: House) -> None:
    async with house.client("admin") as client:
        body = {"email": "anna@example.com", "role": "qa_lead"}
        assert (await client.post("/v1/users", json=body)).status_code == 201
        problem(await client.post("/v1/users", json=body | {"email": " ANNA@example.com"}), 409, "name_taken")
        given = await client.post("/v1/users", json=body | {"email": "b@c", "password": PASSWORD})
        assert (given.json()["password"], given.json()["password_must_change"]) == (None, False)


async def test_who_is_not_there_cannot_be_changed(house: House) -> None:
    async with house.client("admin") as client:
        problem(await client.get(f"/v1/users/{NOBODY}"), 404, "user_not_found")
        problem(await client.patch(f"/v1/users/{NOBODY}", json={}), 404, "user_not_found")
        problem(await client.post(f"/v1/users/{NOBODY}/password"), 404, "user_not_found")


async def test_every_listening_is_noted_once_in_half_an_hour(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.visitor(house.user("qa_lead")) as lead:
        call_id = await uploaded(admin)
        path = f"/v1/calls/{call_id}/audio"
        etag = (await lead.head(path)).headers["etag"]
        await lead.get(path, headers={"If-None-Match": etag})
        query = {"action": "call.listen"}
        assert (await admin.get("/v1/audit", params=query)).json()["items"] == []
        for piece in ("bytes=1-", "bytes=0-99", "bytes=5-10"):
            assert (await lead.get(path, headers={"Range": piece})).status_code == 206
        house.clock.forward(minutes=31)
        await lead.get(path)
        await admin.get(path)
        entries = (await admin.get("/v1/audit", params=query)).json()["items"]
        about_call = (await admin.get("/v1/audit", params={"subject": f"call:{call_id}"})).json()["items"]
    assert [entry["actor"].partition(":")[0] for entry in entries] == ["key", "user", "user"]
    assert {entry["subject"] for entry in entries} == {f"call:{call_id}"}
    assert about_call == entries


async def test_the_audit_log_is_paged_and_filtered(house: House) -> None:
    async with house.client("admin") as client:
        for number in range(5):
            await client.post("/v1/teams", json={"name": f"T{number}"})
            house.clock.forward(days=1)
        whole = (await client.get("/v1/audit")).json()["items"]
        paged: list[Any] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = (await client.get("/v1/audit", params=query)).json()
            paged += page["items"]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert paged == whole
        assert len(whole) == 5
        part = (await client.get("/v1/audit", params={"from": "2025-11-24", "to": "2025-11-25"})).json()["items"]
        assert part == whole[2:4]
        assert (await client.get("/v1/audit", params={"actor": "cli"})).json()["items"] == []
        assert (await client.get("/v1/audit", params={"action": "team.create"})).json()["items"] == whole
