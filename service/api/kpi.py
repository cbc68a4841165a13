"""GET /v1/kpi: what the department is steered by. Reads the rollup, never the calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.api.deps import AskerDep, ServicesDep
from service.api.queries import EARLIEST_DAY, KpiQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_kpi import KpiAnswer, KpiCalls, KpiFigure, KpiGroup
from service.scoring.kpi import KpiDefinition, KpiSums, kpi_values
from service.store.records import KpiFilter, KpiTotals

router = guarded_router("kpi")


@router.get(
    "/kpi",
    operation_id="get_kpi",
    summary="Key figures by rep, by team, or of all",
    response_model=KpiAnswer,
    responses=problems("pack_invalid"),
)
def get_kpi(query: Annotated[KpiQuery, Query()], services: ServicesDep, asker: AskerDep) -> KpiAnswer:
    """Value, target, status, n, 95 % interval and the previous period. A key of one team sees that team's figures."""
    definitions = services.packs.kpis()
    before = _previous(query.date_from, query.date_to or services.now().date())
    with services.database.read() as tx:
        totals = tx.rollup.totals(query.group_by, _filter(query, asker.team_id, query.date_from, query.date_to))
        earlier = tx.rollup.totals(query.group_by, _filter(query, asker.team_id, *before)) if before else ()
    by_group = {group.group: group for group in earlier}
    return KpiAnswer(
        group_by=query.group_by,
        date_from=query.date_from,
        date_to=query.date_to,
        previous_from=before[0] if before else None,
        previous_to=before[1] if before else None,
        groups=[_group(group, by_group.get(group.group), definitions) for group in totals],
    )


def _previous(begin: date | None, end: date) -> tuple[date, date] | None:
    """The days before `begin`, as many as from there to `end`; None where there is no begin, or no such days."""
    if begin is None or begin > end:
        return None
    days = (end - begin).days + 1
    if (begin - EARLIEST_DAY).days < days:
        return None
    return begin - timedelta(days=days), begin - timedelta(days=1)


def _filter(query: KpiQuery, team_id: UUID | None, begin: date | None, end: date | None) -> KpiFilter:
    return KpiFilter(date_from=begin, date_to=end, team=query.team, rep=query.rep, role=query.role, team_id=team_id)


def _group(totals: KpiTotals, earlier: KpiTotals | None, definitions: Sequence[KpiDefinition]) -> KpiGroup:
    values = kpi_values(definitions, _sums(totals), None if earlier is None else _sums(earlier))
    return KpiGroup(
        group=totals.group,
        title=totals.title,
        calls=KpiCalls(received=totals.calls_received, scored=totals.calls_scored),
        kpis=[
            KpiFigure(
                id=value.id,
                title=definition.title,
                unit=definition.unit,
                value=value.value,
                n=value.n,
                target=value.target,
                direction=definition.direction,
                status=value.status,
                interval=value.interval,
                previous=value.previous,
            )
            for definition, value in zip(definitions, values, strict=True)
        ],
    )


def _sums(totals: KpiTotals) -> KpiSums:
    return KpiSums(
        calls_received=totals.calls_received,
        calls_scored=totals.calls_scored,
        objections=totals.objections,
        objections_handled=totals.objections_handled,
        argumentation_sum=totals.argumentation_sum,
        argumentation_sum_sq=totals.argumentation_sum_sq,
        adherence_points=totals.adherence_points,
        adherence_weight=totals.adherence_weight,
    )
