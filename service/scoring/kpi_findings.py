"""Why a key figure is what it is: which script items, objection types and violations pull it, and by how much.

Each figure is a weighted mean over its parts: objections handled is the sum over types of (share of all objections) x (share
handled). The difference between two such means falls into what the parts' own rates make and what their mix makes (Kitagawa,
"Components of a difference between two rates", JASA 50, 1955):

    own - other  =  sum(own share x (own rate - other rate))  +  sum((own share - other share) x other rate)

A part's term of the first sum is its *pull*, in the figure's own points. A part that the other side never met is compared with the
other side's whole figure, so that its pull is no guess about a rate that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.scoring.kpi_intervals import Interval, difference_interval, mean_interval, wilson_interval
from service.scoring.kpi_measures import PER_CALLS, POINTS_MAX, POINTS_MIN
from service.scoring.kpi_sums import PartKind, PartTotals

#: Which kind of part each figure is made of. The other figures have no parts.
PARTS_OF: Mapping[str, PartKind] = {
    "argumentation": "objection",
    "objections_handled": "objection",
    "script_adherence": "item",
    "violations_per_100": "violation",
}
#: What a part can bring at best.
BEST: Mapping[str, float] = {
    "argumentation": POINTS_MAX,
    "objections_handled": 1.0,
    "script_adherence": 1.0,
    "violations_per_100": 0.0,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """How a part went: its value in the figure's unit over `n` objections or calls, and its share of the figure (0..1)."""

    value: float
    n: int
    share: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Against:
    """A part beside the same part of others, or of the time before.

    `pull` is what its rate adds to the figure (negative: takes away), in the figure's unit. `sure` is True where the 95 % interval
    of the difference leaves no doubt. `other` is None where the others had none.
    """

    other: Rate | None
    pull: float
    sure: bool


@dataclass(frozen=True, slots=True)
class PartFinding:
    """One part of a figure. `lost` is what the figure would gain if the part were perfect, never negative."""

    kpi: str
    kind: PartKind
    id: str
    own: Rate
    lost: float
    past: Against | None
    team: Against | None

    @property
    def worst_pull(self) -> float:
        """The pull that hurts most, in the figure's unit, signed so that less is worse; 0 without anything to compare with."""
        sign = -1 if self.kind == "violation" else 1
        return min((sign * against.pull for against in (self.past, self.team) if against is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside another: `rates` and `mix` add up to `own` - `other`, up to a cap for missed critical items."""

    own: float
    other: float
    rates: float
    mix: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: the parts of a figure, and the calls in which the rep was heard (for violations)."""

    parts: Sequence[PartTotals]
    calls_assessed: int


def rates(kpi: str, side: Side) -> dict[str, Rate]:
    """The rates of a figure's parts by id; parts without an observation are left out."""
    kind = PARTS_OF[kpi]
    parts = [part for part in side.parts if part.kind == kind and part.n > 0]
    if kpi == "violations_per_100":
        return {part.id: _violation_rate(part, side.calls_assessed) for part in parts if side.calls_assessed}
    if kpi == "script_adherence":
        weight = sum(part.weight for part in parts)
        return {part.id: _item_rate(part, weight) for part in parts if part.weight > 0}
    number = sum(part.n for part in parts)
    return {part.id: _objection_rate(kpi, part, number) for part in parts}


def findings(kpi: str, own: Side, past: Side | None, team: Side | None) -> tuple[PartFinding, ...]:
    """All parts of a figure, those first that pull it down most against the past or the team."""
    mine = rates(kpi, own)
    others = [None if side is None else rates(kpi, side) for side in (past, team)]
    if kpi == "violations_per_100":
        # A violation that never occurs has the rate 0 as soon as there are calls in which it could have.
        others = [
            None if found is None else _with_zeros(found, side, mine)
            for found, side in zip(others, (past, team), strict=True)
        ]
    kind = PARTS_OF[kpi]
    found = [
        PartFinding(
            kpi=kpi,
            kind=kind,
            id=part_id,
            own=rate,
            lost=rate.share * abs(BEST[kpi] - rate.value),
            past=_against(kpi, part_id, rate, others[0]),
            team=_against(kpi, part_id, rate, others[1]),
        )
        for part_id, rate in mine.items()
    ]
    return tuple(sorted(found, key=lambda part: (part.worst_pull, -part.lost, part.id)))


def compare(kpi: str, own: Side, other: Side) -> Comparison | None:
    """A figure taken apart against another's; None where one of them has no data."""
    mine, theirs = rates(kpi, own), rates(kpi, other)
    if not mine or not theirs:
        return None
    by_rates = sum(_pull(kpi, part_id, rate, theirs) for part_id, rate in mine.items())
    value, reference = _whole(mine), _whole(theirs)
    return Comparison(own=value, other=reference, rates=by_rates, mix=value - reference - by_rates)


def _against(kpi: str, part_id: str, own: Rate, others: Mapping[str, Rate] | None) -> Against | None:
    if not others:
        return None
    other = others.get(part_id)
    pull = _pull(kpi, part_id, own, others)
    if other is None:
        return Against(None, pull, sure=False)
    interval = difference_interval(own.value, own.interval, other.value, other.interval)
    return Against(other, pull, sure=interval is not None and not interval[0] <= 0 <= interval[1])


def _pull(kpi: str, part_id: str, own: Rate, others: Mapping[str, Rate]) -> float:
    if part_id in others:
        return own.share * (own.value - others[part_id].value)
    if kpi == "violations_per_100":
        return own.value
    return own.share * (own.value - _whole(others))


def _whole(found: Mapping[str, Rate]) -> float:
    return sum(rate.share * rate.value for rate in found.values())


def _with_zeros(found: dict[str, Rate], side: Side | None, mine: Mapping[str, Rate]) -> dict[str, Rate]:
    if side is None or not side.calls_assessed:
        return found
    none = Rate(0.0, side.calls_assessed, 1.0, _per_calls(wilson_interval(0, side.calls_assessed)))
    return dict.fromkeys(mine, none) | found


def _violation_rate(part: PartTotals, calls: int) -> Rate:
    """Per 100 calls. The interval is that of the share of calls with it: more than once in a call is rare."""
    return Rate(part.n / calls * PER_CALLS, calls, 1.0, _per_calls(wilson_interval(part.calls, calls)))


def _per_calls(interval: Interval | None) -> Interval | None:
    return None if interval is None else (interval[0] * PER_CALLS, interval[1] * PER_CALLS)


def _item_rate(part: PartTotals, whole: float) -> Rate:
    value = part.points / part.weight
    return Rate(value, part.n, part.weight / whole, wilson_interval(value * part.n, part.n))


def _objection_rate(kpi: str, part: PartTotals, whole: int) -> Rate:
    if kpi == "objections_handled":
        return Rate(part.good / part.n, part.n, part.n / whole, wilson_interval(part.good, part.n))
    interval = mean_interval(part.points, part.points_sq, part.n, lowest=POINTS_MIN, highest=POINTS_MAX)
    return Rate(part.points / part.n, part.n, part.n / whole, interval)
