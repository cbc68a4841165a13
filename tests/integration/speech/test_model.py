"""The speech model is the published one or none: joined once, verified, safe beside other processes, never from the network."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.scoring.errors import ModelUnavailable
from workers.speech import model
from workers.speech.model import WHISPER_BASE_SHA256, resolve_model
from workers.speech.whisper import Recognizer

pytestmark = pytest.mark.speech


def test_a_second_start_uses_what_the_first_one_joined(model_data_dir: Path) -> None:
    folder = resolve_model("auto", model_data_dir)
    assert folder.name == "whisper-base-d01c3014"
    before = (folder / "model.bin").stat()
    assert before.st_size == 145_217_532
    assert resolve_model("auto", model_data_dir) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == before.st_mtime_ns
    assert json.loads((folder / "verified.json").read_text())["model.bin"][0] == WHISPER_BASE_SHA256["model.bin"]
    assert not list(folder.parent.glob(".*"))


def test_processes_that_start_at_once_end_with_one_whole_model(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from workers.speech.model import resolve_model; print(resolve_model('auto', Path(sys.argv[1])))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    folders = {process.communicate(timeout=120)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert folders == {str(tmp_path / "models" / "whisper-base-d01c3014")}
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["whisper-base-d01c3014"]


def test_a_damaged_folder_is_noticed_and_mended(tmp_path: Path) -> None:
    folder = resolve_model("auto", tmp_path)
    (folder / "config.json").write_text("{}")
    assert resolve_model("auto", tmp_path) == folder
    assert "alignment_heads" in (folder / "config.json").read_text()


@pytest.fixture
def files_of_a_megabyte_at_most() -> Iterator[None]:
    """Stands in for a full disk: writing more fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("files_of_a_megabyte_at_most")
def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"cannot be put together.*150 MB"):
        resolve_model("auto", tmp_path)
    assert list((tmp_path / "models").iterdir()) == []


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "models" / ".whisper-base-d01c3014-abc"
    left.mkdir(parents=True)
    (left / "model.bin").write_bytes(b"half")
    os.utime(left, (0, 0))
    resolve_model("auto", tmp_path)
    assert not left.exists()


def test_other_files_than_the_published_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WHISPER_BASE_SHA256, "vocabulary.txt", "0" * 64)
    with pytest.raises(ModelUnavailable, match=r"vocabulary\.txt.*not the published file.*refused"):
        resolve_model("auto", tmp_path)
    assert list((tmp_path / "models").iterdir()) == []


def test_missing_wheels_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model._PARTS, "model.bin", (("no_such_package", "model.bin"),))
    with pytest.raises(ModelUnavailable, match="needs the package no-such-package"):
        resolve_model("auto", tmp_path)


def test_a_folder_with_another_models_features_is_refused_when_it_is_loaded(
    model_data_dir: Path, tmp_path: Path
) -> None:
    for file in resolve_model("auto", model_data_dir).iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "preprocessor_config.json").write_text('{"feature_size": 128}')
    with pytest.raises(ModelUnavailable, match=r"hears 80 frequency bands.*sets up 128.*preprocessor_config"):
        Recognizer(tmp_path)


def test_a_folder_whose_files_are_damaged_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelUnavailable, match="cannot be loaded on cpu as int8"):
        Recognizer(tmp_path)
