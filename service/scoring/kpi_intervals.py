"""Intervals of shares, means and differences: how much a few calls can tell.

Sources: the score interval for shares is Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
(1927); the interval for a mean is Student's t, "The probable error of a mean", Biometrika 6 (1908), with the variance from
sums and sums of squares; the interval for the difference of two figures joins their own ("square and add", method 10 of
Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17, 1998).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from scipy.special import stdtrit

Interval = tuple[float, float]

#: Two-sided confidence of every interval.
CONFIDENCE = 0.95
UPPER_TAIL = (1 + CONFIDENCE) / 2
#: Standard normal quantile of that confidence, 1.96.
Z = NormalDist().inv_cdf(UPPER_TAIL)
#: Below this a variance is rounding error of the sums: all values are the same.
NO_VARIANCE = 1e-9


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


def difference_interval(
    first: float, first_interval: Interval | None, second: float, second_interval: Interval | None
) -> Interval | None:
    """95 % interval of `first` - `second` from their own intervals, None where one of them has none."""
    if first_interval is None or second_interval is None:
        return None
    below = math.hypot(first - first_interval[0], second_interval[1] - second)
    above = math.hypot(first_interval[1] - first, second - second_interval[0])
    return first - second - below, first - second + above
