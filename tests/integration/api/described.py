"""Holds every answer of a test against the OpenAPI: an answer that is not described there is a bug of one of them."""

from __future__ import annotations

import json
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.routing import compile_path

from service.api.problem_kinds import KINDS

SECURITY_HEADERS = ("x-content-type-options", "content-security-policy", "referrer-policy", "cache-control")


_OPERATIONS: list[tuple[Any, dict[str, Any]]] = []


def _operations(app: FastAPI) -> list[tuple[Any, dict[str, Any]]]:
    """The description is the same for every application, so the first one's serves all tests."""
    if not _OPERATIONS:
        _OPERATIONS.extend((compile_path(path)[0], methods) for path, methods in app.openapi()["paths"].items())
    return _OPERATIONS


def check_described(app: FastAPI, response: httpx.Response) -> None:
    """Fail if the status or the media type of an answer stands in no description, or a header is missing."""
    for name in (*SECURITY_HEADERS, "x-request-id"):
        assert name in response.headers, f"{name} is missing"
    media_type = response.headers.get("content-type", "").partition(";")[0]
    operation = _operation(app, response.request)
    if operation is None:
        return
    described = operation["responses"].get(str(response.status_code))
    assert described is not None, f"{operation['operationId']} answered {response.status_code}, which is not described"
    content = described.get("content", {})
    if content and response.request.method != "HEAD":
        fits = media_type in content or f"{media_type.partition('/')[0]}/*" in content
        assert fits, f"{operation['operationId']} answered {media_type}, described are {list(content)}"


def check_problem(body: bytes) -> None:
    """Fail if these bytes are no complete problem document."""
    found = json.loads(body)
    kind = KINDS[found["code"]]
    assert found["status"] == kind.status
    assert found["title"] == kind.title
    assert found["type"].endswith(found["code"])
    assert found["detail"]
    assert found["request_id"]


def _operation(app: FastAPI, request: httpx.Request) -> dict[str, Any] | None:
    for pattern, methods in _operations(app):
        if pattern.fullmatch(request.url.path) and request.method.lower() in methods:
            found: dict[str, Any] = methods[request.method.lower()]
            return found
    return None
