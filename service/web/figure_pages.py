"""Pages of figures: today, the list of reps, one rep, and its monthly report."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from service.api.deps import AskerDep, ServicesDep
from service.api.kpi_titles import part_titles
from service.api.quality import QualityQuery, rep_quality
from service.api.schemas_kpi_quality import RepQuality
from service.web.list_pages import filled, query_of, reps_of
from service.web.people import names_of
from service.web.periods import PERIODS, Period, period_of
from service.web.rendering import render
from service.web.routing import page_router
from service.web.spark import bar
from service.web.today_view import MAIN, today

router = page_router()
_FILTERS = ("team", "role", "script")
#: Reps of one page of their list.
_REPS_A_PAGE = 300
#: Disputes on a rep's page; the others are a link away.
_MOST_DISPUTES = 10


@router.get("/today", operation_id="page_today")
def today_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    period = _period(request, given)
    filters = {name: given[name] for name in _FILTERS if name in given}
    view = today(services, asker, begin=period.begin, end=period.end, filters=filters)
    with services.database.read() as tx:
        teams = [team.name for team in tx.teams.list()] if asker.team_id is None else []
    return render(request, "today.html", view=view, period=period, periods=PERIODS, given=given, teams=teams, main=MAIN)


@router.get("/reps", operation_id="page_reps")
def reps_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    with services.database.read() as tx:
        found, further = reps_of(tx, asker, given, _REPS_A_PAGE)
        teams = [team.name for team in tx.teams.list()] if asker.team_id is None and asker.rep_id is None else []
    return render(request, "reps.html", reps=found, further=further, teams=teams, given=given)


@router.get("/reps/{rep_id}", operation_id="page_rep")
def rep_page(request: Request, rep_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    period = _period(request, given, usual=91)
    quality = _quality(services, rep_id, asker, period.begin, period.end)
    with services.database.read() as tx:
        disputes = tx.disputes.list(rep_id=rep_id, team_id=asker.team_id, limit=_MOST_DISPUTES + 1, newest_first=True)
        names = names_of(tx, [actor for found in disputes for actor in (found.raised_by, found.decided_by)])
    return render(
        request,
        "rep.html",
        disputes=disputes[:_MOST_DISPUTES],
        more_disputes=len(disputes) > _MOST_DISPUTES,
        names=names,
        titles=part_titles(services.packs) if disputes else {},
        quality=quality,
        period=period,
        periods=PERIODS,
        given=given,
        bars={figure.id: bar(figure) for figure in quality.kpis},
        theirs={figure.id: figure for figure in quality.team_kpis},
        chart=chart_of(quality),
    )


@router.get("/reps/{rep_id}/month", operation_id="page_rep_month")
def rep_month(request: Request, rep_id: UUID, services: ServicesDep, asker: AskerDep, month: str = "") -> Response:
    """A month on paper; last month unless one is named (`2026-10`)."""
    begin = _month(month, request.state.visitor.now.date())
    end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
    quality = _quality(services, rep_id, asker, begin, end)
    return render(
        request,
        "rep_month.html",
        quality=quality,
        begin=begin,
        end=end,
        bars={figure.id: bar(figure) for figure in quality.kpis},
        theirs={figure.id: figure for figure in quality.team_kpis},
        before=(begin - timedelta(days=1)).strftime("%Y-%m"),
        after=(end + timedelta(days=1)).strftime("%Y-%m"),
    )


def chart_of(quality: RepQuality) -> dict[str, Any]:
    """The trend for the chart: days as seconds since 1970, one row of values a figure."""
    days = [_seconds(point.begins) for point in quality.trend]
    known = {figure.id: figure for figure in quality.kpis}
    series = []
    for kpi in MAIN:
        values = [next((f.value for f in point.kpis if f.id == kpi), None) for point in quality.trend]
        if kpi in known and any(value is not None for value in values):
            figure = known[kpi]
            series.append(
                {"id": kpi, "title": figure.title, "unit": figure.unit, "target": figure.target, "values": values}
            )
    marks = [
        {"at": _seconds(mark.day), "title": f"{mark.script} {mark.version} {mark.language.upper()}"}
        for mark in quality.marks
    ]
    return {"days": days, "series": series, "marks": marks, "by": quality.trend_by}


def _quality(services: Any, rep_id: UUID, asker: Any, begin: date, end: date) -> RepQuality:
    query = query_of(QualityQuery, {"from": begin.isoformat(), "to": end.isoformat()})
    return rep_quality(services, rep_id, query, asker)


def _period(request: Request, given: dict[str, str], usual: int = 28) -> Period:
    return period_of(given, today=request.state.visitor.now.date(), usual=usual)


def _seconds(day: date) -> int:
    return calendar.timegm(day.timetuple())


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
