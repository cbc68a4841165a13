"""The limits that go with a message; sending itself is tested on a real Redis."""

from __future__ import annotations

import pytest

from service.queue import HARD_LIMIT_AFTER_S, ROUTES, celery_app, transcribe_limit_s, visibility_timeout_s
from service.settings import Settings
from workers.app import QUEUES, beat_app, worker_app

HOUR_S = 3600.0


@pytest.mark.parametrize("longest_s", [60.0, HOUR_S, 4 * HOUR_S, 24 * HOUR_S])
@pytest.mark.parametrize("duration_s", [None, 0.0, 5.0, HOUR_S, 4 * HOUR_S, 100 * HOUR_S])
def test_no_message_is_handed_out_again_before_its_time_limit(longest_s: float, duration_s: float | None) -> None:
    settings = Settings(max_duration_s=longest_s)
    limit_s = transcribe_limit_s(duration_s, settings) + HARD_LIMIT_AFTER_S
    assert limit_s < visibility_timeout_s(settings)
    assert worker_app(settings).conf.broker_transport_options["visibility_timeout"] == visibility_timeout_s(settings)


def test_a_longer_recording_may_take_longer_and_one_of_unknown_length_longest() -> None:
    settings = Settings()
    short, long, unknown = (transcribe_limit_s(duration_s, settings) for duration_s in (60.0, HOUR_S, None))
    assert long > HOUR_S
    assert short < long < unknown


def test_every_task_has_a_queue_and_every_queue_a_worker() -> None:
    assert set(ROUTES.values()) == {queue for queues in QUEUES.values() for queue in queues}
    assert set(ROUTES.values()) == {queue.name for queue in celery_app(Settings()).conf.task_queues}


def test_code_cannot_travel_through_the_queue() -> None:
    for app in (worker_app(Settings()), beat_app(Settings())):
        assert app.conf.accept_content == ["json"]
        assert app.conf.task_serializer == "json"


def test_sweeps_do_not_pile_up_while_no_worker_runs() -> None:
    schedule = beat_app(Settings(sweep_every_s=60.0)).conf.beat_schedule
    assert all(entry["options"]["expires"] <= entry["schedule"] for entry in schedule.values())
