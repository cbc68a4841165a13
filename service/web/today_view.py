"""What the manager's first page shows: the main figures, the teams and reps by need of help, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from operator import attrgetter
from uuid import UUID

from service.api.access import ACCESS
from service.api.asker import Asker
from service.api.deps import Services
from service.api.kpi_answer import figure
from service.api.kpi_query import KpiQuery, period_before
from service.api.schemas_kpi import KpiFigure
from service.scoring.kpi import KpiDefinition, KpiValue, kpi_value
from service.scoring.kpi_sums import KpiSums
from service.scoring.results import Text
from service.scoring.wording import both
from service.store.records import KpiTotals
from service.store.records_reviews import QueueFilter
from service.store.rollup_weeks import monday
from service.web.spark import Bar, Spark, bar, spark

#: The two figures that the department is steered by.
MAIN = ("argumentation", "objections_handled")
#: Weeks of a small line, with that in which the period ends.
WEEKS = 8
#: Rows of the table: those who need help most.
MOST_REPS = 60
#: Changes worth a line.
MOST_CHANGES = 6
NO_TEAM = both("Без команды", "No team")
_SUMS = tuple(field.name for field in fields(KpiSums))
_sums_of = attrgetter(*_SUMS)


@dataclass(frozen=True, slots=True)
class Group:
    """A rep or a team: the name that filters know it by, and what it is called."""

    name: str
    titles: Text
    scored: int


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of a rep that moved further since the period before than its interval explains."""

    group: Group
    figure: KpiFigure
    better: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A rep or a team: the main figures, small lines, and how much help is needed (0: none)."""

    group: Group
    figures: dict[str, KpiFigure]
    sparks: dict[str, Spark]
    need: float
    rep_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """A rep or a team as it is compared with the others; only those that are shown become a Row."""

    group: Group
    values: dict[str, KpiValue]
    need: float


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
    changes: list[Change]
    received: int
    scored: int
    waiting: int | None
    oldest: float | None


def today(services: Services, asker: Asker, *, begin: date, end: date, filters: dict[str, str]) -> Today:
    """Figures from `begin` to `end`; `filters` narrow as `GET /v1/kpi` does.

    The rollup is asked for reps, now and before; teams and the whole are added up from them. Raises PackError.
    """
    query = KpiQuery.model_validate({"from": begin.isoformat(), "to": end.isoformat(), **filters})
    since, before = monday(end) - timedelta(weeks=WEEKS - 1), period_before(begin, end)
    definitions = services.packs.kpis()
    steering = [definition for definition in definitions if definition.id in MAIN]
    with services.database.read() as tx:
        now = tx.rollup.totals(("rep", "team"), query.filter(asker, begin=begin, end=end, rules=None))
        past = (
            ()
            if before is None
            else tx.rollup.totals(("rep", "team"), query.filter(asker, begin=before[0], end=before[1], rules=None))
        )
        recent = query.filter(asker, begin=since, end=end, rules=None)
        weeks = _by(tx.rollup.totals(("week",), recent), "week")
        reps = _standings(steering, _by(now, "rep"), _by(past, "rep"), _rep_titles(now))
        shown = [standing.group.name for standing in reps[:MOST_REPS]]
        ids = {name: rep.id for name, rep in tx.reps.named(shown).items()}
        lines = _lines(tx.rollup.totals(("rep", "week"), replace(recent, rep_ids=frozenset(ids.values()))))
    whole, earlier = _sum(total.sums for total in now), _sum(total.sums for total in past)
    drawn = [
        (shown, bar(shown), spark([kpi_value(definition, weeks[week], None).value for week in sorted(weeks)], shown))
        for definition in definitions
        for shown in [figure(definition, kpi_value(definition, whole, earlier))]
    ]
    teams = _standings(steering, _by(now, "team"), _by(past, "team"), _team_title) if asker.team_id is None else []
    waiting, oldest = _queue(services, asker)
    return Today(
        begin=begin,
        end=end,
        days=(end - begin).days + 1,
        main=[entry for entry in drawn if entry[0].id in MAIN],
        others=[entry for entry in drawn if entry[0].id not in MAIN],
        teams=[_row(steering, team) for team in teams],
        reps=[_lined(_row(steering, rep, ids.get(rep.group.name)), lines) for rep in reps[:MOST_REPS]],
        left_out=max(0, len(reps) - MOST_REPS),
        changes=_changes(steering, reps),
        received=whole.calls_received,
        scored=whole.calls_scored,
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


def _sum(parts: Iterable[KpiSums]) -> KpiSums:
    """All of them together."""
    added = [sum(values) for values in zip(*map(_sums_of, parts), strict=True)]
    return KpiSums(**dict(zip(_SUMS, added, strict=True))) if added else KpiSums()


def _by(totals: Sequence[KpiTotals], dimension: str) -> dict[str, KpiSums]:
    """Sums by the keys of one dimension."""
    found: dict[str, list[KpiSums]] = {}
    for total in totals:
        found.setdefault(total.keys[dimension], []).append(total.sums)  # type: ignore[index]
    return {key: sums[0] if len(sums) == 1 else _sum(sums) for key, sums in found.items()}


def _lines(weekly: Sequence[KpiTotals]) -> dict[str, list[KpiSums]]:
    """Each rep's weeks, in order."""
    found: dict[str, list[KpiSums]] = {}
    for total in weekly:
        found.setdefault(total.keys["rep"], []).append(total.sums)
    return found


