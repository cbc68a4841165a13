"""Uploads that wait for the disk together: one commit for many, and none is answered before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from service.api.arrivals import Arrivals
from service.scoring.errors import StoreUnavailable
from service.store.arrivals import Taken
from service.store.database import Database
from service.store.transaction import Transaction
from tests.fixtures.samples import NOW, sample_call
from tests.integration.api.house import House
from tests.integration.api.serving import wait_until

BURST = 30


class SlowDisk(Database):
    """The first commit waits until it is told to go on; commits are counted."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.commits = 0
        self.go_on = threading.Event()
        self.broken = False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            yield tx
            self.commits += 1
            self.go_on.wait(20)
            if self.broken:
                raise StoreUnavailable("the disk is gone")


@pytest.fixture
def disk(house: House, sqlite_url: str) -> Iterator[SlowDisk]:
    assert house.calls() == 0
    slow = SlowDisk(sqlite_url)
    yield slow
    slow.close()


def test_uploads_that_wait_for_a_commit_share_the_next(house: House, disk: SlowDisk) -> None:
    arrivals = Arrivals(disk, house.audio, lambda: NOW, allow_unknown_rep=True)
    with ThreadPoolExecutor(BURST) as threads:
        recorded = [threads.submit(arrivals.record, sample_call(f"call-{n}"), None) for n in range(BURST)]
        wait_until(lambda: disk.commits == 1 and len(arrivals._waiting) == BURST - 1)
        assert not any(each.done() for each in recorded), "nobody is answered before the commit"
        disk.go_on.set()
    assert all(isinstance(each.result(), Taken) and each.result().created for each in recorded)
    assert disk.commits == 2
    assert house.calls() == BURST


def test_a_disk_that_fails_is_told_to_every_upload_of_the_commit(house: House, disk: SlowDisk) -> None:
    arrivals = Arrivals(disk, house.audio, lambda: NOW, allow_unknown_rep=True)
    disk.broken = True
    with ThreadPoolExecutor(BURST) as threads:
        recorded = [threads.submit(arrivals.record, sample_call(f"call-{n}"), None) for n in range(BURST)]
        wait_until(lambda: len(arrivals._waiting) == BURST - 1)
        disk.go_on.set()
    assert all(isinstance(each.exception(), StoreUnavailable) for each in recorded)
    assert house.calls() == 0
    disk.broken = False
    assert arrivals.record(sample_call("call-1"), None).created, "and what was told so can be sent again"


def test_an_upload_that_cannot_be_stored_takes_no_other_with_it(house: House, disk: SlowDisk) -> None:
    """A value that the database refuses, which no check foresaw."""
    arrivals = Arrivals(disk, house.audio, lambda: NOW, allow_unknown_rep=True)
    bad = sample_call("bad", metadata={"no": {1, 2}})
    with ThreadPoolExecutor(BURST) as threads:
        first = threads.submit(arrivals.record, sample_call("first"), None)
        wait_until(lambda: disk.commits == 1)
        others = [threads.submit(arrivals.record, sample_call(f"call-{n}"), None) for n in range(3)]
        refused = threads.submit(arrivals.record, bad, None)
        wait_until(lambda: len(arrivals._waiting) == 4)
        disk.go_on.set()
    assert first.result().created
    assert all(each.result().created for each in others)
    assert refused.exception() is not None
    assert house.calls() == 4
