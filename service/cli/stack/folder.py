"""The data folder of the embedded stack: made, checked, and taken by one supervisor at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from service.scoring.errors import CallscoreError

LOCK = "callscore.lock"
#: Longest path of a Unix socket in bytes (108 in Linux's sockaddr_un, 104 in BSD's, one for the closing zero).
LONGEST_SOCKET_PATH = 103
#: After a supervisor was killed its Redis writes its last lines and ends; a new start waits so long for that.
LAST_WORDS_S = 10.0
POLL_S = 0.1
#: What a URL carries without quoting. A folder with other characters gets its socket elsewhere.
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")


class DataFolder:
    """The folder, held while entered. `lock_fd` may be left to a child that must not outlive the lock.

    Raises on entering:
        CallscoreError: the folder cannot be used, or another supervisor uses it; a sentence for people.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock_fd = -1
        self._elsewhere: Path | None = None

    def __enter__(self) -> Self:
        try:
            for folder in (self.path, self.logs, self.signs_of_life, self.redis):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.lock_fd = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CallscoreError(
                f"the data folder {self.path} cannot be written ({error.strerror}); make it writable, or name another "
                "one with --data or CALLSCORE_DATA_DIR"
            ) from None
        try:
            self._lock()
        except BaseException:
            os.close(self.lock_fd)
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._elsewhere is not None:
            shutil.rmtree(self._elsewhere, ignore_errors=True)
        os.close(self.lock_fd)

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def signs_of_life(self) -> Path:
        return self.path / "run"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    def redis_socket(self) -> Path:
        """Where the private Redis listens: in the folder, or in a temporary one if the folder's path is too long for a socket."""
        socket = self.path / "redis.sock"
        if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH and PLAIN.issuperset(str(socket)):
            return socket
        if self._elsewhere is None:
            self._elsewhere = Path(tempfile.mkdtemp(prefix="callscore-", dir="/tmp"))
        return self._elsewhere / "redis.sock"

    def _lock(self) -> None:
        deadline = time.monotonic() + LAST_WORDS_S
        while True:
            try:
                fcntl.flock(self.lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(self.lock_fd, 32, 0).decode(errors="replace").strip()
                if _alive(holder) or time.monotonic() > deadline:
                    raise CallscoreError(
                        f"callscore is running on the data folder {self.path} already (process {holder or 'unknown'}); stop that "
                        "one first, or name another folder with --data or CALLSCORE_DATA_DIR"
                    ) from None
                time.sleep(POLL_S)
            else:
                os.ftruncate(self.lock_fd, 0)
                os.pwrite(self.lock_fd, f"{os.getpid()}\n".encode(), 0)
                return


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
