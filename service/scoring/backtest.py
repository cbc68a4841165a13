"""Two scorecards of each call, by the rules in use and by changed ones -> what moves, by how much, and who is closer to people."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from service.scoring.evaluation import Figures, Judged, evaluation, same_utterance
from service.scoring.kpi import KpiDefinition, KpiValue, kpi_values
from service.scoring.kpi_sums import KpiSums
from service.scoring.labels import LabelledCall
from service.scoring.results import ObjectionResult, Scorecard
from service.scoring.scorecard import CallContext
from service.scoring.transcript import Transcript

#: Moved calls that are kept, those that move most; all are counted.
MOST_MOVED_CALLS = 100
#: Points of adherence (0..1) that weigh as much as a point of argumentation (0..5) when calls are ranked by how far they move.
_ADHERENCE_WEIGHT = 5.0
#: Utterances between two places that are still one objection.
_SAME_PLACE = 2
#: Figures that no rule can move.
_NOT_BY_RULES = frozenset({"coverage", "talk_share", "pauses", "time_to_score"})

#: Sums of `KpiSums` that rules can move, and those of them that are no whole numbers.
_SUMS = (
    "calls_assessed",
    "objections",
    "objections_handled",
    "argumentation_sum",
    "argumentation_sum_sq",
    "adherence_points",
    "adherence_weight",
    "violations",
    "violations_sq",
    "next_step_calls",
    "next_step_dated",
)
_FRACTIONS = frozenset({"argumentation_sum", "argumentation_sum_sq", "adherence_points", "adherence_weight"})
_DATED = "next_step_dated"

ChangeKind = Literal["item", "objection", "outcome", "points", "violation"]


@dataclass(frozen=True, slots=True)
class Case:
    """A stored call. `title` names it to people; `rep` is the rep's external id. `people` is what people said, None if nothing."""

    call_id: str
    title: str
    rep: str
    rep_title: str
    context: CallContext
    transcript: Transcript
    people: LabelledCall | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the two scorecards say differently: a status, a type found or not, an outcome, points. None: not there."""

    kind: ChangeKind
    id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class MovedCall:
    """A call of which the figures or the findings change. Adherence 0..1, argumentation 0..5, None where there is none."""

    call_id: str
    title: str
    rep: str
    adherence: tuple[float | None, float | None]
    argumentation: tuple[float | None, float | None]
    handled: tuple[int, int]
    objections: tuple[int, int]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """Key figures of a group before and after, in the same order. `calls_moved` of `calls` say something else."""

    group: str
    title: str
    calls: int
    calls_moved: int
    before: tuple[KpiValue, ...]
    after: tuple[KpiValue, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far each side agrees with people over the same calls; figures as of `evaluation`."""

    calls: int
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class Backtest:
    """The result. `changes` counts (kind, id, before, after) over all calls; `calls` holds those that move most."""

    total: Moved
    reps: tuple[Moved, ...]
    changes: tuple[tuple[Change, int], ...]
    calls: tuple[MovedCall, ...]
    agreement: Agreement | None


class Comparison:
    """Takes calls one by one; memory grows with reps and with calls that people judged, not with calls."""

    def __init__(self) -> None:
        self._total = _Group("all", "")
        self._reps: dict[str, _Group] = {}
        self._changes: Counter[Change] = Counter()
        self._moved: list[tuple[float, int, MovedCall]] = []
        self._judged: tuple[list[Judged], list[Judged]] = ([], [])

    def add(self, case: Case, before: Scorecard, after: Scorecard) -> None:
        """Count one call."""
        changes = changes_between(before, after)
        rep = self._reps.setdefault(case.rep, _Group(case.rep, case.rep_title))
        for group in (self._total, rep):
            group.add(before, after, moved=bool(changes))
        self._changes.update(changes)
        if changes:
            moved = _moved(case, before, after, changes)
            heapq.heappush(self._moved, (_distance(moved), -self._total.calls, moved))
            if len(self._moved) > MOST_MOVED_CALLS:
                heapq.heappop(self._moved)
        if case.people is not None:
            self.judge(case.people, before, after)

    def judge(self, people: LabelledCall, before: Scorecard, after: Scorecard) -> None:
        """Compare with people's verdicts only: of calls that count in no figure."""
        for judged, scorecard in zip(self._judged, (before, after), strict=True):
            judged.append(Judged(people, scorecard, same_utterance))

    def result(self, definitions: Sequence[KpiDefinition]) -> Backtest:
        """What was found so far."""
        kpis = tuple(definition for definition in definitions if definition.id not in _NOT_BY_RULES)
        before, after = self._judged
        agreement = Agreement(len(before), evaluation(before), evaluation(after)) if before else None
        reps = sorted(self._reps.values(), key=lambda group: (-group.calls_moved, group.name))
        return Backtest(
            total=self._total.result(kpis),
            reps=tuple(group.result(kpis) for group in reps),
            changes=tuple(sorted(self._changes.items(), key=lambda pair: (-pair[1], str(pair[0])))),
            calls=tuple(moved for _, _, moved in sorted(self._moved, reverse=True, key=lambda entry: entry[:2])),
            agreement=agreement,
        )


