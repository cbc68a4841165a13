"""The two servers of a comparison, each a uvicorn process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.api.serving import START_S, ServerProcess, _answers, wait_until

Served = ServerProcess
_SCRIPT = "import sys, uvicorn; uvicorn.run(sys.argv[1], factory=True, port=int(sys.argv[2]), log_config=None, access_log=False)"


@contextmanager
def our_server(folder: Path, url: str) -> Iterator[Served]:
    """The API on the database at `url`, without Redis."""
    settings = {"CALLSCORE_DATA_DIR": str(folder), "CALLSCORE_DATABASE_URL": url}
    with _server("service.api.main:app_from_environment", folder, settings) as server:
        yield server


@contextmanager
def floor_server(folder: Path, url: str, factory: str) -> Iterator[Served]:
    """A bare service of bench/api_floor.py."""
    settings = {"FLOOR_FOLDER": str(folder), "FLOOR_URL": url}
    with _server(f"bench.api_floor:{factory}", folder, settings) as server:
        yield server


@contextmanager
def _server(factory: str, folder: Path, settings: dict[str, str]) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SCRIPT, factory, str(port)]
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)  # noqa: S603
    server = Served(process, f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _answers(server), START_S)
        yield server
    finally:
        process.kill()
        process.wait()
