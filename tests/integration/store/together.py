"""Processes that begin at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

TIMEOUT_S = 120
#: Children are forked from a server that has imported what they need: much faster than as many new interpreters.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["service.store.database", "tests.fixtures.samples"])


def together(number: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What `work(*arguments, which)` returns in each of `number` processes, in no order.

    Fails if a process ends with an error.
    """
    gate = CONTEXT.Barrier(number)
    results = CONTEXT.Queue()
    processes = [CONTEXT.Process(target=_run, args=(gate, results, work, *arguments, which)) for which in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(TIMEOUT_S)
    assert [process.exitcode for process in processes] == [0] * number
    return [results.get(timeout=TIMEOUT_S) for _ in processes]


def _run(gate: Any, results: Any, work: Callable[..., Any], *arguments: Any) -> None:
    gate.wait(TIMEOUT_S)
    results.put(work(*arguments))
