"""What stands in a log, and what never does."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from service.logs import WITHHELD, configure, get_logger, log_context


@pytest.fixture
def lines() -> Iterator[Any]:
    """Configures logging for the test; calling the value gives the lines so far, parsed."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("INFO", component="worker-score", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_every_line_is_json_and_names_process_call_and_task(lines: Any) -> None:
    with log_context(call_id="c-1", task_id="t-1"):
        get_logger().info("scored", objections=2)
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "scored",
        "objections": 2,
        "call_id": "c-1",
        "task_id": "t-1",
        "level": "info",
        "component": "worker-score",
    }


def test_records_of_libraries_come_out_the_same_way_once(lines: Any) -> None:
    library = logging.getLogger("celery.worker.consumer")
    library.addHandler(logging.StreamHandler(io.StringIO()))
    configured = logging.getLogger().handlers[0]
    assert isinstance(configured, logging.StreamHandler)
    configure("INFO", component="worker-score", stream=configured.stream)
    with log_context(call_id="c-1"):
        library.warning("connection lost: %s", "redis")
    (line,) = lines()
    assert (line["event"], line["level"], line["call_id"]) == ("connection lost: redis", "warning", "c-1")


def test_warnings_of_python_are_lines_too(lines: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("something is deprecated", stacklevel=1)
    assert "something is deprecated" in lines()[0]["event"]


@pytest.mark.parametrize("field", sorted(WITHHELD))
def test_what_was_said_and_who_said_it_stay_out(lines: Any, field: str) -> None:
    get_logger().info("oops", **{field: "Иван Петров, +7 999 123-45-67"})
    (line,) = lines()
    assert line[field] == "withheld"
    assert "Петров" not in json.dumps(line, ensure_ascii=False)


def test_a_traceback_shows_no_values_of_variables(lines: Any) -> None:
    def score(said: str) -> None:
        raise ValueError(f"cannot score {len(said)} characters")

    words = "мой телефон 8 999 123"
    try:
        score(words)
    except ValueError:
        get_logger().exception("unforeseen error")
    (line,) = lines()
    assert "cannot score 21 characters" in line["exception"]
    assert words not in line["exception"]


def test_chatter_of_libraries_stays_out_but_not_their_warnings(lines: Any) -> None:
    logging.getLogger("celery.app.trace").info("Task succeeded")
    logging.getLogger("httpx").info("HTTP Request: GET http://x/?customer_ref=123")
    logging.getLogger("celery.app.trace").error("Task failed")
    assert [line["event"] for line in lines()] == ["Task failed"]
