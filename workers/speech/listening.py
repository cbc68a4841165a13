"""A decoded recording as the recognizer hears it: per channel, where somebody speaks, and the sound of those windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.speech.activities import centred, heard_apart
from workers.speech.crosstalk import without_bleed
from workers.speech.guard import Backing
from workers.speech.progress import OnProgress
from workers.speech.recording import Recording
from workers.speech.spans import Span
from workers.speech.vad import FRAME_SAMPLES, Flags, speech_spans
from workers.speech.windows import LONGEST_WINDOW_S, Window, WindowOptions, pack


class Listening:
    """Everything about a recording's channels that is known before a word is recognized."""

    def __init__(self, recording: Recording, on_progress: OnProgress, *, longest_s: float = LONGEST_WINDOW_S) -> None:
        """Measure all channels side by side; `on_progress` counts from 0 to 1. Windows hold at most `longest_s` seconds."""
        self._recording = recording
        self._activities, self._bleed = heard_apart(recording, on_progress)
        self.spans = [
            speech_spans(activity, ignored=flags) for activity, flags in zip(self._activities, self._bleed, strict=True)
        ]
        self.windows: tuple[Window, ...] = tuple(
            sorted(
                (
                    window
                    for channel, spans in enumerate(self.spans)
                    for window in pack(channel, spans, recording.samples, WindowOptions(longest_s=longest_s))
                ),
                key=lambda window: (window.start, window.channel),
            )
        )

    def sound(self, window: Window) -> npt.NDArray[np.float32]:
        """What the recognizer hears of a window: its pieces one after the other, bleed faded out."""
        flags = self._bleed[window.channel]
        return np.concatenate(
            [
                without_bleed(centred(self._recording, window.channel, piece), piece.start, flags)
                for piece in window.pieces
            ]
        )

    def read(self, span: Span) -> npt.NDArray[np.float32]:
        """Samples of a one-channel recording."""
        return centred(self._recording, 0, span)

    def backing(self, channel: int, silent: Sequence[Window]) -> Backing:
        """What the guard needs of a channel; `silent` are the windows that the recognizer took for silence."""
        flags: Flags = np.zeros(len(self._activities[channel].level_db), dtype=np.bool_)
        for window in silent:
            if window.channel == channel:
                for piece in window.pieces:
                    flags[piece.start // FRAME_SAMPLES : piece.end // FRAME_SAMPLES + 1] = True
        return Backing(self._activities[channel], self._bleed[channel], flags)
