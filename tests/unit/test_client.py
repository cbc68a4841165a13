"""The client asks what the description knows and names only what answers have; and it repeats what may be repeated."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import standardwebhooks
from starlette.routing import compile_path

from service.client import ApiProblem, Client, Unreachable, types
from service.client.client import verify_webhook
from tests.integration.api.test_schemathesis import DESCRIPTION

ID = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
#: Every method, as a program calls it.
USES: dict[str, Callable[[Client], object]] = {
    "log_in": lambda c: c.log_in("a@b", "password"),
    "request": lambda c: c.request("GET", "/v1/audit", params={"limit": 1}),
    "who_am_i": lambda c: c.who_am_i(),
    "log_out": lambda c: c.log_out(),
    "upload": lambda c: c.upload(b"RIFF", source="pbx", external_id="1", rep="r", language="ru", metadata="{}"),
    "call": lambda c: c.call(ID),
    "calls": lambda c: list(
        c.calls(status="scored", rep="r", team="t", flagged=True, from_="2025-11-01", to="2025-11-02")
    ),
    "wait_until_scored": lambda c: c.wait_until_scored(ID),
    "scorecard": lambda c: c.scorecard(ID),
    "transcript": lambda c: c.transcript(ID),
    "audio": lambda c: c.audio(ID),
    "retry": lambda c: c.retry(ID, language="ru"),
    "cancel": lambda c: c.cancel(ID),
    "review_queue": lambda c: list(c.review_queue(team="t", flagged=True)),
    "next_review": lambda c: c.next_review(),
    "review_of": lambda c: c.review_of(ID),
    "review": lambda c: c.review(ID, scorecard_id=ID, version=0, verdict="confirmed"),
    "kpi": lambda c: c.kpi(group_by="rep", from_="2025-11-01", to="2025-11-30", team="t"),
    "rep_quality": lambda c: c.rep_quality(ID, from_="2025-11-01"),
    "reps": lambda c: list(c.reps(team="t")),
    "create_rep": lambda c: c.create_rep("r", name="n", role="sdr", team="t"),
    "teams": lambda c: list(c.teams()),
    "create_team": lambda c: c.create_team("t"),
    "create_webhook": lambda c: c.create_webhook("https://x.example.com", name="n", events=["call.scored"]),
    "ping_webhook": lambda c: c.ping_webhook(ID),
    "deliveries": lambda c: list(c.deliveries(ID, state="failed")),
}
ANSWER: dict[str, Any] = {"items": [], "next_cursor": None, "csrf_token": "t", "status": "scored", "item": None}


def operation_of(request: httpx.Request) -> dict[str, Any]:
    for path, methods in DESCRIPTION["paths"].items():
        if compile_path(path)[0].fullmatch(request.url.path) and request.method.lower() in methods:
            return dict(methods[request.method.lower()])
    raise AssertionError(f"{request.method} {request.url.path} is not described")


def schema(name: str) -> dict[str, Any]:
    return dict(DESCRIPTION["components"]["schemas"][name])


@pytest.mark.parametrize("name", USES)
def test_what_the_client_sends_is_described(name: str) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=ANSWER)

    with Client("http://callscore", key="cs_x", transport=httpx.MockTransport(answer)) as client:
        USES[name](client)
    for request in sent:
        operation = operation_of(request)
        parameters = operation.get("parameters", ())
        assert set(request.url.params) <= {found["name"] for found in parameters if found["in"] == "query"}
        if request.headers.get("content-type") == "application/json":
            described = operation["requestBody"]["content"]["application/json"]["schema"]
            # A body that may be left out is one of two things.
            reference = described.get("$ref") or described["anyOf"][0]["$ref"]
            body = schema(reference.rpartition("/")[2])
            assert set(json.loads(request.content)) <= set(body["properties"])
            assert set(body.get("required", ())) <= set(json.loads(request.content))
        elif request.method == "POST" and "multipart" in request.headers.get("content-type", ""):
            form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
            assert all(f'name="{field}"'.encode() in request.content for field in form["required"])


def test_every_method_is_tried_here() -> None:
    assert {name for name in vars(Client) if not name.startswith("_")} == set(USES)


#: Shapes that have another name in the description, or none.
NAMES = {"Page": None}
SHAPES = [found for found in vars(types).values() if typing.is_typeddict(found) and found.__name__ not in NAMES]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_the_client_names_only_fields_that_answers_have(shape: type) -> None:
    described = schema(shape.__name__)["properties"]
    for field, kind in typing.get_type_hints(shape).items():
        assert field in described, f"{shape.__name__} has no {field}"
        nullable = any(part.get("type") == "null" for part in described[field].get("anyOf", ()))
        assert nullable == (type(None) in typing.get_args(kind)), f"{shape.__name__}.{field}"


def scripted(*answers: httpx.Response | Exception) -> tuple[list[httpx.Request], list[float], Client]:
    """A client of a service that gives these answers one after the other."""
    sent: list[httpx.Request] = []
    waits: list[float] = []
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    client = Client("http://callscore", key="cs_x", transport=httpx.MockTransport(answer), sleep=waits.append)
    return sent, waits, client


def test_a_busy_or_absent_service_is_asked_again_with_the_same_key() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"code": "rate_limited"})
    sent, waits, client = scripted(httpx.ConnectError("no"), busy, httpx.Response(201, json={"id": ID, "name": "t"}))
    assert client.create_team("t")["id"] == ID
    assert len({request.headers["Idempotency-Key"] for request in sent}) == 1
    assert waits == [0.5, 7.0]


def test_a_refusal_says_which_field_and_is_not_repeated() -> None:
    document = {"code": "team_unknown", "detail": "no team", "errors": [{"field": "team", "message": "no team"}]}
    sent, _, client = scripted(httpx.Response(422, json=document))
    with pytest.raises(ApiProblem, match="team: no team") as caught:
        client.create_rep("r", team="t")
    assert (caught.value.code, caught.value.status, len(sent)) == ("team_unknown", 422, 1)


def test_a_page_of_a_proxy_is_a_problem_too() -> None:
    _, _, client = scripted(*[httpx.Response(502, text="<html>bad gateway")] * 5)
    with pytest.raises(ApiProblem, match="bad gateway"):
        client.who_am_i()


def test_a_service_that_never_answers_is_given_up() -> None:
    _, _, client = scripted(*[httpx.ConnectError("no")] * 5)
    with pytest.raises(Unreachable):
        client.who_am_i()


def test_lists_are_read_to_their_end() -> None:
    first = httpx.Response(200, json={"items": [{"name": "a"}], "next_cursor": "c"})
    sent, _, client = scripted(first, httpx.Response(200, json={"items": [{"name": "b"}], "next_cursor": None}))
    assert [team["name"] for team in client.teams()] == ["a", "b"]
    assert sent[1].url.params["cursor"] == "c"


def test_only_the_services_own_messages_are_taken_for_true() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify_webhook(secret, {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}, b"{}")
