"""What routes are given: the parts of the service, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request

from service.api.arrivals import Arrivals
from service.api.asker import Asker
from service.api.metering import Metering
from service.api.rate import Limiter
from service.packs import PackLibrary
from service.queue import Queue
from service.scoring.errors import CallNotFound
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.records import Call
from service.store.transaction import Transaction


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a route may use. Made once by `create_app`."""

    settings: Settings
    database: Database
    audio: AudioStore
    queue: Queue
    packs: PackLibrary
    metering: Metering
    limiter: Limiter
    arrivals: Arrivals
    now: Callable[[], datetime] = utc_now


def services_of(request: Request) -> Services:
    return cast("Services", request.app.state.services)


async def _services(request: Request) -> Services:
    return services_of(request)


async def _asker(request: Request) -> Asker:
    return cast("Asker", request.state.asker)


ServicesDep = Annotated[Services, Depends(_services)]
AskerDep = Annotated[Asker, Depends(_asker)]


def visible_call(tx: Transaction, call_id: UUID, asker: Asker) -> Call:
    """The call, if the asker may see it.

    Raises:
        CallNotFound: also for a call that exists but is not the asker's: its id must not be confirmed.
    """
    call = tx.calls.get(call_id)
    if not asker.may_see(call):
        raise CallNotFound(f"no call has the id {call_id}")
    return call
