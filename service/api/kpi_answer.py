"""From the rollup's sums to the answer of `GET /v1/kpi`; exports and pages use it as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.api.asker import Asker
from service.api.deps import Services
from service.api.kpi_query import KpiQuery, period_before
from service.api.kpi_titles import ROLE_TITLES, Titles, current_rules, part_titles
from service.api.kpi_uncounted import uncounted_rules
from service.api.problems import invalid
from service.api.schemas_kpi import KpiAnswer, KpiCalls, KpiFigure, KpiGroup, RulesMark, RulesSpan
from service.api.validation import FieldError
from service.scoring.kpi import KpiDefinition, KpiValue, kpi_value
from service.scoring.kpi_measures import OF_OBJECTIONS
from service.scoring.kpi_ranks import Rank, ranks
from service.scoring.results import Text
from service.store import records
from service.store.records import GroupBy, KpiTotals

TIMES: frozenset[GroupBy] = frozenset({"day", "week", "month"})
#: Dimensions whose groups are compared with each other.
RANKED: tuple[GroupBy, ...] = ("rep", "team")
#: Groups of one answer: what a page, or a spreadsheet, of figures holds.
MOST_GROUPS = 10_000


def kpi_answer(services: Services, query: KpiQuery, asker: Asker) -> KpiAnswer:
    """The figures asked for, as far as the asker may see them.

    Raises:
        Refused: the groups would be too many.
        PackError: kpi.yaml cannot be read.
    """
    series = bool(TIMES & set(query.group_by))
    of_objections = "objection_type" in query.group_by or query.objection_type is not None
    definitions = [d for d in services.packs.kpis() if not of_objections or d.id in OF_OBJECTIONS]
    present = current_rules(services.packs) if series or query.rules == "today" else frozenset()
    rules = present if query.rules == "today" else None
    before = None if series else period_before(query.date_from, query.date_to or services.now().date())
    now = query.filter(asker, begin=query.date_from, end=query.date_to, rules=rules)
    dimensions = tuple(query.group_by)
    with services.database.read() as tx:
        totals = tx.rollup.totals(dimensions, now, limit=MOST_GROUPS + 1)
        if len(totals) > MOST_GROUPS:
            message = (
                f"gives more than {MOST_GROUPS} groups; name fewer dimensions, or a shorter period, a team or a rep"
            )
            raise invalid([FieldError("group_by", message)])
        earlier: tuple[KpiTotals, ...] = ()
        if before is not None:
            earlier = tx.rollup.totals(dimensions, query.filter(asker, begin=before[0], end=before[1], rules=rules))
        spans = tx.rollup.spans(now) if series else ()
        switches = tx.switches.in_force()
    return KpiAnswer(
        group_by=",".join(query.group_by),
        dimensions=query.group_by,
        date_from=query.date_from,
        date_to=query.date_to,
        time_zone="UTC",
        previous_from=before[0] if before else None,
        previous_to=before[1] if before else None,
        rules=query.rules,
        rules_spans=[rules_span(span, present) for span in spans],
        marks=rules_marks(spans),
        not_counted=uncounted_rules(switches, services.packs, script=query.script),
        groups=_groups(_Figures(definitions, totals, earlier), part_titles(services.packs) if of_objections else {}),
    )


def figure(definition: KpiDefinition, value: KpiValue, rank: Rank | None = None) -> KpiFigure:
    """One figure as it goes over the wire."""
    return KpiFigure(
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
        rank=None if rank is None else rank.place,
        rank_between=None if rank is None else (rank.best, rank.worst),
        roles=list(definition.roles),
    )


def rules_span(span: records.RulesSpan, present: frozenset[tuple[str, str]]) -> RulesSpan:
    language, _, version = span.rules.partition("/")
    return RulesSpan(
        script=span.script,
        language=language,
        version=version,
        first_day=span.first_day,
        last_day=span.last_day,
        calls=span.calls,
        present=(span.script, span.rules) in present,
    )


def rules_marks(spans: Sequence[records.RulesSpan]) -> list[RulesMark]:
    """The first day of each version but the first one of a script and language."""
    first: dict[tuple[str, str], records.RulesSpan] = {}
    marks = []
    for span in sorted(spans, key=lambda span: (span.first_day, span.last_day)):
        language, _, version = span.rules.partition("/")
        if first.setdefault((span.script, language), span) is not span:
            marks.append(RulesMark(day=span.first_day, script=span.script, language=language, version=version))
    return marks


@dataclass(frozen=True, slots=True)
class _Figures:
    definitions: Sequence[KpiDefinition]
    totals: Sequence[KpiTotals]
    earlier: Sequence[KpiTotals]

    def columns(self) -> list[list[KpiFigure]]:
        """The figures of each definition, in the order of the groups."""
        by_group = {group.group: group.sums for group in self.earlier}
        before = [by_group.get(group.group) for group in self.totals]
        rivals = self._rivals()
        columns = []
        for definition in self.definitions:
            values = [
                kpi_value(definition, group.sums, earlier) for group, earlier in zip(self.totals, before, strict=True)
            ]
            places: dict[int, Rank | None] = {}
            for members in rivals:
                ranked = ranks([values[member] for member in members], definition.direction)
                places.update(zip(members, ranked, strict=True))
            columns.append([figure(definition, value, places.get(at)) for at, value in enumerate(values)])
        return columns

    def _rivals(self) -> list[list[int]]:
        """Which groups are compared: those that differ in nothing but the rep, or else the team."""
        if not self.totals or (ranked := next((by for by in RANKED if by in self.totals[0].keys), None)) is None:
            return []
        found: dict[tuple[str, ...], list[int]] = {}
        for at, group in enumerate(self.totals):
            found.setdefault(tuple(key for by, key in group.keys.items() if by != ranked), []).append(at)
        return list(found.values())


def _groups(figures: _Figures, titles: Titles) -> list[KpiGroup]:
    columns = figures.columns()
    return [
        KpiGroup(
            group=group.group,
            title=group.title,
            keys=dict(group.keys),
            titles={by: _title(by, key, group, titles) for by, key in group.keys.items()},
            calls=KpiCalls(
                received=None if "objection_type" in group.keys else group.sums.calls_received,
                scored=group.sums.calls_scored,
            ),
            kpis=[column[at] for column in columns],
        )
        for at, group in enumerate(figures.totals)
    ]


def _title(by: GroupBy, key: str, group: KpiTotals, titles: Titles) -> Text:
    if by == "role":
        return ROLE_TITLES.get(key, {"ru": key, "en": key})
    if by == "team" and not key:
        return {"ru": "Без команды", "en": "No team"}
    if by == "all":
        return {"ru": "Все", "en": "All"}
    if by == "objection_type" and ("objection", key) in titles:
        return titles["objection", key]
    name = group.titles.get(by, key)
    return {"ru": name, "en": name}
