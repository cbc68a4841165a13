"""Decoded sound comes back as it went in, wherever it is kept, and a full disk is told in a sentence."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from service.scoring.errors import StoreUnavailable
from workers.speech import recording as module
from workers.speech.recording import Recording
from workers.speech.spans import Span


@pytest.fixture(params=[0, 1 << 30], ids=["on disk", "in memory"])
def recording(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setattr(module, "_IN_MEMORY_BYTES", request.param or 1)
    with Recording(tmp_path) as opened:
        yield opened


def test_any_stretch_of_any_channel_can_be_read_while_more_is_written(recording: Recording) -> None:
    first = np.array([[1, -1], [2, -2], [3, -3]], dtype=np.int16) * 1024
    recording.append(first)
    assert recording.read(1, Span(1, 3)).tolist() == [-2 / 32, -3 / 32]
    recording.append(first)
    assert recording.read(0, Span(2, 5)).tolist() == [3 / 32, 1 / 32, 2 / 32]
    assert recording.read(0, Span(5, 99)).tolist() == [3 / 32]
    assert (recording.channels, recording.samples) == (2, 6)


def test_merged_channels_are_one(recording: Recording) -> None:
    recording.append(np.ones((10, 2), dtype=np.int16))
    recording.merge()
    assert recording.channels == 1


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY_BYTES", 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    try:
        with Recording(tmp_path) as opened, pytest.raises(StoreUnavailable, match=r"No space.*tried again"):
            opened.append(np.zeros((1 << 16, 2), dtype=np.int16))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
