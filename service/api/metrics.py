"""GET /metrics for Prometheus, behind a key of its own."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.deps import ServicesDep
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.api.routing import open_problems

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format"},
        **open_problems("key_missing", "key_invalid", "not_found", "store_unavailable"),
    },
)
def metrics(request: Request, services: ServicesDep) -> Response:
    """With the key of `CALLSCORE_METRICS_KEY` as bearer; 404 where none is set."""
    expected = services.settings.metrics_key
    if expected is None:
        raise Refused("not_found", KINDS["not_found"].example)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("key_missing", "send the metrics key in the header `Authorization: Bearer ...`")
    if not hmac.compare_digest(given.strip().encode(), expected.get_secret_value().encode()):
        raise Refused("key_invalid", "this is not the metrics key of this service (CALLSCORE_METRICS_KEY)")
    with services.database.read() as tx:
        counts = tx.calls.counts()
    return Response(services.metering.text(counts), media_type=CONTENT_TYPE_LATEST)
