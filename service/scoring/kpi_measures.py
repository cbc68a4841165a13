"""How each key figure is computed from sums: value, what it rests on, and its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.scoring.kpi_intervals import Interval, mean_interval, wilson_interval
from service.scoring.kpi_sums import KpiSums

#: The scale of an objection's argumentation score.
POINTS_MIN, POINTS_MAX = 0.0, 5.0
#: Violations are counted per this many calls.
PER_CALLS = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over `n` observations; `value` is None without any, `interval` where n says nothing."""

    value: float | None
    n: int
    interval: Interval | None


def _argumentation(sums: KpiSums) -> Measure:
    return _mean(sums.argumentation_sum, sums.argumentation_sum_sq, sums.objections, POINTS_MIN, POINTS_MAX)


def _objections_handled(sums: KpiSums) -> Measure:
    return _share(sums.objections_handled, sums.objections)


def _script_adherence(sums: KpiSums) -> Measure:
    """Weighted points over weight. The interval counts calls, not items: items of one call hang together.

    A call's adherence lies in 0..1, so its variance is at most p(1 - p) and Wilson errs on the wide side.
    """
    if sums.adherence_weight <= 0:
        return Measure(None, 0, None)
    share, n = sums.adherence_points / sums.adherence_weight, sums.calls_assessed
    return Measure(share, n, wilson_interval(share * n, n))


def _violations(sums: KpiSums) -> Measure:
    """Per 100 calls in which the rep was heard; the interval is that of the mean per call."""
    found = _mean(sums.violations, sums.violations_sq, sums.calls_assessed, 0.0, math.inf)
    if found.value is None:
        return found
    interval = None if found.interval is None else (found.interval[0] * PER_CALLS, found.interval[1] * PER_CALLS)
    return Measure(found.value * PER_CALLS, found.n, interval)


def _talk_share(sums: KpiSums) -> Measure:
    return _mean(sums.talk_share_sum, sums.talk_share_sum_sq, sums.talk_calls, 0.0, 1.0)


def _pauses(sums: KpiSums) -> Measure:
    return _mean(sums.pauses, sums.pauses_sq, sums.pause_calls, 0.0, math.inf)


def _next_step_dated(sums: KpiSums) -> Measure:
    return _share(sums.next_step_dated, sums.next_step_calls)


def _coverage(sums: KpiSums) -> Measure:
    return _share(sums.calls_scored, sums.calls_received)


def _time_to_score(sums: KpiSums) -> Measure:
    return _mean(sums.wait_sum_s, sums.wait_sum_sq_s, sums.wait_calls, 0.0, math.inf)


def _share(successes: int, n: int) -> Measure:
    return Measure(successes / n if n else None, n, wilson_interval(successes, n))


def _mean(total: float, total_sq: float, n: int, lowest: float, highest: float) -> Measure:
    interval = mean_interval(total, total_sq, n, lowest=lowest, highest=highest)
    return Measure(total / n if n else None, n, interval)


MEASURES: Mapping[str, Callable[[KpiSums], Measure]] = {
    "argumentation": _argumentation,
    "objections_handled": _objections_handled,
    "script_adherence": _script_adherence,
    "next_step_dated": _next_step_dated,
    "violations_per_100": _violations,
    "talk_share": _talk_share,
    "pauses": _pauses,
    "coverage": _coverage,
    "time_to_score": _time_to_score,
}
#: The ids that `kpi.yaml` may define.
KPI_IDS: tuple[str, ...] = tuple(MEASURES)
#: Those of them that there are for one type of objection.
OF_OBJECTIONS = frozenset({"argumentation", "objections_handled"})
