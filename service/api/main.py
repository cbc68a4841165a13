"""The API process: `callscore api` runs this under uvicorn."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service import logs
from service.api.app import create_app
from service.api.rate import SharedLimiter
from service.packs import PackLibrary
from service.published import PublishedPacks
from service.queue import CeleryQueue
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database


def app_from_environment() -> FastAPI:
    """The application by `CALLSCORE_*` variables. The database must be migrated (`callscore migrate`).

    Raises:
        StoreUnavailable: the folder of the recordings cannot be used.
    """
    settings = Settings.model_validate({})
    logs.configure(settings.log_level, component="api")
    database = Database(settings.effective_database_url)
    queue = CeleryQueue(settings)
    limiter = SharedLimiter.of_url(settings.requests_per_minute, settings.effective_redis_url)
    app = create_app(
        settings=settings,
        database=database,
        audio=AudioStore(settings.effective_audio_url),
        queue=queue,
        packs=PackLibrary(settings.effective_rules_dir, published=PublishedPacks(database)),
        limiter=limiter,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # What was loaded at start stays to the end: looking through its 300,000 objects again for garbage stops every request
        # for a quarter of a second each time.
        gc.collect()
        gc.freeze()
        yield
        await limiter.close()
        queue.close()
        database.close()

    app.router.lifespan_context = lifespan
    return app
