"""What the manager's first page shows: the main figures, the teams and reps by need of help, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from service.api.access import ACCESS
from service.api.asker import Asker
from service.api.deps import Services
from service.api.kpi_answer import kpi_answer
from service.api.kpi_query import KpiQuery
from service.api.schemas_kpi import KpiFigure, KpiGroup
from service.scoring.kpi_sums import KpiSums
from service.store.records import KpiTotals
from service.store.records_reviews import QueueFilter
from service.web.spark import Bar, Spark, bar, spark

#: The two figures that the department is steered by.
MAIN = ("argumentation", "objections_handled")
#: Weeks of a small line.
WEEKS = 8
#: Rows of the table: those who need help most.
MOST_REPS = 60
#: Among more reps than these the table has no weekly lines: their sums would take longer than all the rest.
MOST_LINED = 100
_MOST_IDS = 10_000
#: Changes worth a line.
MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of a rep that moved further since the period before than its interval explains."""

    group: KpiGroup
    figure: KpiFigure
    better: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A rep or a team: figures, small lines, and how much help is needed (0: none)."""

    group: KpiGroup
    figures: dict[str, KpiFigure]
    sparks: dict[str, Spark]
    need: float
    rep_id: UUID | None


@dataclass(frozen=True, slots=True)
class Today:
    begin: date
    end: date
    days: int
    main: list[tuple[KpiFigure, Bar | None, Spark]]
    others: list[tuple[KpiFigure, Bar | None, Spark]]
    teams: list[Row]
    reps: list[Row]
    left_out: int
    lined: bool
    changes: list[Change]
    received: int
    scored: int
    waiting: int | None
    oldest: float | None


def today(services: Services, asker: Asker, *, begin: date, end: date, filters: dict[str, str]) -> Today:
    """Figures from `begin` to `end`; `filters` narrow as `GET /v1/kpi` does."""

    def ask(group_by: str, first: date = begin) -> list[KpiGroup]:
        given = {"group_by": group_by, "from": first.isoformat(), "to": end.isoformat(), **filters}
        return kpi_answer(services, KpiQuery.model_validate(given), asker).groups

    since = end - timedelta(weeks=WEEKS) + timedelta(days=1)
    whole = ask("all")[0]
    weekly = ask("week", since)
    drawn = [(figure, bar(figure), spark(_series(weekly, figure.id), figure)) for figure in whole.kpis]
    query = KpiQuery.model_validate({"from": since.isoformat(), "to": end.isoformat(), **filters})
    wanted = query.filter(asker, begin=since, end=end, rules=None)
    of_reps = ask("rep")
    lined = len(of_reps) <= MOST_LINED
    with services.database.read() as tx:
        by_rep = tx.rollup.totals(("rep", "week"), wanted) if lined else ()
        ids = {rep.external_id: rep.id for rep in tx.reps.list(limit=_MOST_IDS)}
    reps = _rows(of_reps, by_rep, "rep", ids)
    shown = reps[:MOST_REPS]
    waiting, oldest = _queue(services, asker)
    return Today(
        begin=begin,
        end=end,
        days=(end - begin).days + 1,
        main=[entry for entry in drawn if entry[0].id in MAIN],
        others=[entry for entry in drawn if entry[0].id not in MAIN],
        teams=_rows(ask("team"), (), "team", {}) if asker.team_id is None else [],
        reps=shown,
        left_out=len(reps) - len(shown),
        lined=lined,
        changes=_changes([row.group for row in reps]),
        received=whole.calls.received or 0,
        scored=whole.calls.scored,
        waiting=waiting,
        oldest=oldest,
    )


def _queue(services: Services, asker: Asker) -> tuple[int | None, float | None]:
    """How many calls wait for a review, and how many seconds the first of the queue; None for who cannot look at it."""
    if not asker.may(ACCESS["list_review_queue"]):
        return None, None
    share, now = services.settings.review_sample_share, services.now()
    wanted = QueueFilter(team_id=asker.team_id)
    with services.database.read() as tx:
        first = tx.review_queue.list(wanted, share=share, now=now, limit=1)
        return tx.review_queue.waiting(wanted, share=share), (
            (now - first[0].waiting_since).total_seconds() if first else None
        )


def _rows(
    groups: Sequence[KpiGroup], weekly: Sequence[KpiTotals], by: Literal["rep", "team"], ids: dict[str, UUID]
) -> list[Row]:
    series: dict[str, list[KpiSums]] = {}
    for week in weekly:
        series.setdefault(week.keys[by], []).append(week.sums)
    rows = [
        Row(
            group=group,
            figures={figure.id: figure for figure in group.kpis},
            sparks={
                figure.id: spark([_main(figure.id, week) for week in series.get(group.keys[by], ())], figure)
                for figure in group.kpis
                if figure.id in MAIN
            },
            need=need_of_help(group.kpis),
            rep_id=ids.get(group.group),
        )
        for group in groups
    ]
    return sorted(rows, key=lambda row: (-row.need, row.group.title))


def need_of_help(figures: Sequence[KpiFigure]) -> float:
    """How far the main figures lie below their targets, each as a share of its target.

    What was judged on too few calls counts a tenth: it is shown, but after everybody who surely needs help.
    """
    need = 0.0
    for figure in figures:
        if figure.id in MAIN and figure.value is not None and figure.target and figure.status != "met":
            gap = max(0.0, (figure.target - figure.value) / figure.target)
            need += gap * (0.1 if figure.status == "too_few" else 1.0)
    return round(need, 6)


def _changes(groups: Sequence[KpiGroup]) -> list[Change]:
    found = [
        (
            abs(figure.value - figure.previous) / (figure.target or 1.0),
            Change(group, figure, figure.value > figure.previous),
        )
        for group in groups
        for figure in group.kpis
        if figure.id in MAIN
        and figure.value is not None
        and figure.previous is not None
        and figure.interval is not None
        and not figure.interval[0] <= figure.previous <= figure.interval[1]
    ]
    found.sort(key=lambda entry: -entry[0])
    return [change for _, change in found[:MOST_CHANGES]]


def _series(groups: Sequence[KpiGroup], kpi: str) -> list[float | None]:
    return [next((figure.value for figure in group.kpis if figure.id == kpi), None) for group in groups]


def _main(kpi: str, sums: KpiSums) -> float | None:
    """One of the two main figures; None without an objection."""
    if not sums.objections:
        return None
    return (sums.argumentation_sum if kpi == "argumentation" else sums.objections_handled) / sums.objections
