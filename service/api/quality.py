"""GET /v1/reps/{rep_id}/quality: how one rep does, since when, and what to listen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.kpi_answer import figure, rules_marks
from service.api.kpi_findings import Sides, all_parts, of_missed, why
from service.api.kpi_query import PeriodQuery, RulesShown, period_before
from service.api.kpi_titles import Titles, current_rules, part_titles
from service.api.kpi_uncounted import uncounted_rules
from service.api.problems import Refused
from service.api.routing import guarded_router, problems
from service.api.schemas_kpi_quality import Colleagues, Finding, RepQuality, TrendPoint
from service.api.schemas_people import Rep
from service.scoring.errors import RepUnknown
from service.scoring.kpi import KpiDefinition, kpi_value
from service.scoring.kpi_findings import Side
from service.scoring.kpi_sums import KpiSums
from service.store import records
from service.store.records import KpiFilter, KpiTotals
from service.store.transaction import Transaction

router = guarded_router("kpi")

#: Days shown when no period is asked for: a quarter has enough calls to say something, and is recent enough to act on.
USUAL_DAYS = 91
#: Up to this many days a trend has a point a day, then a week, then a month.
DAYS_BY_DAY, DAYS_BY_WEEK = 14, 200


class QualityQuery(PeriodQuery):
    """Which days."""

    rules: RulesShown = "as_scored"


@router.get(
    "/reps/{rep_id}/quality",
    operation_id="get_rep_quality",
    summary="How one rep does, and why",
    response_model=RepQuality,
    responses=problems("rep_not_found", "pack_invalid"),
)
def get_rep_quality(
    rep_id: UUID, query: Annotated[QualityQuery, Query()], services: ServicesDep, asker: AskerDep
) -> RepQuality:
    """Figures, trend, and for each figure below its target what pulls it down, with calls that show it.

    Without `from` the last 91 days. A rep sees itself only, and no colleague's calls.
    """
    return rep_quality(services, rep_id, query, asker)


def rep_quality(services: Services, rep_id: UUID, query: QualityQuery, asker: Asker) -> RepQuality:
    """The answer. Raises Refused for a rep that is not there, or not for this asker."""
    end = query.date_to or services.now().date()
    begin = query.date_from or end - timedelta(days=USUAL_DAYS - 1)
    definitions = services.packs.kpis()
    titles = part_titles(services.packs)
    rules = current_rules(services.packs) if query.rules == "today" else None
    before = period_before(begin, end)
    trend_by = _trend_by(begin, end)
    with services.database.read() as tx:
        rep = _visible_rep(tx, rep_id, asker)
        own = KpiFilter(date_from=begin, date_to=end, rep_id=rep.id, rules=rules)
        past = None if before is None else replace(own, date_from=before[0], date_to=before[1])
        team, colleagues = _colleagues(tx, rep, own)
        now = _sums(tx, own)
        earlier = KpiSums() if past is None else _sums(tx, past)
        theirs = _sums(tx, team)
        sides = Sides(
            own=Side(tx.rollup.parts(own), now.calls_assessed),
            past=None
            if past is None or not earlier.calls_scored
            else Side(tx.rollup.parts(past), earlier.calls_assessed),
            team=Side(tx.rollup.parts(team), theirs.calls_assessed) if theirs.calls_scored else None,
        )
        trend = tx.rollup.totals(trend_by, own)
        spans = tx.rollup.spans(own)
        switches = tx.switches.in_force()
        ordered = sorted(definitions, key=lambda definition: rep.role not in definition.roles)
        judged = [(definition, kpi_value(definition, now, earlier)) for definition in ordered]
        findings = of_missed(tx, judged, sides, titles, own=own, colleagues=team if asker.rep_id is None else None)
    return RepQuality(
        rep=Rep.of(rep),
        date_from=begin,
        date_to=end,
        time_zone="UTC",
        previous_from=before[0] if before else None,
        previous_to=before[1] if before else None,
        compared_with=colleagues,
        kpis=[figure(definition, value) for definition, value in judged],
        team_kpis=[figure(definition, kpi_value(definition, theirs, None)) for definition in ordered],
        trend_by=trend_by,
        trend=[_point(point, trend_by, ordered) for point in trend],
        marks=rules_marks(spans),
        not_counted=uncounted_rules(switches, services.packs),
        weakest_items=_parts("script_adherence", definitions, sides, titles),
        weakest_objection_types=_parts("objections_handled", definitions, sides, titles),
        why=why(ordered, sides),
        findings=findings,
    )


def _visible_rep(tx: Transaction, rep_id: UUID, asker: Asker) -> records.Rep:
    """Raises Refused: also for a rep who exists but is not this asker's to see."""
    try:
        rep = tx.reps.get(rep_id)
    except RepUnknown as error:
        raise Refused("rep_not_found", str(error)) from None
    if not asker.may_see_rep(rep.id, None if rep.team is None else rep.team.id):
        raise Refused("rep_not_found", f"no rep has the id {rep_id}")
    return rep


def _colleagues(tx: Transaction, rep: records.Rep, own: KpiFilter) -> tuple[KpiFilter, Colleagues]:
    """The team without the rep, or everybody else if nobody of it has calls; and who that is."""
    others = replace(own, rep_id=None, not_rep_id=rep.id)
    if rep.team is not None:
        team = replace(others, team_id=rep.team.id)
        if number := len(tx.rollup.totals("rep", team)):
            return team, Colleagues(team=rep.team.name, reps=number)
    return others, Colleagues(team=None, reps=len(tx.rollup.totals("rep", others)))


def _sums(tx: Transaction, wanted: KpiFilter) -> KpiSums:
    return tx.rollup.totals("all", wanted)[0].sums


def _trend_by(begin: date, end: date) -> Literal["day", "week", "month"]:
    days = (end - begin).days + 1
    if days <= DAYS_BY_DAY:
        return "day"
    return "week" if days <= DAYS_BY_WEEK else "month"


def _point(totals: KpiTotals, by: Literal["day", "week", "month"], definitions: Sequence[KpiDefinition]) -> TrendPoint:
    figures = [figure(definition, kpi_value(definition, totals.sums, None)) for definition in definitions]
    return TrendPoint(begins=date.fromisoformat(totals.keys[by]), kpis=figures)


def _parts(kpi: str, definitions: Sequence[KpiDefinition], sides: Sides, titles: Titles) -> list[Finding]:
    """The parts of a figure, if kpi.yaml has it."""
    return [found for d in definitions if d.id == kpi for found in all_parts(d, sides, titles)]
