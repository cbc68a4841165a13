"""A model that cannot be used is told with what to do instead; nothing is fetched from the network."""

from pathlib import Path

import pytest

from service.scoring.errors import ModelUnavailable
from workers.speech.model import model_name, resolve_model


def test_a_folder_with_a_model_is_taken_as_it_is(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    assert resolve_model(str(tmp_path), tmp_path / "data") == tmp_path
    assert not (tmp_path / "data").exists()


def test_an_incomplete_folder_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    with pytest.raises(ModelUnavailable, match=r"lacks model\.bin, tokenizer\.json"):
        resolve_model(str(tmp_path), tmp_path)


def test_a_name_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="No model 'no-such-model'"):
        resolve_model("no-such-model", tmp_path)


def test_a_known_name_that_is_not_on_the_machine_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nothing is fetched from the network"):
        resolve_model("callscore-tests/no-such-model", tmp_path)


def test_models_are_named_in_transcripts() -> None:
    assert model_name(Path("/data/models/whisper-base-d01c3014")) == "whisper-base-d01c3014"
    cached = Path("/cache/models--Systran--faster-whisper-small/snapshots/0123abcd")
    assert model_name(cached) == "Systran/faster-whisper-small"
