"""Ranks that the data allow: two groups are put in order only where their 95 % intervals do not touch."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from service.scoring.kpi import KpiDirection, KpiValue


@dataclass(frozen=True, slots=True)
class Rank:
    """Between which places (1 is best) a group stands. `place` is the one place if there is no doubt, else None."""

    best: int
    worst: int

    @property
    def place(self) -> int | None:
        return self.best if self.best == self.worst else None


def ranks(values: Sequence[KpiValue], direction: KpiDirection) -> tuple[Rank | None, ...]:
    """The ranks of one figure's values among each other, None for a value without interval.

    With one value there is nothing to rank. Touching intervals leave open who is better; that errs on the side of no rank, since
    intervals of two groups may touch although their difference is sure.
    """
    intervals = [value.interval for value in values]
    known = [interval for interval in intervals if interval is not None]
    if len(known) <= 1:
        return tuple(None for _ in values)
    lows, highs = sorted(low for low, _ in known), sorted(high for _, high in known)
    found: list[Rank | None] = []
    for interval in intervals:
        if interval is None:
            found.append(None)
            continue
        above = len(lows) - bisect_right(lows, interval[1])
        below = bisect_left(highs, interval[0])
        better, worse = (above, below) if direction == "up" else (below, above)
        found.append(Rank(better + 1, len(known) - worse))
    return tuple(found)
