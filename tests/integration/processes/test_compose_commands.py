"""The services of docker-compose.yml as plain processes: the same commands, the same environment, real Redis and PostgreSQL.

Only the container around them is not tested: host names, ports and folders are replaced, nothing else.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError

from service.cli.stack.redis import find_redis_server
from service.store.database import Database
from tests.fixtures.compose import services
from tests.fixtures.installation import READY_WITHIN_S, SAMPLES, cut, until
from tests.fixtures.redis import free_port

pytestmark = [pytest.mark.processes, pytest.mark.speech, pytest.mark.postgres, pytest.mark.timeout(600)]

#: As `openssl rand -hex 24` makes them.
SECRETS = {"POSTGRES_PASSWORD": "0f" * 24, "REDIS_PASSWORD": "1e" * 24}
IN_ORDER = ("redis", "migrate", "api", "worker-transcribe", "worker-score", "beat")


class House:
    """The composed services, started here. `replaced` are the parts of their texts that mean something else outside containers."""

    def __init__(self, folder: Path, postgres_url: str) -> None:
        self.folder = folder
        self.redis_port, self.api_port = free_port(), free_port()
        self.postgres_url = postgres_url
        self._services = services(SECRETS)
        self._started = ExitStack()
        (folder / "redis").mkdir()
        self._replaced = {
            self._services["api"]["environment"]["CALLSCORE_DATABASE_URL"]: postgres_url,
            "@redis:6379": f"@127.0.0.1:{self.redis_port}",
            "file:///audio": (folder / "audio").as_uri(),
            "8321": str(self.api_port),
            # The image's model, which its build assembles.
            "/opt/models/whisper-base-d01c3014": "auto",
            "/tmp/alive": str(folder / "{service}.alive"),  # noqa: S108 - inside a container of its own
            "exec redis-server -": (
                f"exec {shlex.quote(str(find_redis_server()))} - --port {self.redis_port} --bind 127.0.0.1 "
                f"--dir {shlex.quote(str(folder / 'redis'))}"
            ),
        }

    def close(self) -> None:
        self._started.close()

    def text(self, value: str, service: str) -> str:
        """A command's word or a variable's value as it must be outside a container."""
        for inside, outside in self._replaced.items():
            value = value.replace(inside, outside)
        return value.replace("{service}", service)

    def environment(self, service: str) -> dict[str, str]:
        """Exactly the variables of the service, on top of what every process has."""
        # Compose fills in after parsing: what is left empty is an empty text there, not a null.
        texts = {name: str(value or "") for name, value in self._services[service]["environment"].items()}
        given = {name: self.text(value, service) for name, value in texts.items()}
        # The image sets this one.
        ours = {"CALLSCORE_DATA_DIR": str(self.folder / "data")}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | ours | given

    def start(self, service: str) -> subprocess.Popen[bytes]:
        command = [self.text(word, service) for word in self._services[service]["command"]]
        if command[0] == "callscore":
            command[:1] = [sys.executable, "-m", "service.cli.main"]
        log = self._started.enter_context((self.folder / f"{service}.log").open("wb"))
        process = subprocess.Popen(
            command,
            env=self.environment(service),
            cwd=Path(__file__).parents[3],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started.callback(_end, process)
        return process

    def healthy(self, service: str) -> bool:
        """What the service's own health check says."""
        how, *words = self._services[service]["healthcheck"]["test"]
        command = [self.text(word, service) for word in words]
        command = (
            ["sh", "-c", command[0]]
            if how == "CMD-SHELL"
            else [sys.executable if w == "python" else w for w in command]
        )
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0


@pytest.fixture
def house(tmp_path: Path, postgres_url: str) -> Iterator[House]:
    (tmp_path / "data").mkdir()
    house = House(tmp_path, postgres_url)
    yield house
    house.close()


def test_a_call_is_scored_by_the_services_as_composed(house: House, tmp_path: Path) -> None:
    house.start("redis")
    redis = Redis(port=house.redis_port, password=SECRETS["REDIS_PASSWORD"])
    until(lambda: _answers(redis), "Redis answers to its password", within_s=READY_WITHIN_S)
    assert not _answers(Redis(port=house.redis_port)), "and to nobody without it"
    assert redis.config_get("appendonly") == {"appendonly": "yes"}
    assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    redis.close()

    assert house.start("migrate").wait(READY_WITHIN_S) == 0
    running = {service: house.start(service) for service in IN_ORDER[2:]}
    for service in running:
        until(lambda name=service: house.healthy(name), f"{service} is healthy", within_s=READY_WITHIN_S)  # type: ignore[misc]

    created = subprocess.run(
        [sys.executable, "-m", "service.cli.main", "key", "create", "--role", "admin"],
        env=house.environment("api"),
        capture_output=True,
        text=True,
        check=True,
    )
    recording = cut(SAMPLES / "en-dev-03.wav", tmp_path / "short.wav", start_s=0.0, seconds=5.0)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{house.api_port}",
        headers={"Authorization": f"Bearer {created.stdout.strip()}"},
        trust_env=False,
        timeout=30,
    ) as client:
        call_id = _upload(client, recording)
        until(
            lambda: client.get(f"/v1/calls/{call_id}").json()["status"] in {"scored", "failed"},
            "the call is through",
            within_s=READY_WITHIN_S,
        )
        assert client.get(f"/v1/calls/{call_id}").json()["status"] == "scored"
        assert client.get(f"/v1/calls/{call_id}/scorecard").json()["language"] == "en"
        assert client.get("/metrics").status_code == 404, "there are no metrics without a key for them"

    for service in ("beat", "worker-score", "worker-transcribe", "api"):
        running[service].terminate()
    # uvicorn finishes what it serves and then ends by the signal that it got.
    ended = {name: process.wait(READY_WITHIN_S) for name, process in running.items()}
    assert ended == dict.fromkeys(running, 0) | {"api": -signal.SIGTERM}
    assert "Application shutdown complete" in (tmp_path / "api.log").read_text()
    database = Database(house.postgres_url)
    with database.read() as tx:
        assert not tx.rollup.verify()
    database.close()


def _upload(client: httpx.Client, recording: Path) -> UUID:
    fields: dict[str, Any] = {"source": "pbx", "external_id": "1", "rep": "r-1", "language": "en"}
    answer = client.post("/v1/calls", data=fields, files={"audio": recording.read_bytes()})
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
