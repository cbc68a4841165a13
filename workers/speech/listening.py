"""A decoded recording as the recognizer hears it: per channel, where somebody speaks, and the sound of those windows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import numpy as np
import numpy.typing as npt

from workers.speech.crosstalk import bleed, without_bleed
from workers.speech.guard import Backing
from workers.speech.progress import OnProgress
from workers.speech.recording import Recording
from workers.speech.spans import Span
from workers.speech.vad import FRAME_SAMPLES, Activity, Flags, measure, speech_spans
from workers.speech.windows import LONGEST_WINDOW_S, Window, WindowOptions, pack

#: How often progress is reported, in seconds.
_HEARTBEAT_S = 0.5
#: A mean beyond this share of full scale is a constant offset, not sound.
_OFFSET = 0.01


class Listening:
    """Everything about a recording's channels that is known before a word is recognized."""

    def __init__(self, recording: Recording, on_progress: OnProgress, *, longest_s: float = LONGEST_WINDOW_S) -> None:
        """Measure all channels side by side; `on_progress` counts from 0 to 1. Windows hold at most `longest_s` seconds."""
        self._recording = recording
        count = recording.channels
        self._activities = _measured(recording, on_progress)
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


def centred(recording: Recording, channel: int, span: Span) -> npt.NDArray[np.float32]:
    """A span of a channel without its constant offset: people do not hear one, the networks do."""
    sound = recording.read(channel, span)
    offset = sound.mean() if len(sound) else np.float32(0)
    return sound - offset if abs(offset) > _OFFSET else sound


def _measured(recording: Recording, on_progress: OnProgress) -> list[Activity]:
    """Each channel's activity, one thread a channel. What `on_progress` raises ends the work at the next minute of sound."""
    count = recording.channels
    shares = [0.0] * count
    stopped = threading.Event()

    def note(channel: int, share: float) -> None:
        shares[channel] = share
        if stopped.is_set():
            raise _Stopped

    with ThreadPoolExecutor(count, thread_name_prefix="measure") as threads:
        futures = [
            threads.submit(measure, partial(centred, recording, channel), recording.samples, partial(note, channel))
            for channel in range(count)
        ]
        try:
            while wait(futures, timeout=_HEARTBEAT_S).not_done:
                on_progress(sum(shares) / count)
        except BaseException:
            stopped.set()
            raise
    return [future.result() for future in futures]


class _Stopped(Exception):
    """The call is no longer wanted."""
