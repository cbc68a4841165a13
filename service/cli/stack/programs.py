"""What the embedded stack consists of: the same commands as in production, on one machine."""

from __future__ import annotations

import os
import signal
import sys

import httpx
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

from service.cli.stack.child import Program
from service.cli.stack.folder import DataFolder
from service.cli.stack.redis import find_redis_server, redis_command
from service.settings import Settings

PREFIX = "CALLSCORE_"
CALLSCORE = (sys.executable, "-m", "service.cli.main")
#: After the grace a worker needs a moment to give its call back, and a step of the model to come to its end.
GIVE_BACK_WITHIN_S = 15.0
API_STOP_WITHIN_S = 15.0
BEAT_STOP_WITHIN_S = 10.0
REDIS_STOP_WITHIN_S = 10.0
MIGRATE_STOP_WITHIN_S = 10.0
#: A process that is up answers at once.
ANSWER_WITHIN_S = 2.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def service_url(settings: Settings) -> str:
    """Where this machine reaches the API."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def child_environment(settings: Settings) -> dict[str, str]:
    """This environment with exactly these settings, whatever else it says."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            environment[PREFIX + name.upper()] = str(plain)
    # Error messages are read line by line: a line must not be wrapped at the width of a terminal that is not there.
    return environment | {"COLUMNS": "1000", "PYTHONUNBUFFERED": "1"}


def plan(settings: Settings, folder: DataFolder, *, transcribe_workers: int) -> list[list[Program]]:
    """The stages: Redis (unless the settings name one that runs), migrations, then all the others side by side.

    Raises:
        CallscoreError: there is no redis-server.
    """
    redis: list[list[Program]] = []
    if settings.redis_url is None:
        redis = [[_redis(folder)]]
        settings = settings.model_copy(update={"redis_url": f"redis+socket://{folder.redis_socket()}"})
    workers = _transcribe_workers(settings, folder, count=transcribe_workers)
    others = [_score_worker(settings, folder), _beat(settings, folder)]
    return [*redis, [_migrate(settings)], [_api(settings), *workers, *others]]


def _redis(folder: DataFolder) -> Program:
    socket = folder.redis_socket()

    def answers() -> bool:
        try:
            with Redis(unix_socket_path=str(socket), socket_timeout=ANSWER_WITHIN_S) as redis:
                return bool(redis.ping())
        except (RedisError, OSError):
            return False

    return Program(
        name="redis",
        title="queue (Redis)",
        command=redis_command(find_redis_server(), socket, folder.redis),
        environment=dict(os.environ),
        ready=answers,
        stop_within_s=REDIS_STOP_WITHIN_S,
        stop_rank=2,
        # Not SIGKILL: it takes a moment to write what it holds.
        death_signal=signal.SIGTERM,
        # While it writes its last lines no other stack may open its files, also if the supervisor is dead.
        pass_fds=(folder.lock_fd,),
    )


def _migrate(settings: Settings) -> Program:
    return Program(
        name="migrate",
        title="database",
        command=(*CALLSCORE, "migrate"),
        environment=child_environment(settings),
        ready=lambda: False,
        stop_within_s=MIGRATE_STOP_WITHIN_S,
        once=True,
    )


def _api(settings: Settings) -> Program:
    ready_url = f"{service_url(settings)}/readyz"

    def answers() -> bool:
        try:
            return httpx.get(ready_url, timeout=ANSWER_WITHIN_S, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    return Program(
        name="api",
        title="API",
        command=(*CALLSCORE, "api"),
        environment=child_environment(settings),
        ready=answers,
        stop_within_s=API_STOP_WITHIN_S,
        stop_rank=1,
    )


def _transcribe_workers(settings: Settings, folder: DataFolder, *, count: int) -> list[Program]:
    if count == 1:
        return [_worker("worker-transcribe", "transcription worker", "transcribe", settings, folder)]
    if settings.model_threads == 0:
        settings = settings.model_copy(update={"model_threads": max(1, (os.cpu_count() or 1) // count)})
    return [
        _worker(f"worker-transcribe-{number}", f"transcription worker {number}", "transcribe", settings, folder)
        for number in range(1, count + 1)
    ]


def _score_worker(settings: Settings, folder: DataFolder) -> Program:
    return _worker("worker-score", "scoring worker", "score", settings, folder)


def _worker(name: str, title: str, kind: str, settings: Settings, folder: DataFolder) -> Program:
    within_s = settings.shutdown_grace_s + GIVE_BACK_WITHIN_S
    return _signing(name, title, ("worker", kind), settings, folder, stop_within_s=within_s)


def _beat(settings: Settings, folder: DataFolder) -> Program:
    return _signing("beat", "scheduler", ("beat",), settings, folder, stop_within_s=BEAT_STOP_WITHIN_S)


def _signing(
    name: str, title: str, command: tuple[str, ...], settings: Settings, folder: DataFolder, *, stop_within_s: float
) -> Program:
    sign = folder.signs_of_life / f"{name}.alive"
    # The sign of an earlier process is none.
    sign.unlink(missing_ok=True)
    return Program(
        name=name,
        title=title,
        command=(*CALLSCORE, *command, "--alive-file", str(sign)),
        environment=child_environment(settings),
        ready=sign.exists,
        stop_within_s=stop_within_s,
    )
