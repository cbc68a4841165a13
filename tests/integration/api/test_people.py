"""Teams, reps and keys: made, changed, listed, refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.house import House, problem, uploaded

pytestmark = pytest.mark.anyio
NOBODY = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"


async def test_a_team_and_its_reps(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as client:
        team = await client.post("/v1/teams", json={"name": " North "})
        assert (team.status_code, team.json()["name"]) == (201, "North")
        problem(await client.post("/v1/teams", json={"name": "North"}), 409, "name_taken")
        rep = await client.post(
            "/v1/reps", json={"external_id": "r-17", "name": "Анна", "role": "sdr", "team": "North"}
        )
        assert rep.status_code == 201
        assert rep.json()["team"] == team.json()
        assert rep.json()["registered"] is True
        problem(await client.post("/v1/reps", json={"external_id": "r-17"}), 409, "name_taken")
        changed = await client.patch(f"/v1/reps/{rep.json()['id']}", json={"role": "sales_manager", "team": None})
        assert changed.json() == rep.json() | {"role": "sales_manager", "team": None}, (
            "the name was not given: it stays"
        )
        renamed = await client.patch(f"/v1/teams/{team.json()['id']}", json={"name": "Nord"})
        assert renamed.json() == {"id": team.json()["id"], "name": "Nord"}
    with house.database.read() as tx:
        actions = [entry.action for entry in tx.audit.list()]
    assert actions == ["team.rename", "rep.update", "rep.create", "team.create"]


async def test_a_rep_that_an_upload_named_is_completed_by_registering(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        await client.post("/v1/reps", json={"external_id": "r-17", "name": "Анна"})
        call = (await client.get(f"/v1/calls/{call_id}")).json()
    assert (call["rep"]["name"], call["rep"]["registered"]) == ("Анна", True)


async def test_lists_are_paged(house_on_both: House) -> None:
    house = house_on_both
    for number in range(5):
        house.team(f"T{number}", f"r{number}")
    async with house.client("admin") as client:
        for path, field in (("/v1/teams", "name"), ("/v1/reps", "external_id"), ("/v1/api-keys", "id")):
            whole = [row[field] for row in (await client.get(path)).json()["items"]]
            paged: list[str] = []
            query: dict[str, Any] = {"limit": 2}
            while True:
                page = (await client.get(path, params=query)).json()
                paged += [row[field] for row in page["items"]]
                if page["next_cursor"] is None:
                    break
                query["cursor"] = page["next_cursor"]
            assert paged == whole
        cursor = (await client.get("/v1/teams", params={"limit": 2})).json()["next_cursor"]
        body = problem(await client.get("/v1/reps", params={"cursor": cursor}), 422, "validation_failed")
        assert body["errors"][0]["field"] == "cursor"
        problem(await client.get("/v1/api-keys", params={"cursor": "YXBpLWtleXM6eA=="}), 422, "validation_failed")


@pytest.mark.parametrize(
    ("path", "body", "code", "field"),
    [
        ("/v1/teams", {}, "validation_failed", "name"),
        ("/v1/teams", {"name": ""}, "validation_failed", "name"),
        ("/v1/teams", {"name": "  "}, "validation_failed", "name"),
        ("/v1/teams", {"name": "x" * 201}, "validation_failed", "name"),
        ("/v1/teams", {"name": "a\nb"}, "validation_failed", "name"),
        ("/v1/teams", {"name": "a\x00b"}, "validation_failed", "name"),
        ("/v1/teams", {"name": 17}, "validation_failed", "name"),
        ("/v1/teams", {"name": None}, "validation_failed", "name"),
        ("/v1/teams", {"name": "a", "colour": "red"}, "validation_failed", "colour"),
        ("/v1/teams", [], "validation_failed", "body"),
        ("/v1/reps", {"external_id": "r", "role": "boss"}, "validation_failed", "role"),
        ("/v1/reps", {"external_id": "r", "team": "Nowhere"}, "team_unknown", "team"),
        ("/v1/api-keys", {"name": "k", "role": "king"}, "validation_failed", "role"),
        ("/v1/api-keys", {"name": "k"}, "validation_failed", "role"),
        ("/v1/api-keys", {"name": "k", "role": "reader", "team": "Nowhere"}, "team_unknown", "team"),
        ("/v1/api-keys", {"name": "k", "role": "admin", "team": "North"}, "validation_failed", "team"),
    ],
)
async def test_bad_input_is_named(house: House, path: str, body: Any, code: str, field: str) -> None:
    async with house.client("admin") as client:
        found = problem(await client.post(path, json=body), 422, code)
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 422, "validation_failed"),
        (b"", {}, 422, "validation_failed"),
        (b'{"name": "\xff"}', {}, 400, "malformed_request"),
        (b'{"name": "\\ud800"}', {}, 422, "validation_failed"),
        (b"[" * 60_000, {}, 400, "malformed_request"),
        (b'{"name": "' + b"x" * 70_000 + b'"}', {}, 413, "body_too_large"),
        (b'{"name": "North"}', {"Content-Type": "text/plain"}, 422, "validation_failed"),
    ],
    ids=["cut", "empty", "not UTF-8", "half a character", "deep", "large", "not JSON"],
)
async def test_a_broken_body_is_refused(
    house: House, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    async with house.client("admin") as client:
        headers = {"Content-Type": "application/json"} | headers
        problem(await client.post("/v1/teams", content=content, headers=headers), status, code)


async def test_what_is_not_there_cannot_be_changed(house: House) -> None:
    async with house.client("admin") as client:
        problem(await client.patch(f"/v1/teams/{NOBODY}", json={"name": "x"}), 404, "team_not_found")
        problem(await client.patch(f"/v1/reps/{NOBODY}", json={"name": "x"}), 404, "rep_not_found")
        problem(await client.delete(f"/v1/api-keys/{NOBODY}"), 404, "key_unknown")


async def test_a_key_is_shown_once_and_works(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    async with house.client("admin") as client:
        created = await client.post("/v1/api-keys", json={"name": "PBX", "role": "uploader", "team": "North"})
        assert created.status_code == 201
        key = created.json()["key"]
        assert key.startswith(created.json()["prefix"])
        assert created.headers["cache-control"] == "no-store"
        problem(await client.post("/v1/api-keys", json={"name": "PBX", "role": "reader"}), 409, "name_taken")
        listed = await client.get("/v1/api-keys")
        assert key not in listed.text
        async with house.client(key=key) as pbx:
            call_id = await uploaded(pbx, rep="n1")
            assert (await pbx.get(f"/v1/calls/{call_id}")).status_code == 200
