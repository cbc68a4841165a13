"""What the embedded stack would start, and with which settings, without starting anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli.stack.child import Child, Program
from service.cli.stack.folder import DataFolder
from service.cli.stack.programs import child_environment, plan, service_url
from service.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", redis_url="redis://queue:6379/0", shutdown_grace_s=7)


def test_children_get_exactly_the_settings_of_the_stack(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCORE_PORT", "9999")
    monkeypatch.setenv("CALLSCORE_METRICS_KEY", "from outside")
    monkeypatch.setenv("PATH", "/bin")
    environment = child_environment(settings)
    assert environment["CALLSCORE_PORT"] == "8321"
    assert environment["CALLSCORE_DATA_DIR"] == str(settings.data_dir)
    assert "CALLSCORE_METRICS_KEY" not in environment
    assert environment["PATH"] == "/bin"


def test_a_secret_reaches_the_children_unmasked(settings: Settings) -> None:
    with_key = Settings(data_dir=settings.data_dir, metrics_key="s3cret")  # type: ignore[arg-type]
    assert child_environment(with_key)["CALLSCORE_METRICS_KEY"] == "s3cret"


def test_every_setting_survives_the_way_to_the_children(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in child_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8321"),
        ("0.0.0.0", "http://127.0.0.1:8321"),  # noqa: S104 - what an administrator may set
        ("::", "http://[::1]:8321"),
        ("calls.example", "http://calls.example:8321"),
    ],
)
def test_the_address_shown_to_people_can_be_opened(host: str, url: str) -> None:
    assert service_url(Settings(host=host)) == url


def test_a_redis_of_ones_own_is_used_instead_of_a_private_one(settings: Settings) -> None:
    with DataFolder(settings.data_dir) as folder:
        stages = plan(settings, folder, transcribe_workers=1)
    assert [[program.name for program in stage] for stage in stages] == [
        ["migrate"],
        ["api", "worker-transcribe", "worker-score", "beat"],
    ]
    assert all(program.environment["CALLSCORE_REDIS_URL"] == "redis://queue:6379/0" for program in stages[1])


def test_several_transcription_workers_share_the_processor(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    with DataFolder(settings.data_dir) as folder:
        stages = plan(settings, folder, transcribe_workers=3)
    workers = [program for program in stages[-1] if program.name.startswith("worker-transcribe")]
    assert [worker.name for worker in workers] == ["worker-transcribe-1", "worker-transcribe-2", "worker-transcribe-3"]
    assert {worker.environment["CALLSCORE_MODEL_THREADS"] for worker in workers} == {"2"}


def test_workers_are_stopped_first_and_get_their_grace(settings: Settings) -> None:
    with DataFolder(settings.data_dir) as folder:
        programs = {program.name: program for program in plan(settings, folder, transcribe_workers=1)[-1]}
    assert programs["worker-transcribe"].stop_rank < programs["api"].stop_rank
    assert programs["worker-transcribe"].stop_within_s > settings.shutdown_grace_s


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["callscore: the port is taken"], "the port is taken"),
        (
            [json.dumps({"level": "critical", "event": "no model"}), json.dumps({"level": "info", "event": "bye"})],
            "no model",
        ),
        ([json.dumps({"level": "info", "event": "hello"})], "it said nothing"),
        ([], "it said nothing"),
    ],
)
def test_the_last_words_of_a_process_are_the_ones_that_tell_something(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    child = Child(Program("one", "one", (), {}, lambda: False, 1.0), tmp_path)
    child._lines.extend(lines)
    assert child.last_words() == words
