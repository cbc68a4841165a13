"""What the API is measured against: the barest service that does the same. Run by uvicorn in a process of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, text
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route


def bare_upload() -> Starlette:
    """A Starlette route that streams the body to a file."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["FLOOR_FOLDER"]))

    async def take(request: StarletteRequest) -> Response:
        with (folder / uuid4().hex).open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        return Response(status_code=202)

    return Starlette(routes=[Route("/v1/calls", take, methods=["POST"]), Route("/healthz", _alive)])


def bare_row() -> FastAPI:
    """A FastAPI route that reads one row of `calls` by its id."""
    app = FastAPI()
    engine: Engine = create_engine(os.environ["FLOOR_URL"])

    @app.get("/v1/calls/{call_id}")
    def one(call_id: str) -> dict[str, Any]:
        with engine.connect() as connection:
            row = connection.execute(text("SELECT * FROM calls WHERE id = :id"), {"id": call_id}).one()
        return dict(row._mapping)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {}

    return app


async def _alive(_request: StarletteRequest) -> Response:
    return Response(status_code=200)
