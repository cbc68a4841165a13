"""The sums that key figures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KpiSums:
    """Sums over the calls of one group and period; all zero when there were none.

    `calls_assessed` are the scored calls whose rep could be heard. `argumentation_sum` and `argumentation_sum_sq` add points
    (0..5) and squared points over `objections` objections; `adherence_points` and `adherence_weight` the two sides of script
    adherence over calls; `violations_sq`, `talk_share_sum_sq`, `pauses_sq` and `wait_sum_sq_s` the squares of what each call
    brought. `talk_calls` and `pause_calls` are the calls with times, `next_step_calls` those in which a dated next step could be
    assessed, `wait_calls` those whose time from upload to score is in `wait_sum_s`, in seconds.
    """

    calls_received: int = 0
    calls_scored: int = 0
    calls_assessed: int = 0
    objections: int = 0
    objections_handled: int = 0
    argumentation_sum: float = 0.0
    argumentation_sum_sq: float = 0.0
    adherence_points: float = 0.0
    adherence_weight: float = 0.0
    violations: int = 0
    violations_sq: int = 0
    talk_calls: int = 0
    talk_share_sum: float = 0.0
    talk_share_sum_sq: float = 0.0
    pause_calls: int = 0
    pauses: int = 0
    pauses_sq: int = 0
    next_step_calls: int = 0
    next_step_dated: int = 0
    wait_calls: int = 0
    wait_sum_s: int = 0
    wait_sum_sq_s: int = 0


PartKind = Literal["item", "objection", "violation"]


@dataclass(frozen=True, slots=True)
class PartTotals:
    """Sums of one script item, objection type or violation.

    `calls` it occurs in (items: that could be assessed); `n` objections or violations (items: calls); `good` of them handled or
    met; `points` of objections 0..5 each, of items weight x points; `weight` of items.
    """

    kind: PartKind
    id: str
    calls: int
    n: int
    good: int
    points: float
    points_sq: float
    weight: float
