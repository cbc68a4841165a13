"""The gate of a pack: how far a rule must agree with people to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GateStatus = Literal["passed", "failed", "too_few"]


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule fails where the whole 95 % interval of its accuracy lies below `accuracy` (0..1), or, once there are `minimum_n`
    verdicts of people, where the accuracy itself does.
    """

    accuracy: float
    minimum_n: int

    def status(self, value: float | None, interval: tuple[float, float] | None, n: int) -> GateStatus:
        """How a rule of this accuracy stands; with fewer verdicts than `minimum_n` only a whole interval decides."""
        if value is None or interval is None:
            return "too_few"
        if n >= self.minimum_n:
            return "passed" if value >= self.accuracy else "failed"
        if interval[1] < self.accuracy:
            return "failed"
        return "passed" if interval[0] >= self.accuracy else "too_few"
