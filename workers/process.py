"""What one worker process holds: opened in the child after the fork, on first use, and kept for all its tasks."""

from __future__ import annotations

from functools import cached_property

from service.queue import CeleryQueue
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database


class WorkerProcess:
    """The connections of this process. Nothing is opened before it is needed.

    Connections must not be shared across a fork, and a CUDA context does not survive one: the parent process makes this
    object, but only its children ever look into it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.effective_database_url)

    @cached_property
    def audio(self) -> AudioStore:
        return AudioStore(self.settings.effective_audio_url)

    @cached_property
    def queue(self) -> CeleryQueue:
        return CeleryQueue(self.settings)

    def prepare(self) -> None:
        """Load what no task can do without; the process is ready afterwards. May raise ModelUnavailable."""

    def warm_up(self) -> None:
        """Load what the first task would otherwise wait for; tasks wait meanwhile. Raises nothing."""

    def close(self) -> None:
        """Close what was opened."""
        for name in ("database", "queue"):
            if opened := self.__dict__.get(name):
                opened.close()
