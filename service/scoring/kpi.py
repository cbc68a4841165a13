"""Totals of many calls -> key figures with target, status and 95 % interval.

Every figure is a sum over a sum, so days, reps and teams add up. A figure without data is None with n = 0, never 0 %.

Sources of the formulas: the score interval for shares is Wilson, "Probable inference, the law of succession, and
statistical inference", JASA 22 (1927); the interval for a mean is Student's t, "The probable error of a mean",
Biometrika 6 (1908), with the variance from sums and sums of squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from scipy.special import stdtrit

from service.scoring.results import Text

KpiUnit = Literal["points", "share", "count"]
KpiDirection = Literal["up", "down"]
KpiStatus = Literal["met", "missed", "too_few"]
Interval = tuple[float, float]

#: Two-sided confidence of every interval.
CONFIDENCE = 0.95
UPPER_TAIL = (1 + CONFIDENCE) / 2
#: Standard normal quantile of that confidence, 1.96.
Z = NormalDist().inv_cdf(UPPER_TAIL)
#: The scale of an objection's argumentation score.
POINTS_MIN, POINTS_MAX = 0.0, 5.0
#: Below this a variance is rounding error of the sums: all values are the same.
NO_VARIANCE = 1e-9


@dataclass(frozen=True, slots=True)
class KpiDefinition:
    """One key figure. `direction` says which side of `target` is good; below `minimum_n` an interval must decide."""

    id: str
    title: Text
    unit: KpiUnit
    target: float | None
    direction: KpiDirection
    minimum_n: int


@dataclass(frozen=True, slots=True)
class KpiSums:
    """Sums over the calls of one group and period; all zero when there were none.

    `argumentation_sum` and `argumentation_sum_sq` add points (0..5) and squared points over `objections` objections;
    `adherence_points` and `adherence_weight` add the two sides of script adherence over calls.
    """

    calls_received: int = 0
    calls_scored: int = 0
    objections: int = 0
    objections_handled: int = 0
    argumentation_sum: float = 0.0
    argumentation_sum_sq: float = 0.0
    adherence_points: float = 0.0
    adherence_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class KpiValue:
    """A figure over `n` observations (objections or calls); `interval` is its 95 % interval, None where n says nothing.

    `previous` is the value in the period before, None without one. `status` is None without a value or a target.
    """

    id: str
    value: float | None
    n: int
    target: float | None
    status: KpiStatus | None
    interval: Interval | None
    previous: float | None


@dataclass(frozen=True, slots=True)
class _Measure:
    value: float | None
    n: int
    interval: Interval | None


def kpi_values(definitions: Sequence[KpiDefinition], totals: KpiSums, previous: KpiSums | None) -> tuple[KpiValue, ...]:
    """The figures of one group, in the order of `definitions`.

    Raises:
        ValueError: a definition's id is not one of `KPI_IDS`.
    """
    return tuple(_value(definition, totals, previous) for definition in definitions)


def wilson_interval(successes: float, n: int) -> Interval | None:
    """95 % score interval of a share, None for n = 0. `successes` may be fractional (partial points)."""
    if n == 0:
        return None
    share = min(1.0, max(0.0, successes / n))
    scale = 1 + Z * Z / n
    centre = (share + Z * Z / (2 * n)) / scale
    half = Z / scale * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(total: float, total_sq: float, n: int, *, lowest: float, highest: float) -> Interval | None:
    """95 % t interval of a mean from the sum and the sum of squares of `n` values, cut to the scale they come from.

    None for fewer than two values, and for values that are all the same: neither tells anything about spread.
    """
    if n < 2:  # noqa: PLR2004 - one value has no spread
        return None
    mean = total / n
    variance = (total_sq - n * mean * mean) / (n - 1)
    if variance < NO_VARIANCE:
        return None
    half = float(stdtrit(n - 1, UPPER_TAIL)) * math.sqrt(variance / n)
    return max(lowest, mean - half), min(highest, mean + half)


def kpi_status(value: float | None, n: int, interval: Interval | None, definition: KpiDefinition) -> KpiStatus | None:
    """`too_few` while the interval still allows both answers and n is below the minimum, else met or missed."""
    if value is None or definition.target is None:
        return None
    if n < definition.minimum_n and _undecided(interval, definition.target, definition.direction):
        return "too_few"
    met = value >= definition.target if definition.direction == "up" else value <= definition.target
    return "met" if met else "missed"


def _undecided(interval: Interval | None, target: float, direction: KpiDirection) -> bool:
    if interval is None:
        return True
    low, high = interval
    return low < target <= high if direction == "up" else low <= target < high


def _value(definition: KpiDefinition, totals: KpiSums, previous: KpiSums | None) -> KpiValue:
    measure = _MEASURES.get(definition.id)
    if measure is None:
        raise ValueError(f"unknown KPI {definition.id!r}; expected one of {', '.join(KPI_IDS)}")
    now = measure(totals)
    return KpiValue(
        id=definition.id,
        value=now.value,
        n=now.n,
        target=definition.target,
        status=kpi_status(now.value, now.n, now.interval, definition),
        interval=now.interval,
        previous=measure(previous).value if previous is not None else None,
    )


def _argumentation(sums: KpiSums) -> _Measure:
    n = sums.objections
    interval = mean_interval(
        sums.argumentation_sum, sums.argumentation_sum_sq, n, lowest=POINTS_MIN, highest=POINTS_MAX
    )
    return _Measure(sums.argumentation_sum / n if n else None, n, interval)


def _objections_handled(sums: KpiSums) -> _Measure:
    return _share(sums.objections_handled, sums.objections)


def _coverage(sums: KpiSums) -> _Measure:
    return _share(sums.calls_scored, sums.calls_received)


def _script_adherence(sums: KpiSums) -> _Measure:
    """Weighted points over weight. The interval counts calls, not items: items of one call hang together.

    A call's adherence lies in 0..1, so its variance is at most p(1 - p) and Wilson errs on the wide side.
    """
    if sums.adherence_weight <= 0:
        return _Measure(None, 0, None)
    share, n = sums.adherence_points / sums.adherence_weight, sums.calls_scored
    return _Measure(share, n, wilson_interval(share * n, n))


def _share(successes: int, n: int) -> _Measure:
    return _Measure(successes / n if n else None, n, wilson_interval(successes, n))


_MEASURES: dict[str, Callable[[KpiSums], _Measure]] = {
    "argumentation": _argumentation,
    "objections_handled": _objections_handled,
    "script_adherence": _script_adherence,
    "coverage": _coverage,
}
#: The ids that `kpi.yaml` may define.
KPI_IDS: tuple[str, ...] = tuple(_MEASURES)
