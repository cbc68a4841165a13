"""Is the process alive, and can it work?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from service import __version__
from service.api.deps import ServicesDep
from service.api.routing import open_problems

router = APIRouter(tags=["operation"])

Check = Literal["ok", "unavailable"]


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str = __version__


class Readiness(BaseModel):
    """What the process needs, part by part. Recordings are also accepted while the queue is away: they wait in the database."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "database": "ok", "audio_store": "ok", "queue": "ok"}]}
    )

    status: Literal["ready", "not_ready"]
    database: Check
    audio_store: Check = Field(description="The folder or bucket that holds the recordings.")
    queue: Check


@router.get(
    "/healthz",
    operation_id="healthz",
    summary="Is the process alive?",
    response_model=Health,
    responses=open_problems(),
)
async def healthz() -> Health:
    """Asks nothing of the database; for restarting a process that hangs."""
    return Health()


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Can it work?",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something it needs is away"}, **open_problems()},
)
def readyz(response: Response, services: ServicesDep) -> Readiness:
    """503 while the database, the audio store or the queue is away."""
    parts = {
        "database": services.database.ready(),
        "audio_store": services.audio.ready(),
        "queue": services.queue.ready(),
    }
    ready = all(parts.values())
    response.status_code = 200 if ready else 503
    checks: dict[str, Check] = {name: "ok" if fine else "unavailable" for name, fine in parts.items()}
    return Readiness(status="ready" if ready else "not_ready", **checks)