def changes_between(before: Scorecard, after: Scorecard) -> tuple[Change, ...]:
    """What two scorecards of one call say differently: items by id, objections by type and place, violations by id."""
    changes = _by_id("item", {i.id: i.status for i in before.items}, {i.id: i.status for i in after.items})
    was, now = ({found.id: "found" for found in card.violations} for card in (before, after))
    changes += _by_id("violation", was, now)
    others = list(after.objections)
    for old in before.objections:
        same = next((new for new in others if _same(old, new)), None)
        if same is None:
            changes.append(Change("objection", old.type, "found", None))
            continue
        others.remove(same)
        if old.outcome != same.outcome:
            changes.append(Change("outcome", old.type, old.outcome, same.outcome))
        if (old.points, old.handled) != (same.points, same.handled):
            changes.append(Change("points", old.type, _points(old), _points(same)))
    return (*changes, *(Change("objection", new.type, None, "found") for new in others))


def _by_id(kind: ChangeKind, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    ids = dict.fromkeys((*before, *after))
    return [
        Change(kind, name, before.get(name), after.get(name)) for name in ids if before.get(name) != after.get(name)
    ]


def _same(old: ObjectionResult, new: ObjectionResult) -> bool:
    if old.type != new.type or not old.evidence or not new.evidence:
        return False
    return abs(old.evidence[0].utterance - new.evidence[0].utterance) <= _SAME_PLACE


def _points(objection: ObjectionResult) -> str:
    return f"{objection.points:g}{', handled' if objection.handled else ''}"


def _moved(case: Case, before: Scorecard, after: Scorecard, changes: tuple[Change, ...]) -> MovedCall:
    return MovedCall(
        call_id=case.call_id,
        title=case.title,
        rep=case.rep,
        adherence=(before.adherence, after.adherence),
        argumentation=(before.argumentation, after.argumentation),
        handled=(before.objections_handled, after.objections_handled),
        objections=(before.objections_total, after.objections_total),
        changes=changes,
    )


def _distance(moved: MovedCall) -> float:
    """How far a call moves: in points of its figures, then by what it says differently."""
    figures = _gap(*moved.adherence) * _ADHERENCE_WEIGHT + _gap(*moved.argumentation)
    return round(figures + abs(moved.handled[1] - moved.handled[0]), 6) + len(moved.changes) / 1000


def _gap(before: float | None, after: float | None) -> float:
    if before is None or after is None:
        return 0.0 if before is after else 1.0
    return abs(after - before)


@dataclass
class _Group:
    name: str
    title: str
    calls: int = 0
    calls_moved: int = 0
    _before: list[float] = field(default_factory=lambda: [0.0] * len(_SUMS))
    _after: list[float] = field(default_factory=lambda: [0.0] * len(_SUMS))

    def add(self, before: Scorecard, after: Scorecard, *, moved: bool) -> None:
        self.calls += 1
        self.calls_moved += moved
        for sums, card in ((self._before, before), (self._after, after)):
            for place, value in enumerate(_contribution(card)):
                sums[place] += value

    def result(self, kpis: Sequence[KpiDefinition]) -> Moved:
        before, after = (kpi_values(kpis, self._sums(sums), None) for sums in (self._before, self._after))
        return Moved(self.name, self.title, self.calls, self.calls_moved, before, after)

    def _sums(self, sums: list[float]) -> KpiSums:
        named = {name: (value if name in _FRACTIONS else int(value)) for name, value in zip(_SUMS, sums, strict=True)}
        return KpiSums(calls_received=self.calls, calls_scored=self.calls, **named)  # type: ignore[arg-type]


def _contribution(card: Scorecard) -> tuple[float, ...]:
    """What a scorecard adds to each of `_SUMS`."""
    points = [found.points for found in card.objections]
    dated = [item for item in card.items if item.id == _DATED and item.points is not None]
    return (
        card.adherence_weight > 0 or bool(card.violations),
        card.objections_total,
        card.objections_handled,
        sum(points),
        sum(point * point for point in points),
        card.adherence_points,
        card.adherence_weight,
        len(card.violations),
        len(card.violations) ** 2,
        len(dated),
        sum(item.status == "met" for item in dated),
    )
