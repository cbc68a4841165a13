"""What operators see: health, metrics, logs, and errors nobody thought of."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
import structlog

from service import logs
from tests.integration.api.described import check_problem
from tests.integration.api.house import House, problem, upload

pytestmark = pytest.mark.anyio


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the API process writes to its log."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = StringIO()
    logs.configure("INFO", component="api", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_health_asks_for_nothing(house: House) -> None:
    async with house.client(None) as client:
        answer = await client.get("/healthz")
    assert answer.json()["status"] == "ok"


async def test_readiness_names_the_part_that_is_away(house_on_both: House) -> None:
    house = house_on_both
    async with house.client(None) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        house.queue.away = True
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not_ready", "database": "ok", "audio_store": "ok", "queue": "unavailable"}


async def test_metrics_are_there_for_the_one_who_has_the_key(house: House) -> None:
    with_key = House(
        house.database,
        house.audio,
        house.settings.model_validate({**house.settings.model_dump(), "metrics_key": "secret"}),
    )
    async with with_key.client("uploader") as client, with_key.client(None) as scraper:
        await upload(client)
        await upload(client, b"")
        problem(await scraper.get("/metrics"), 401, "key_missing")
        problem(await scraper.get("/metrics", headers={"Authorization": "Bearer guess"}), 401, "key_invalid")
        text = (await scraper.get("/metrics", headers={"Authorization": "Bearer secret"})).text
    assert 'callscore_calls{status="received"} 1.0' in text
    assert 'callscore_uploads_total{result="created"} 1.0' in text
    assert 'callscore_uploads_total{result="audio_unreadable"} 1.0' in text
    assert 'callscore_http_requests_total{operation="upload_call",status="202"} 1.0' in text


async def test_metrics_do_not_exist_without_a_key_in_the_settings(house: House) -> None:
    async with house.client(None) as client:
        problem(await client.get("/metrics"), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/calls", "/redoc", "/v1/calls/", "/v1/calls/../keys", "/%00", "/v1/пусто"]
)
async def test_an_unknown_address_is_a_problem_document(house: House, path: str) -> None:
    async with house.client(None) as client:
        answer = await client.get(path)
    problem(answer, 404, "not_found")
    check_problem(answer.content)


async def test_a_wrong_method_is_told_the_right_ones(house: House) -> None:
    async with house.client(None) as client:
        answer = await client.put("/healthz")
        problem(answer, 405, "method_not_allowed")
        both = await client.delete("/v1/calls")
    assert answer.headers["allow"] == "GET"
    assert both.headers["allow"] == "GET, POST"


async def test_an_unexpected_error_tells_its_id_and_nothing_else(house: House, log: StringIO) -> None:
    def broken() -> NoReturn:
        raise RuntimeError("the secret is 4711")

    house.app.state.services.queue.ready = broken
    async with house.client(None) as client:
        answer = await client.get("/readyz")
    body = problem(answer, 500, "internal")
    check_problem(answer.content)
    assert "4711" not in answer.text
    assert "RuntimeError" not in answer.text
    failed = next(line for line in lines(log) if line["event"] == "request failed")
    assert failed["request_id"] == body["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError" in failed["exception"]


def damage(house: House, folder: Path) -> None:
    """The database's file is overwritten with something else."""
    house.database.close()
    (folder / "callscore.db").write_bytes(b"no database" * 1000)


async def test_storage_that_is_away_is_logged_with_its_reason(house: House, log: StringIO, tmp_path: Path) -> None:
    async with house.client("admin") as client:
        damage(house, tmp_path)
        problem(await client.get("/v1/calls"), 503, "store_unavailable")
    reasons = [line["reason"] for line in lines(log) if line["event"] == "request could not be served"]
    assert len(reasons) == 1


async def test_a_proxys_request_id_is_kept_and_a_forged_one_is_not(house: House) -> None:
    async with house.client(None) as client:
        assert (await client.get("/healthz", headers={"X-Request-ID": "abc-1.2"})).headers["x-request-id"] == "abc-1.2"
        forged = await client.get("/healthz", headers={"X-Request-ID": 'a" evil="1'})
    assert len(forged.headers["x-request-id"]) == 32


async def test_the_log_names_requests_but_no_people(house: House, log: StringIO) -> None:
    async with house.client("admin") as client:
        await upload(client, customer_ref="+79161234567", rep="Ivanov", external_id="call-4711")
        await client.get("/v1/calls", params={"rep": "Ivanov"})
        await client.get("/v1/customers/Ivanov")
    written = log.getvalue()
    requests = [line for line in lines(log) if line["event"] == "request"]
    assert [(line["operation"], line["status"]) for line in requests] == [
        ("upload_call", 202),
        ("list_calls", 200),
        ("none", 404),
    ]
    assert all(line["request_id"] for line in requests)
    assert requests[0]["asker"].startswith("key:cs_")
    for private in ("Ivanov", "79161234567", "4711", "Bearer"):
        assert private not in written


async def test_the_description_is_complete(house: House) -> None:
    async with house.client(None) as client:
        schema = (await client.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["operationId"], where
            assert operation["summary"], where
            assert operation["description"], where
            assert "security" in operation, where
            assert "500" in operation["responses"], where
            for status, response in operation["responses"].items():
                if int(status) >= 400 and not (path == "/readyz" and status == "503"):
                    content = response["content"]["application/problem+json"]
                    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, where
                    assert content["examples"], where
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert _broken_references(schema) == []


def _broken_references(schema: dict[str, Any]) -> list[str]:
    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    return [reference for reference in walk(schema) if reference not in known]


GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_guide_names_every_operation(house: House) -> None:
    missing = [path for path in house.app.openapi()["paths"] if path.replace("{call_id}", "{id}") not in GUIDE]
    assert missing == []


async def test_answers_cannot_be_framed_or_cached(house: House) -> None:
    async with house.client("admin") as client:
        answer: httpx.Response = await client.get("/v1/calls")
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_reference_page_shows_every_operation_and_loads_nothing(house: House) -> None:
    async with house.client(None) as client:
        answer = await client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for loading in ("<script", "src=", "@import", "url("):
        assert loading not in answer.text
    for methods in house.app.openapi()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in answer.text
