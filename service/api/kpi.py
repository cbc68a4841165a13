"""GET /v1/kpi: what the department is steered by. Reads the rollup, never the calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

from fastapi import Query

from service.api.asker import Asker
from service.api.deps import AskerDep, ServicesDep
from service.api.queries import EARLIEST_DAY, KpiQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_kpi import KpiAnswer, KpiCalls, KpiFigure, KpiGroup
from service.scoring.kpi import KpiDefinition, kpi_values
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
    """Value, target, status, n, 95 % interval and the previous period. Who is limited to a team sees its figures, a rep its own."""
    definitions = services.packs.kpis()
    before = _previous(query.date_from, query.date_to or services.now().date())
    with services.database.read() as tx:
        totals = tx.rollup.totals(query.group_by, _filter(query, asker, query.date_from, query.date_to))
        earlier = tx.rollup.totals(query.group_by, _filter(query, asker, *before)) if before else ()
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


def _filter(query: KpiQuery, asker: Asker, begin: date | None, end: date | None) -> KpiFilter:
    return KpiFilter(
        date_from=begin,
        date_to=end,
        team=query.team,
        rep=query.rep,
        role=query.role,
        team_id=asker.team_id,
        rep_id=asker.rep_id,
    )


def _group(totals: KpiTotals, earlier: KpiTotals | None, definitions: Sequence[KpiDefinition]) -> KpiGroup:
    values = kpi_values(definitions, totals.sums, None if earlier is None else earlier.sums)
    return KpiGroup(
        group=totals.group,
        title=totals.title,
        calls=KpiCalls(received=totals.sums.calls_received, scored=totals.sums.calls_scored),
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
