"""What the API is measured against: the barest service that does the same. Run by uvicorn in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, event, text
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


def synced_upload() -> Starlette:
    """The same, and file and folder are on the disk before it answers."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["FLOOR_FOLDER"]))

    async def take(request: StarletteRequest) -> Response:
        with (folder / uuid4().hex).open("wb", buffering=0) as file:
            async for chunk in request.stream():
                file.write(chunk)
            await asyncio.to_thread(_sync, file.fileno(), folder)
        return Response(status_code=202)

    return Starlette(routes=[Route("/v1/calls", take, methods=["POST"]), Route("/healthz", _alive)])


def recorded_upload() -> Starlette:
    """The same, and the recording is hashed and a row that names it committed before it answers, in the same thread."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["FLOOR_FOLDER"]))
    engine: Engine = create_engine(os.environ["FLOOR_URL"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=FULL"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS floor (name TEXT, sha256 TEXT)"))

    async def take(request: StarletteRequest) -> Response:
        name, digest = uuid4().hex, hashlib.sha256()
        with (folder / name).open("wb", buffering=0) as file:
            async for chunk in request.stream():
                digest.update(chunk)
                file.write(chunk)
            await asyncio.to_thread(keep, file.fileno(), name, digest.hexdigest())
        return Response(status_code=202)

    def keep(descriptor: int, name: str, sha256: str) -> None:
        _sync(descriptor, folder)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO floor VALUES (:name, :sha256)"), {"name": name, "sha256": sha256})

    return Starlette(routes=[Route("/v1/calls", take, methods=["POST"]), Route("/healthz", _alive)])


def _sync(descriptor: int, folder: Path) -> None:
    os.fsync(descriptor)
    above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


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
