"""The outline of a recording, for drawing it: how loud each channel is, at evenly spaced places."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from workers.speech.recording import Recording
from workers.speech.spans import Span

#: Places of an outline: one for two pixels of a wide screen.
POINTS = 1200
#: Levels are whole numbers from 0 to this.
LEVELS = 127
#: Samples read at a time: half a minute.
_BLOCK_SAMPLES = 16_000 * 30
#: Below this share of full scale everything is noise; a silent recording is not blown up to a loud one.
_QUIET = 0.02


def outline(recording: Recording) -> bytes:
    """JSON `{"version": 1, "channels": [[0..127, ...], ...]}`: the highest level between two places, relative to the loudest."""
    channels = [_highest(recording, channel) for channel in range(recording.channels)]
    loudest = max([_QUIET, *(float(np.max(levels, initial=0.0)) for levels in channels)])
    scaled: Sequence[list[int]] = [np.rint(levels / loudest * LEVELS).astype(int).tolist() for levels in channels]
    return json.dumps({"version": 1, "channels": scaled}, separators=(",", ":")).encode()


def _highest(recording: Recording, channel: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The highest level of each of POINTS equal stretches."""
    found = np.zeros(POINTS)
    for start in range(0, recording.samples, _BLOCK_SAMPLES):
        samples = np.abs(recording.read(channel, Span(start, min(start + _BLOCK_SAMPLES, recording.samples))))
        places = (start + np.arange(len(samples))) * POINTS // recording.samples
        np.maximum.at(found, places, samples)
    return found
