"""Each channel of a recording frame by frame: where somebody speaks, and what leaked from the other channel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import numpy as np
import numpy.typing as npt

from workers.speech.crosstalk import VOICED, bleed, without_bleed
from workers.speech.progress import OnProgress
from workers.speech.recording import Recording
from workers.speech.spans import Span
from workers.speech.vad import Activity, Flags, measure

#: How often progress is reported, in seconds.
_HEARTBEAT_S = 0.5
#: A mean beyond this share of full scale is a constant offset, not sound.
_OFFSET = 0.01
#: From this share of a channel's frames on, the voice that leaks into it hides its own from the network.
_MUCH_BLEED = 0.1

Read = Callable[[Span], npt.NDArray[np.float32]]
#: Judges a channel of so many samples, telling how far it is.
Judge = Callable[[Read, int, Callable[[float], None]], Activity]


def heard_apart(
    recording: Recording, on_progress: OnProgress, *, judge: Judge = measure
) -> tuple[list[Activity], list[Flags]]:
    """Each channel's activity, and the frames of it that are the other channel's voice. `on_progress` counts from 0 to 1.

    The network that finds speech gets used to a leaking voice and then misses the channel's own for seconds. So a channel with much
    of it is listened to again with the leak faded out: what either time sounded like speech is speech.
    """
    reads: list[Read] = [partial(centred, recording, channel) for channel in range(recording.channels)]
    activities = _measured(judge, reads, recording.samples, on_progress)
    leaks = _leaks(activities)
    again = [
        channel
        for channel, (activity, leak) in enumerate(zip(activities, leaks, strict=True))
        if len(leak) and float((leak & (activity.probability >= VOICED)).mean()) >= _MUCH_BLEED
    ]
    if again:
        faded = [partial(_faded, reads[channel], leaks[channel]) for channel in again]
        # The bar stands meanwhile, but a lease is renewed.
        second = _measured(judge, faded, recording.samples, lambda _share: on_progress(1.0))
        for channel, found in zip(again, second, strict=True):
            either = np.maximum(activities[channel].probability, found.probability)
            activities[channel] = Activity(either, activities[channel].level_db)
        leaks = _leaks(activities)
    return activities, leaks


def _leaks(activities: Sequence[Activity]) -> list[Flags]:
    if len(activities) < 2:  # noqa: PLR2004  nothing to leak from
        return [np.zeros(len(activity.level_db), dtype=np.bool_) for activity in activities]
    first, second = activities
    return [bleed(first, second), bleed(second, first)]


def _faded(read: Read, leak: Flags, span: Span) -> npt.NDArray[np.float32]:
    return without_bleed(read(span), span.start, leak)


def centred(recording: Recording, channel: int, span: Span) -> npt.NDArray[np.float32]:
    """A span of a channel without its constant offset: people do not hear one, the networks do."""
    sound = recording.read(channel, span)
    offset = sound.mean() if len(sound) else np.float32(0)
    return sound - offset if abs(offset) > _OFFSET else sound


def _measured(judge: Judge, reads: Sequence[Read], samples: int, on_progress: OnProgress) -> list[Activity]:
    """The activity of each channel, one thread a channel. What `on_progress` raises ends the work at the next minute of sound."""
    shares = [0.0] * len(reads)
    stopped = threading.Event()

    def note(channel: int, share: float) -> None:
        shares[channel] = share
        if stopped.is_set():
            raise _Stopped

    with ThreadPoolExecutor(len(reads), thread_name_prefix="measure") as threads:
        futures = [threads.submit(judge, read, samples, partial(note, channel)) for channel, read in enumerate(reads)]
        try:
            while wait(futures, timeout=_HEARTBEAT_S).not_done:
                on_progress(sum(shares) / len(reads))
        except BaseException:
            stopped.set()
            raise
    return [future.result() for future in futures]


class _Stopped(Exception):
    """The call is no longer wanted."""
