"""The API behind a real uvicorn: in this process for tests that look inside, in one of its own for those that limit or kill it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

START_S = 60.0
PATIENCE_S = 20.0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve in a thread; yields the address."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def wait_until(condition: object, patience_s: float = PATIENCE_S) -> None:
    """Wait for something that another thread or process does."""
    assert callable(condition)
    give_up = time.monotonic() + patience_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        pause.wait(0.01)


@dataclass
class ServerProcess:
    """`service.api.main` under uvicorn, with an embedded data folder and no Redis."""

    process: subprocess.Popen[bytes]
    url: str

    def rss_bytes(self) -> int:
        """Memory in use now."""
        return self._status("VmRSS")

    def peak_rss_bytes(self) -> int:
        """Most memory ever in use."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


_SCRIPT = """
import resource, sys, uvicorn
port, largest_file = int(sys.argv[1]), int(sys.argv[2])
if largest_file:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
uvicorn.run("service.api.main:app_from_environment", factory=True, port=port, log_config=None, access_log=False)
"""


@contextmanager
def server_process(folder: Path, *, largest_file_bytes: int = 0) -> Iterator[ServerProcess]:
    """Start the API in a process of its own on a migrated SQLite database in `folder`.

    `largest_file_bytes` makes the operating system refuse to write more into a file, as a full disk does.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SCRIPT, str(port), str(largest_file_bytes)]
    with (folder / "api.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, "CALLSCORE_DATA_DIR": str(folder)}, stderr=log)
    server = ServerProcess(process, f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _answers(server), START_S)
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(server: ServerProcess) -> bool:
    assert server.process.poll() is None, "the server has ended"
    try:
        return httpx.get(f"{server.url}/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
