"""The HTTP service, put together from its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from service import __version__
from service.api import (
    agreement,
    audit,
    calibration,
    calls,
    deliveries,
    disputes,
    export,
    health,
    keys,
    kpi,
    labels,
    metrics,
    openapi,
    pack_draft_files,
    pack_drafts,
    pack_publishing,
    pack_trials,
    problems,
    quality,
    reference,
    reps,
    rescore,
    retention,
    review_assignments,
    review_queue,
    reviews,
    scorecards,
    sessions,
    teams,
    transcripts,
    upload,
    users,
    webhooks,
)
from service.api import audio as audio_routes
from service.api import packs as pack_routes
from service.api.arrivals import Arrivals
from service.api.deps import Services, utc_now
from service.api.metering import Metering
from service.api.middleware import AroundRequests
from service.api.rate import Limiter, RateLimiter
from service.packs import PackLibrary
from service.queue import Queue
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database


def create_app(
    *,
    settings: Settings,
    database: Database,
    audio: AudioStore,
    queue: Queue,
    packs: PackLibrary,
    now: Callable[[], datetime] = utc_now,
    limiter: Limiter | None = None,
) -> FastAPI:
    """The application. It owns none of its parts: whoever made them closes them. Without a limiter requests are counted in this process."""
    # FastAPI's own console loads its scripts from elsewhere; reference.py serves /docs instead.
    app = FastAPI(title="callscore", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    metering = Metering()
    app.state.services = Services(
        settings=settings,
        database=database,
        audio=audio,
        queue=queue,
        packs=packs,
        metering=metering,
        limiter=limiter or RateLimiter(settings.requests_per_minute),
        arrivals=Arrivals(database, audio, now, allow_unknown_rep=settings.unknown_rep == "create"),
        now=now,
    )
    app.add_middleware(AroundRequests, metering=metering)
    problems.install(app)
    for module in (
        upload,
        calls,
        audio_routes,
        transcripts,
        scorecards,
        rescore,
        pack_routes,
        pack_draft_files,
        pack_drafts,
        pack_publishing,
        pack_trials,
        kpi,
        quality,
        export,
        reps,
        teams,
        keys,
        users,
        webhooks,
        deliveries,
        sessions,
        audit,
        review_assignments,
        review_queue,
        reviews,
        disputes,
        calibration,
        agreement,
        labels,
        retention,
        health,
        metrics,
        reference,
    ):
        app.include_router(module.router)
    app.include_router(sessions.open_routes)
    openapi.describe(app)
    return app
