"""Totals of many calls -> key figures with target, status and 95 % interval.

Every figure is a sum over a sum, so days, reps and teams add up. A figure without data is None with n = 0, never 0 %.
How each is computed is in kpi_measures.py, how sure it is in kpi_intervals.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.scoring.kpi_intervals import Interval, mean_interval, wilson_interval
from service.scoring.kpi_measures import KPI_IDS, MEASURES
from service.scoring.kpi_sums import KpiSums
from service.scoring.results import Text

KpiUnit = Literal["points", "share", "count", "seconds"]
KpiDirection = Literal["up", "down"]
KpiStatus = Literal["met", "missed", "too_few"]
#: For whom a figure is one of the few to be steered by.
KpiRole = Literal["sdr", "sales_manager", "account_manager", "head_of_sales", "qa_lead"]


@dataclass(frozen=True, slots=True)
class KpiDefinition:
    """One key figure. `direction` says which side of `target` is good; below `minimum_n` an interval must decide."""

    id: str
    title: Text
    unit: KpiUnit
    target: float | None
    direction: KpiDirection
    minimum_n: int
    roles: tuple[KpiRole, ...] = ()


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


def kpi_values(definitions: Sequence[KpiDefinition], totals: KpiSums, previous: KpiSums | None) -> tuple[KpiValue, ...]:
    """The figures of one group, in the order of `definitions`.

    Raises:
        ValueError: a definition's id is not one of `KPI_IDS`.
    """
    return tuple(kpi_value(definition, totals, previous) for definition in definitions)


def kpi_value(definition: KpiDefinition, totals: KpiSums, previous: KpiSums | None) -> KpiValue:
    """One figure of one group. Raises ValueError as `kpi_values`."""
    measure = MEASURES.get(definition.id)
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


__all__ = [
    "KPI_IDS",
    "Interval",
    "KpiDefinition",
    "KpiDirection",
    "KpiRole",
    "KpiStatus",
    "KpiSums",
    "KpiUnit",
    "KpiValue",
    "kpi_status",
    "kpi_value",
    "kpi_values",
    "mean_interval",
    "wilson_interval",
]
