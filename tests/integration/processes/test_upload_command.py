"""`callscore upload` against a real API: what the person who sends recordings sees."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.records import Call, CallFilter
from tests.fixtures.installation import COMMAND, Installation, until

pytestmark = pytest.mark.processes

#: The uploader key of each installation.
KEYS: dict[str, str] = {}
SAMPLES = Path(__file__).resolve().parents[2] / "fixtures" / "samples"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running API without workers: what is uploaded stays in `received`."""
    # Recordings in two languages need the stock pack.
    folder = tmp_path_factory.mktemp("upload")
    with Installation(folder, rules_dir=None, default_script="b2b_sales") as installation:
        installation.start_api()
        KEYS[installation.url] = installation.key()
        yield installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings, one of them described by a sidecar, and a file that is none."""
    folder = tmp_path / "calls"
    (folder / "monday").mkdir(parents=True)
    shutil.copy(SAMPLES / "ru-dev-05.ogg", folder / "monday" / "a.ogg")
    shutil.copy(SAMPLES / "en-dev-05.ogg", folder / "b.ogg")
    (folder / "b.ogg.json").write_text('{"rep": "201", "language": "en"}', encoding="utf-8")
    (folder / "notes.txt").write_text("not a recording", encoding="utf-8")
    return folder


def environment(house: Installation, folder: Path, key: str | None = None) -> dict[str, str]:
    own = {"CALLSCORE_URL": house.url, "XDG_STATE_HOME": str(folder.parent / "state"), "NO_COLOR": "1"}
    return dict(os.environ) | own | {"CALLSCORE_API_KEY": key or KEYS[house.url]}


def upload(
    house: Installation, folder: Path, *arguments: str, key: str | None = None
) -> subprocess.CompletedProcess[str]:
    command = (*COMMAND, "upload", *arguments)
    return subprocess.run(
        command, env=environment(house, folder, key), capture_output=True, text=True, timeout=60, check=False
    )


def uploaded(house: Installation, source: str) -> dict[str, Call]:
    with house.database.read() as tx:
        calls = tx.calls.list(CallFilter(), limit=100).calls
    return {call.external_id: call for call in calls if call.source == source}


def test_a_folder_is_sent_once_however_often_the_command_runs(house: Installation, folder: Path) -> None:
    first = upload(house, folder, str(folder), "--rep", "101", "--source", "twice")
    assert first.returncode == 0, first.stderr
    assert "2 sent" in first.stderr
    calls = uploaded(house, "twice")
    assert set(calls) == {"monday/a.ogg", "b.ogg"}
    assert calls["b.ogg"].rep.external_id == "201", "the sidecar's rep wins over the option"
    assert calls["monday/a.ogg"].rep.external_id == "101"

    second = upload(house, folder, str(folder), "--rep", "101", "--source", "twice")
    assert second.returncode == 0
    assert "0 sent, 2 already there" in second.stderr

    shutil.rmtree(folder.parent / "state")
    without_journal = upload(house, folder, str(folder), "--rep", "101", "--source", "twice")
    assert "0 sent, 2 already there" in without_journal.stderr, "the service itself recognizes them"
    assert len(uploaded(house, "twice")) == 2


def test_what_is_refused_is_named_and_the_rest_is_sent(house: Installation, folder: Path) -> None:
    (folder / "broken.wav").write_text("this is no sound", encoding="utf-8")
    result = upload(house, folder, str(folder), "--rep", "101", "--source", "broken")
    assert result.returncode == 1
    assert "broken.wav: " in result.stderr
    assert "text" in result.stderr.split("broken.wav: ", 1)[1]
    assert "2 sent, 1 refused" in result.stderr


def test_a_watched_folder_sends_what_appears(house: Installation, folder: Path) -> None:
    watching = subprocess.Popen(
        (*COMMAND, "upload", str(folder), "--watch", "--rep", "101", "--source", "watch"),
        env=environment(house, folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: len(uploaded(house, "watch")) == 2, "what is there already is sent", within_s=30)
        shutil.copyfile(SAMPLES / "ru-dev-06.ogg", folder / "new.ogg")
        until(lambda: "new.ogg" in uploaded(house, "watch"), "a new recording is sent", within_s=30)
        journal = folder.parent / "state" / "callscore"
        sent = lambda: sum(file.read_text().count("\n") for file in journal.glob("uploads-*.jsonl"))  # noqa: E731
        until(lambda: sent() == 3, "the command has noted what the service holds", within_s=30)
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=10)
    finally:
        watching.kill()
    assert "3 sent" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing.wav", "--rep", "1"], "there is no file or folder missing.wav"),
        (["{folder}/b.ogg", "--watch", "--rep", "1"], "--watch needs a folder"),
        (["{folder}", "{folder}/b.ogg", "--rep", "1"], "either recordings or one folder"),
        (["{folder}/monday/a.ogg"], "nothing says who the rep is"),
        (["{folder}/monday/a.ogg", "--pattern", "{name}"], "unknown field {name}"),
    ],
)
def test_mistakes_get_a_sentence(house: Installation, folder: Path, arguments: list[str], expected: str) -> None:
    result = upload(house, folder, *(argument.replace("{folder}", str(folder)) for argument in arguments))
    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_key_is_said_once(house: Installation, folder: Path) -> None:
    result = upload(house, folder, str(folder), "--rep", "101", key="cs_wrong")
    assert result.returncode == 1
    assert result.stderr.count("key") >= 1
    assert "a.ogg:" not in result.stderr, "not once per file"


def test_a_service_that_is_not_there_is_named(house: Installation, folder: Path) -> None:
    command = (*COMMAND, "upload", str(folder), "--rep", "101", "--url", "http://127.0.0.1:9", "--attempts", "1")
    result = subprocess.run(
        command, env=environment(house, folder), capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert "no answer from http://127.0.0.1:9" in result.stderr
