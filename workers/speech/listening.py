"""A decoded recording as the recognizer hears it: per channel, where somebody speaks, and the sound of those windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.speech.crosstalk import bleed, without_bleed
from workers.speech.guard import Backing
from workers.speech.progress import OnProgress
from workers.speech.recording import Recording
from workers.speech.vad import FRAME_SAMPLES, Flags, measure, speech_spans
from workers.speech.windows import Window, pack


class Listening:
    """Everything about a recording's channels that is known before a word is recognized."""

    def __init__(self, recording: Recording, on_progress: OnProgress) -> None:
        """Measure all channels; `on_progress` counts from 0 to 1 over them."""
        self._recording = recording
        count = recording.channels
        self._activities = [
            measure(
                lambda span, channel=channel: recording.read(channel, span),  # type: ignore[misc]  # a default binds the loop's value
                recording.samples,
                lambda share, channel=channel: on_progress((channel + share) / count),  # type: ignore[misc]
            )
            for channel in range(count)
        ]
        if count > 1:
            first, second = self._activities
            self._bleed = [bleed(first, second), bleed(second, first)]
        else:
            self._bleed = [np.zeros(len(activity.level_db), dtype=np.bool_) for activity in self._activities]
        self.spans = [
            speech_spans(activity, ignored=flags) for activity, flags in zip(self._activities, self._bleed, strict=True)
        ]
        self.windows: tuple[Window, ...] = tuple(
            sorted(
                (
                    window
                    for channel, spans in enumerate(self.spans)
                    for window in pack(channel, spans, recording.samples)
                ),
                key=lambda window: (window.start, window.channel),
            )
        )

    def sound(self, window: Window) -> npt.NDArray[np.float32]:
        """What the recognizer hears of a window: its pieces one after the other, bleed faded out."""
        flags = self._bleed[window.channel]
        return np.concatenate(
            [without_bleed(self._recording.read(window.channel, piece), piece.start, flags) for piece in window.pieces]
        )

    def backing(self, channel: int, silent: Sequence[Window]) -> Backing:
        """What the guard needs of a channel; `silent` are the windows that the recognizer took for silence."""
        flags: Flags = np.zeros(len(self._activities[channel].level_db), dtype=np.bool_)
        for window in silent:
            if window.channel == channel:
                for piece in window.pieces:
                    flags[piece.start // FRAME_SAMPLES : piece.end // FRAME_SAMPLES + 1] = True
        return Backing(self._activities[channel], self._bleed[channel], flags)
