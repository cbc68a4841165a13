"""One limit for all API processes: counted in Redis, and by each for itself while Redis is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.api.rate import MINUTE_S, REST_S, SharedLimiter
from tests.fixtures.redis import RedisServer

pytestmark = pytest.mark.anyio

LIMIT = 500
START = 1_000_000 * MINUTE_S + 20.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


class Process:
    """The limiter of one API process."""

    def __init__(self, redis: RedisServer, per_minute: int = LIMIT) -> None:
        self.now = START
        self.limiter = SharedLimiter.of_url(per_minute, redis.url)
        self.limiter._clock = lambda: self.now

    async def answered(self, asker: str, requests: int) -> int:
        return sum([await self.limiter.wait_s(asker) == 0 for _ in range(requests)])


async def test_two_processes_answer_together_what_one_may(redis: RedisServer) -> None:
    one, two = Process(redis), Process(redis)
    assert await one.answered("key:a", 300) == 300
    assert await two.answered("key:a", 300) == 200
    assert await one.answered("key:a", 50) == 0
    assert await two.limiter.wait_s("key:a") == pytest.approx(MINUTE_S - START % MINUTE_S)
    assert await one.answered("key:b", LIMIT) == LIMIT, "another asker has a minute of its own"
    one.now += MINUTE_S
    assert await one.answered("key:a", LIMIT + 1) == LIMIT, "and so has the next minute"
    names = redis.client.keys("callscore:requests:*")
    assert names
    assert all(0 < redis.client.ttl(name) <= 2 * MINUTE_S for name in names), "nothing of it stays"
    for process in (one, two):
        await process.limiter.close()


async def test_redis_is_asked_once_for_many_requests(redis: RedisServer) -> None:
    """A status poll must not cost a second way over the network."""
    process = Process(redis)
    assert await process.limiter.wait_s("key:a") == 0
    before = redis.client.info("stats")["total_commands_processed"]
    assert await process.answered("key:a", LIMIT - 1) == LIMIT - 1
    after = redis.client.info("stats")["total_commands_processed"]
    assert after - before < LIMIT
    refused = redis.client.info("stats")["total_commands_processed"]
    assert await process.answered("key:a", 100) == 0
    assert redis.client.info("stats")["total_commands_processed"] - refused < 10, "who is refused costs Redis nothing"
    await process.limiter.close()


async def test_while_redis_is_away_each_process_counts_for_itself(redis: RedisServer) -> None:
    process = Process(redis, per_minute=100)
    assert await process.answered("key:a", 30) == 30
    redis.stop()
    assert await process.answered("key:a", 200) == 100, "a new start, by the same limit, and nobody is kept waiting"
    redis.start()
    process.now += REST_S + 1
    assert await process.answered("key:a", 200) == 70, "what was counted in Redis before counts on"
    await process.limiter.close()


async def test_no_limit_asks_nobody(tmp_path: Path) -> None:
    process = Process(RedisServer(tmp_path), per_minute=0)
    assert await process.answered("key:a", 1000) == 1000
    await process.limiter.close()