def _rep_titles(totals: Sequence[KpiTotals]) -> Callable[[str], Text]:
    names = {total.keys["rep"]: total.titles.get("rep", total.keys["rep"]) for total in totals}
    return lambda rep: both(names[rep], names[rep])


def _lined(row: Row, lines: Mapping[str, Sequence[KpiSums]]) -> Row:
    """The row with the small lines of its figures."""
    weeks = lines.get(row.group.name, ())
    return replace(
        row, sparks={kpi: spark([_main(kpi, week) for week in weeks], shown) for kpi, shown in row.figures.items()}
    )


def _team_title(team: str) -> Text:
    return both(team, team) if team else NO_TEAM


def _standings(
    definitions: Sequence[KpiDefinition],
    now: Mapping[str, KpiSums],
    past: Mapping[str, KpiSums],
    titles: Callable[[str], Text],
) -> list[_Standing]:
    """Those who need help most first."""
    found = []
    for name, sums in now.items():
        values = {one.id: kpi_value(one, sums, past.get(name)) for one in definitions}
        group = Group(name, titles(name), sums.calls_scored)
        found.append(_Standing(group, values, need_of_help(list(values.values()))))
    return sorted(found, key=lambda standing: (-standing.need, standing.group.titles["en"]))


def _row(definitions: Sequence[KpiDefinition], standing: _Standing, rep_id: UUID | None = None) -> Row:
    figures = {one.id: figure(one, standing.values[one.id]) for one in definitions}
    return Row(standing.group, figures, sparks={}, need=standing.need, rep_id=rep_id)


def need_of_help(figures: Sequence[KpiFigure | KpiValue]) -> float:
    """How far the main figures lie below their targets, each as a share of its target.

    What was judged on too few calls counts a tenth: it is shown, but after everybody who surely needs help.
    """
    need = 0.0
    for shown in figures:
        if shown.id in MAIN and shown.value is not None and shown.target and shown.status != "met":
            gap = max(0.0, (shown.target - shown.value) / shown.target)
            need += gap * (0.1 if shown.status == "too_few" else 1.0)
    return round(need, 6)


def _changes(definitions: Sequence[KpiDefinition], standings: Sequence[_Standing]) -> list[Change]:
    found = [
        (abs(value.value - value.previous) / (value.target or 1.0), at, one)
        for at, standing in enumerate(standings)
        for one in definitions
        for value in [standing.values[one.id]]
        if value.value is not None
        and value.previous is not None
        and value.interval is not None
        and not value.interval[0] <= value.previous <= value.interval[1]
    ]
    found.sort(key=lambda entry: -entry[0])
    changes = []
    for _, at, one in found[:MOST_CHANGES]:
        shown = figure(one, standings[at].values[one.id])
        better = shown.value is not None and shown.previous is not None and shown.value > shown.previous
        changes.append(Change(standings[at].group, shown, better))
    return changes


def _main(kpi: str, sums: KpiSums) -> float | None:
    """One of the two main figures; None without an objection."""
    if not sums.objections:
        return None
    return (sums.argumentation_sum if kpi == "argumentation" else sums.objections_handled) / sums.objections
