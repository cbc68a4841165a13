"""How many requests one key or one user may send: a runaway script must not slow the service down for all others.

Counted in this process; behind several API processes each counts for itself. A full minute's requests may come at once, for
telephony systems send in bursts.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: Askers that are remembered; whoever was forgotten begins with a full minute again.
REMEMBERED = 10_000
MINUTE_S = 60.0


class RateLimiter:
    """A bucket for each asker that holds a minute's requests and fills up evenly. `per_minute` 0: no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str) -> float:
        """Count a request. Returns the seconds to wait where it is one too many, else 0."""
        if not self._size:
            return 0.0
        per_s = self._size / MINUTE_S
        with self._lock:
            now = self._clock()
            left, at = self._buckets.pop(asker, (self._size, now))
            left = min(self._size, left + (now - at) * per_s)
            wait_s = 0.0 if left >= 1 else (1 - left) / per_s
            self._buckets[asker] = (left if wait_s else left - 1, now)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        return wait_s
