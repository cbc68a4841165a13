"""GET /v1/kpi: what the department is steered by. Reads the rollup, never the calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from service.api.deps import AskerDep, ServicesDep
from service.api.kpi_answer import kpi_answer
from service.api.kpi_query import KpiQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_kpi import KpiAnswer

router = guarded_router("kpi")


@router.get(
    "/kpi",
    operation_id="get_kpi",
    summary="Key figures by rep, team, role, script, objection type, day, week or month",
    response_model=KpiAnswer,
    responses=problems("pack_invalid"),
)
def get_kpi(query: Annotated[KpiQuery, Query()], services: ServicesDep, asker: AskerDep) -> Response:
    """Value, target, status, n, 95 % interval and the previous period. Who is limited to a team sees that team's figures, a rep its own."""
    # Written as it is: for a year of 500 reps, checking it against its own schema again would take as long as reading it.
    return Response(kpi_answer(services, query, asker).model_dump_json(by_alias=True), media_type="application/json")
