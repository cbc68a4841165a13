"""People log in and out; nobody else gets in with their cookie, and nobody tries passwords for long."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import Request

from service.api.csrf import COOKIE, HEADER, csrf_token_of
from service.api.login import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, address_of, log_in
from service.api.problems import Refused
from tests.integration.api.house import PASSWORD, House, problem

pytestmark = pytest.mark.anyio
NEW = "black-coffee-at-six"


async def log_in_as(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/v1/session", json={"email": email, "password": password})


async def test_log_in_look_around_log_out(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    user = house.user("manager", team="North", language="ru", time_zone="Europe/Moscow", name="Анна")
    async with house.client(None) as client:
        answer = await log_in_as(client, "  Manager0@Example.com")
        assert answer.status_code == 201, answer.text
        me = answer.json()
        assert (me["kind"], me["role"], me["user"]["email"]) == ("user", "manager", user.email)
        assert (me["user"]["language"], me["user"]["time_zone"]) == ("ru", "Europe/Moscow")
        assert me["team_id"] == me["user"]["team"]["id"]
        assert "get_kpi" in me["operations"]
        assert "create_key" not in me["operations"]
        assert (await client.get("/v1/session")).json()["csrf_token"] == me["csrf_token"]
        assert (await client.get("/v1/calls")).status_code == 200
        client.headers[HEADER] = me["csrf_token"]
        token = client.cookies[COOKIE]
        ended = await client.delete("/v1/session")
        assert ended.status_code == 204
        assert COOKIE not in client.cookies
        client.cookies.set(COOKIE, token)
        problem(await client.get("/v1/session"), 401, "session_over")
    with house.database.read() as tx:
        assert [entry.action for entry in tx.audit.list()] == ["session.end", "session.start"]
        assert tx.users.get(user.id).last_login_at == house.clock.now


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_scripts_and_other_sites_do_not_get_the_cookie(house: House, scheme: str, secure: bool) -> None:
    user = house.user()
    async with house.client(None) as client:
        client.base_url = httpx.URL(f"{scheme}://callscore")
        answer = await log_in_as(client, user.email)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert ("Secure" in cookie) == secure
    token = cookie.partition(";")[0].partition("=")[2]
    assert token not in answer.text


async def test_the_cookie_is_nowhere_in_the_database(house: House) -> None:
    user = house.user()
    async with house.client(None) as client:
        await log_in_as(client, user.email)
        token = client.cookies[COOKIE]
    stored = (house.settings.data_dir / "callscore.db").read_bytes()
    stored += (house.settings.data_dir / "callscore.db-wal").read_bytes()
    assert b"argon2id" in stored
    for secret in (token, csrf_token_of(token), PASSWORD):
        assert secret.encode() not in stored


async def test_wrong_passwords_unknown_users_and_disabled_ones_cannot_be_told_apart(house: House) -> None:
    user, gone = house.user(), house.user()
    with house.database.transaction() as tx:
        tx.users.update(gone.id, disabled_at=house.clock.now)
    async with house.client(None) as client:
        answers = [
            await log_in_as(client, user.email, "wrong"),
            await log_in_as(client, "nobody@example.com"),
            await log_in_as(client, gone.email),
            await log_in_as(client, "\U0001f600@x"),
        ]
    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (401, "login_failed", answers[0].json()["detail"])
    }
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_after_ten_tries_the_account_waits_and_is_told_how_long(house_on_both: House) -> None:
    house = house_on_both
    user = house.user()
    async with house.client(None) as client:
        for _ in range(TRIES_PER_ACCOUNT):
            problem(await log_in_as(client, user.email, "wrong"), 401, "login_failed")
        house.clock.forward(seconds=100)
        answer = await log_in_as(client, user.email)
        body = problem(answer, 429, "login_limited")
        assert answer.headers["retry-after"] == "800"
        assert (body["retry_after_s"], body["detail"]) == (
            800,
            "too many tries to log in; wait 14 minutes and try again",
        )
        house.clock.forward(seconds=800)
        assert (await log_in_as(client, user.email)).status_code == 201


async def test_a_login_that_succeeds_forgives_the_tries_before(house: House) -> None:
    user = house.user()
    async with house.client(None) as client:
        for _ in range(3):
            for _ in range(TRIES_PER_ACCOUNT - 1):
                problem(await log_in_as(client, user.email, "wrong"), 401, "login_failed")
            assert (await log_in_as(client, user.email)).status_code == 201


async def test_one_address_cannot_try_account_after_account(house: House) -> None:
    async with house.client(None) as client:
        for number in range(TRIES_PER_ADDRESS):
            problem(await log_in_as(client, f"user{number}@example.com"), 401, "login_failed")
        problem(await log_in_as(client, "another@example.com"), 429, "login_limited")


def test_tries_at_the_same_moment_are_all_counted(house_on_both: House) -> None:
    house = house_on_both
    user = house.user()
    services = house.app.state.services
    gate = threading.Barrier(20)

    def attempt(_: int) -> str:
        gate.wait()
        try:
            log_in(services, user.email, "wrong", "192.0.2.1")
        except Refused as refused:
            return refused.code
        return "in"

    with ThreadPoolExecutor(20) as threads:
        codes = list(threads.map(attempt, range(20)))
    assert codes.count("login_failed") == TRIES_PER_ACCOUNT
    assert codes.count("login_limited") == 20 - TRIES_PER_ACCOUNT


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_network_are_counted_together(host: str, counted: str) -> None:
    assert address_of(Request({"type": "http", "client": (host, 1234), "headers": []})) == counted


async def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(house_on_both: House) -> None:
    house = house_on_both
    user = house.user()
    async with house.client(None) as client:
        await log_in_as(client, user.email)
        for _ in range(27):
            house.clock.forward(hours=11, minutes=59)
            assert (await client.get("/v1/session")).status_code == 200
        house.clock.forward(hours=12)
        problem(await client.get("/v1/session"), 401, "session_over")
        await log_in_as(client, user.email)
        for _ in range(28):
            house.clock.forward(hours=11, minutes=59)
            await client.get("/v1/session")
        house.clock.forward(hours=1)
        problem(await client.get("/v1/session"), 401, "session_over")


@pytest.mark.parametrize("token", ["", "x", "wrong" * 10, "x" * 5000, "\x7f"])
async def test_a_made_up_cookie_opens_nothing(house: House, token: str) -> None:
    async with house.client(None) as client:
        problem(await client.get("/v1/calls", headers={"Cookie": f"{COOKIE}={token}"}), 401, "session_over")


async def test_what_changes_something_needs_the_sessions_own_token(house: House) -> None:
    user, other = house.user(), house.user()
    async with house.visitor(user) as client, house.visitor(other) as second:
        right, foreign = client.headers[HEADER], second.headers[HEADER]
        for headers in ({HEADER: ""}, {HEADER: "x"}, {HEADER: foreign}, {HEADER: right.upper()}):
            problem(await client.post("/v1/teams", json={"name": "North"}, headers=headers), 403, "csrf_failed")
        assert (await client.get("/v1/teams", headers={HEADER: ""})).json()["items"] == []
        assert (await client.post("/v1/teams", json={"name": "North"})).status_code == 201
    async with house.client("admin") as machine:
        assert (await machine.post("/v1/teams", json={"name": "South"})).status_code == 201


async def test_a_changed_role_and_a_disabled_user_count_with_the_next_request(house: House) -> None:
    user = house.user("qa_lead")
    async with house.visitor(user) as client:
        assert (await client.get("/v1/calls")).status_code == 200
        with house.database.transaction() as tx:
            tx.users.update(user.id, role="rep")
        assert (await client.get("/v1/session")).json()["role"] == "rep"
        with house.database.transaction() as tx:
            tx.users.update(user.id, disabled_at=house.clock.now)
        problem(await client.get("/v1/calls"), 401, "session_over")


async def test_changing_the_password_ends_the_other_sessions(house: House) -> None:
    user = house.user()
    async with house.visitor(user) as here, house.visitor(user) as elsewhere, house.client(None) as fresh:
        body = problem(
            await here.put("/v1/session/password", json={"current": "wrong", "new": NEW}), 422, "password_wrong"
        )
        assert body["errors"][0]["field"] == "current"
        changed = await here.put("/v1/session/password", json={"current": PASSWORD, "new": NEW})
        assert changed.status_code == 204, changed.text
        assert (await here.get("/v1/session")).status_code == 200
        problem(await elsewhere.get("/v1/session"), 401, "session_over")
        problem(await log_in_as(fresh, user.email), 401, "login_failed")
        assert (await log_in_as(fresh, user.email, NEW)).status_code == 201


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "at least 12 characters, found 5"),
        ("aaaaaaaaaaaaaaa", "different characters"),
        ("admin0@example.com", "e-mail"),
        ("admin0123456789", "e-mail"),
    ],
)
async def test_a_weak_password_is_refused_with_the_reason(house: House, new: str, sentence: str) -> None:
    user = house.user()
    async with house.visitor(user) as client:
        body = problem(
            await client.put("/v1/session/password", json={"current": PASSWORD, "new": new}), 422, "password_unfit"
        )
    assert sentence in body["detail"]
    assert body["errors"][0]["field"] == "new"


async def test_a_password_that_somebody_else_made_must_be_changed_first(house: House) -> None:
    user = house.user(password_must_change=True)
    async with house.visitor(user) as client:
        assert (await client.get("/v1/session")).json()["user"]["password_must_change"] is True
        problem(await client.get("/v1/calls"), 403, "password_must_change")
        await client.put("/v1/session/password", json={"current": PASSWORD, "new": NEW})
        assert (await client.get("/v1/calls")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "a@b"}, {"email": "", "password": "x"}, {"email": "a@b", "password": "x" * 201}, {"email": 1}, []],
)
async def test_bad_input_to_the_login(house: House, body: Any) -> None:
    async with house.client(None) as client:
        problem(await client.post("/v1/session", json=body), 422, "validation_failed")
        big = b'{"email": "' + b"x" * 70_000 + b'"}'
        answer = await client.post("/v1/session", content=big, headers={"Content-Type": "application/json"})
        problem(answer, 413, "body_too_large")


async def test_a_key_may_ask_who_it_is(house: House) -> None:
    async with house.client("uploader") as client:
        me = (await client.get("/v1/session")).json()
        assert (me["kind"], me["role"], me["user"], me["csrf_token"]) == ("key", "uploader", None, None)
        assert (await client.delete("/v1/session")).status_code == 204


async def test_a_key_beats_a_cookie(house: House) -> None:
    async with house.visitor(house.user()) as client:
        client.headers["Authorization"] = f"Bearer {house.key('uploader')}"
        problem(await client.get("/v1/calls"), 403, "role_insufficient")
