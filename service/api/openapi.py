"""The OpenAPI 3.1 description: what FastAPI derives, with keys and problems described as they are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api import repetition
from service.api.access import ACCESS, USER_ROLES, Access
from service.api.csrf import COOKIE
from service.api.routing import repeatable
from service.api.schemas_problem import problem_schemas
from service.api.validation import NAME_LIMIT
from service.store.records import KEY_ROLES

DESCRIPTION = """\
Recordings of sales calls go in, scorecards with a quote behind every point and key figures come out.

Send your key as `Authorization: Bearer cs_...`; people log in with `POST /v1/session` and send the session's `csrf_token` as
`X-CSRF-Token` with whatever changes something. Errors are RFC 9457 problems with a stable `code`. Lists are paged by cursors.
Times are RFC 3339 with an offset. Every answer names its request in `X-Request-ID`.
"""
TAGS = [
    {"name": "upload", "description": "Recordings come in."},
    {"name": "calls", "description": "What became of them."},
    {
        "name": "reviews",
        "description": "What people decide about scorecards, and how far the machine agrees with them.",
    },
    {"name": "keeping", "description": "How long data is kept, and how it is forgotten."},
    {"name": "kpi", "description": "What they add up to."},
    {"name": "export", "description": "For a spreadsheet."},
    {"name": "rules", "description": "What calls are scored by."},
    {"name": "rescore", "description": "Stored calls are scored again."},
    {"name": "people", "description": "Reps and teams."},
    {"name": "keys", "description": "Who may ask."},
    {"name": "users", "description": "Who may log in."},
    {"name": "webhooks", "description": "Other systems are told."},
    {"name": "audit", "description": "Who did what."},
    {"name": "session", "description": "People log in and out."},
    {"name": "operation", "description": "For monitoring."},
]
_METHODS = ("get", "head", "post", "patch", "put", "delete")
_METRICS = "metrics"

_IDEMPOTENCY_KEY = {
    "name": repetition.HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": NAME_LIMIT, "pattern": "^[!-~]+$"},
    "description": "The same key again within 24 hours is answered again, and not carried out again.",
    "example": "7b0c6e0e-5a0e-4c4e-9b5e-0a3f3f6d7a11",
}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` complete."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        openapi_version="3.1.0",
    )
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(problem_schemas())
    components["securitySchemes"] = {
        "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, `cs_...`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "Of a person who has logged in; what changes something needs `X-CSRF-Token` too.",
        },
        "metrics_key": {"type": "http", "scheme": "bearer", "description": "The key of CALLSCORE_METRICS_KEY."},
    }
    for path in schema["paths"].values():
        for method in _METHODS:
            if method in path:
                _secure(path[method])
                if repeatable(path[method]["operationId"], [method.upper()] if path[method]["security"] else None):
                    path[method].setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return schema


def _who_may(access: Access) -> list[dict[str, list[str]]]:
    """Keys have no role rep, users are no uploaders and no readers."""
    by_key: list[dict[str, list[str]]] = (
        [{"api_key": []}] if access.roles & set(KEY_ROLES) and not access.people else []
    )
    by_session: list[dict[str, list[str]]] = [{"session": []}] if access.roles & set(USER_ROLES) else []
    return by_key + by_session


def _secure(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    if name in ACCESS:
        operation["security"] = _who_may(ACCESS[name])
        operation["x-roles"] = sorted(ACCESS[name].roles)
    elif name == _METRICS:
        operation["security"] = [{"metrics_key": []}]
    else:
        operation["security"] = []
