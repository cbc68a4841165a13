"""How many requests one key or one user may send: a runaway script must not slow the service down for all others.

`RateLimiter` counts in this process. `SharedLimiter` counts in Redis for all processes together, and falls back to the other while Redis is away: a
limit that is too wide for a while does no harm, a service that answers nobody does. Either way a full minute's requests may come at once, for
telephony systems send in bursts.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.logs import get_logger

#: Askers that are remembered; whoever was forgotten begins with a full minute again.
REMEMBERED = 10_000
MINUTE_S = 60
#: Parts of a minute's requests that a process takes from Redis at a time: it asks Redis once for many requests, and what it took and does not use
#: is lost to the others until the minute is over.
PARTS = 100
NONE_LEFT = -1
#: Nobody waits longer for Redis to answer: it takes a fraction of a millisecond.
ANSWER_S = 0.25
#: After Redis did not answer, nobody waits for it for so long.
REST_S = 5.0
#: Windows in Redis are forgotten after two minutes: a clock that is behind another's by a few seconds still finds its window.
KEPT_S = 2 * MINUTE_S

log = get_logger()


class Limiter(Protocol):
    """Counts requests."""

    async def wait_s(self, asker: str) -> float:
        """Count a request. Returns the seconds to wait where it is one too many, else 0."""
        ...


class RateLimiter:
    """A bucket for each asker that holds a minute's requests and fills up evenly. `per_minute` 0: no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def wait_s(self, asker: str) -> float:
        return self.take(asker)

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


class SharedLimiter:
    """One count for all processes that share a Redis, in windows of a minute. `per_minute` 0: no limit. Belongs to one event loop."""

    def __init__(self, per_minute: int, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._per_minute = per_minute
        self._part = max(1, per_minute // PARTS)
        self._redis = redis
        self._clock = clock
        self._alone = RateLimiter(per_minute)
        self._away_until = 0.0
        #: Requests that this process may still answer without asking: window and number by asker, NONE_LEFT where asking is in vain.
        self._granted: OrderedDict[str, tuple[int, int]] = OrderedDict()

    @classmethod
    def of_url(cls, per_minute: int, url: str) -> SharedLimiter:
        """With the Redis of the settings; connects when it is first asked."""
        in_time: dict[str, Any] = {} if "socket" in url else {"socket_connect_timeout": ANSWER_S}
        redis = Redis.from_url(url.replace("redis+socket://", "unix://"), socket_timeout=ANSWER_S, **in_time)
        return cls(per_minute, redis)

    async def wait_s(self, asker: str) -> float:
        if not self._per_minute:
            return 0.0
        now = self._clock()
        window = int(now // MINUTE_S)
        if self._left(asker, window) == 0:
            if now < self._away_until:
                return self._alone.take(asker)
            try:
                granted = await self._grant(asker, window)
            except (RedisError, OSError) as error:
                self._away_until = now + REST_S
                log.warning("requests are counted by this process alone: Redis is away", error=type(error).__name__)
                return self._alone.take(asker)
            # Others of this asker may have been granted some while this one waited.
            self._keep(asker, window, max(0, self._left(asker, window)) + granted or NONE_LEFT)
        left = self._left(asker, window)
        if left < 1:
            return (window + 1) * MINUTE_S - now
        self._keep(asker, window, left - 1)
        return 0.0

    async def close(self) -> None:
        await self._redis.aclose()

    async def _grant(self, asker: str, window: int) -> int:
        """Take a part of the window's requests; how many of it are within the limit."""
        name = f"callscore:requests:{asker}:{window}"
        async with self._redis.pipeline(transaction=False) as both:
            both.incrby(name, self._part)
            both.expire(name, KEPT_S)
            taken, _ = await both.execute()
        return max(0, min(self._part, self._per_minute - int(taken) + self._part))

    def _left(self, asker: str, window: int) -> int:
        of_window, left = self._granted.get(asker, (window, 0))
        return left if of_window == window else 0

    def _keep(self, asker: str, window: int, left: int) -> None:
        self._granted[asker] = (window, left)
        self._granted.move_to_end(asker)
        while len(self._granted) > REMEMBERED:
            self._granted.popitem(last=False)
