"""GET /docs: the API on one page, made from the OpenAPI. No script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff}
h1,h2{font-weight:600}h2{margin-top:2.5rem;border-bottom:1px solid #ddd}
section{margin:1.5rem 0}code{font:14px ui-monospace,monospace}
.m{display:inline-block;min-width:4.5rem;font-weight:600;text-transform:uppercase}
small{color:#5b5b60}table{border-collapse:collapse;margin:.5rem 0}td{padding:.15rem 1rem .15rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{background:#161618;color:#ececf0}small{color:#a0a0a8}h2{border-color:#3a3a3e}}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


@router.get("/docs", operation_id="docs")
async def docs(request: Request) -> HTMLResponse:
    """For people; programs take /openapi.json."""
    return HTMLResponse(page(request.app.openapi()), headers={"Content-Security-Policy": _POLICY})


def page(schema: dict[str, Any]) -> str:
    """The page for this OpenAPI schema."""
    info = schema["info"]
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in info["description"].strip().split("\n\n"))
    body = "".join(_group(schema, tag) for tag in schema["tags"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>{paragraphs}"
        f'<p>For programs: <a href="/openapi.json">/openapi.json</a>, OpenAPI 3.1.</p>{body}</html>'
    )


def _group(schema: dict[str, Any], tag: dict[str, str]) -> str:
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation.get("tags", ())
    )
    return f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>{operations}"


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    roles = f"<br><small>roles: {escape(', '.join(operation['x-roles']))}</small>" if "x-roles" in operation else ""
    rows = "".join(_row(name, about) for name, about in _inputs(operation))
    answers = ", ".join(
        f"{status} {escape(answer['description'])}" for status, answer in operation["responses"].items()
    )
    return (
        f'<section id="{escape(operation["operationId"])}"><span class="m">{escape(method)}</span><code>{escape(path)}</code>{roles}'
        f"<p><b>{escape(operation['summary'])}.</b> {escape(operation['description'])}</p>"
        f"<table>{rows}</table><small>{answers}</small></section>"
    )


def _inputs(operation: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and descriptions of parameters and form fields."""
    found = [
        (parameter["name"], parameter.get("description", ""))
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "path"
    ]
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
    required = form.get("required", ())
    for name, field in form.get("properties", {}).items():
        found.append((f"{name} (required)" if name in required else name, field["description"]))
    return found


def _row(name: str, about: str) -> str:
    return f"<tr><td><code>{escape(name)}</code></td><td>{escape(about)}</td></tr>"
