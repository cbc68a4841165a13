"""Nothing that a caller can send is an internal error, and every answer is one that the OpenAPI describes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.api.house import House, uploaded

pytestmark = pytest.mark.anyio

TEXTS = [
    "",
    "\x00",
    "\n",
    "ж" * 300,
    "'; DROP TABLE calls; --",
    "../../etc/passwd",
    "1e309",
    "9" * 400,
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "2025-11-23T10:15:00+99:99",
    "\u202e\U0001f600",
    "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
]
VALUES: list[Any] = [*TEXTS, None, True, 0, -1, 2**70, 1.5, [], {}, [[]], {"a": {"b": []}}]
BODIES = {
    "create_team": {"name": "T"},
    "update_team": {"name": "T"},
    "create_rep": {"external_id": "e", "name": "n", "role": "sdr", "team": "T"},
    "update_rep": {"name": "n", "role": "sdr", "team": "T"},
    "create_key": {"name": "n", "role": "reader", "team": "T"},
}


async def test_hostile_addresses_queries_and_bodies(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    bad: list[str] = []
    sent = 0
    async with house.client("admin") as client:
        ids = {
            "call_id": str(await uploaded(client)),
            "team_id": (await client.get("/v1/teams")).json()["items"][0]["id"],
            "rep_id": (await client.get("/v1/reps")).json()["items"][0]["id"],
        }
        for path, methods in house.app.openapi()["paths"].items():
            for method, operation in methods.items():
                for request in _requests(path, operation, ids):
                    answer = await client.request(method, **request)  # the client compares it with the OpenAPI
                    sent += 1
                    if answer.status_code >= 500:
                        bad.append(f"{method} {request}: {answer.status_code}")
    assert bad == []
    assert sent > 500


def _requests(path: str, operation: dict[str, Any], ids: dict[str, str]) -> list[dict[str, Any]]:
    address = path
    for name, value in ids.items():
        address = address.replace(f"{{{name}}}", value)
    found: list[dict[str, Any]] = [{"url": address}]
    for text in TEXTS:
        if "{" in path:
            found.append({"url": re.sub(r"\{\w+\}", quote(text, safe=""), path)})
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                found.append({"url": address, "params": {parameter["name"]: text}})
            elif parameter["in"] == "header" and text.isascii() and text.isprintable():
                found.append({"url": address, "headers": {parameter["name"]: text.strip()}})
    body = BODIES.get(operation["operationId"], {})
    found += [{"url": address, "json": {**body, field: value}} for field in body for value in VALUES]
    return found
