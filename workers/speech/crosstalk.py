"""The other party's voice in a channel: found by levels, before it is transcribed as this party's words.

A line that leaks carries a copy of the other channel at -15 to -40 dB. That copy is quieter than its original and quieter
than the channel's own voice; a real answer spoken over the other party is neither.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.speech.vad import FRAME_SAMPLES, Activity, Flags, speech_spans

#: A frame counts as voiced from here on.
VOICED = 0.5
#: A copy is at least this much quieter than its original, and than the channel's own voice (median).
#: Recordings with bleed at -17 to -21 dB have copies 14 dB and more below the original, own voices 10 dB and more above the copy.
_BELOW_ORIGINAL_DB = 9.0
_BELOW_OWN_VOICE_DB = 5.0
#: So far below the original, a quiet talker's copy may come closer to their own voice.
_FAR_BELOW_ORIGINAL_DB = 15.0
_CLOSE_TO_OWN_VOICE_DB = 2.0
#: So far below the own voice there is only the line's noise and the end of an echo.
_BELOW_ANY_VOICE_DB = 12.0
#: Levels are compared over this many frames (about 0.3 s): syllables and their echoes do not line up frame by frame.
_SMOOTHING_FRAMES = 9
#: The other party counts as talking this many frames (0.5 s) around their speech; an echo lags.
_LAG_FRAMES = 16


def bleed(activity: Activity, other: Activity) -> Flags:
    """True for the frames of a channel where the other party talks and nothing in it is this channel's own voice."""
    frames = min(len(activity.level_db), len(other.level_db))
    flags = np.zeros(len(activity.level_db), dtype=np.bool_)
    if not frames:
        return flags
    here = _smoothed(activity.level_db[:frames])
    there = _smoothed(other.level_db[:frames])
    # What is at least as loud here as there was spoken here.
    own = activity.level_db[:frames][(activity.probability[:frames] >= VOICED) & (here >= there)]
    own_db = float(np.median(own)) if len(own) else np.inf
    copy = (here <= there - _BELOW_ORIGINAL_DB) & (here <= own_db - _BELOW_OWN_VOICE_DB)
    faint_copy = (here <= there - _FAR_BELOW_ORIGINAL_DB) & (here <= own_db - _CLOSE_TO_OWN_VOICE_DB)
    nothing = here <= own_db - _BELOW_ANY_VOICE_DB
    flags[:frames] = _talking(other)[:frames] & (copy | faint_copy | nothing)
    return flags


def _talking(activity: Activity) -> Flags:
    flags = np.zeros(len(activity.level_db), dtype=np.bool_)
    for span in speech_spans(activity):
        flags[max(0, span.start // FRAME_SAMPLES - _LAG_FRAMES) : span.end // FRAME_SAMPLES + _LAG_FRAMES] = True
    return flags


def _smoothed(level_db: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Level of the mean power around each frame, in dB."""
    power = np.power(10.0, level_db.astype(np.float64) / 10)
    kernel = np.full(_SMOOTHING_FRAMES, 1 / _SMOOTHING_FRAMES)
    around = np.convolve(np.pad(power, _SMOOTHING_FRAMES // 2, mode="edge"), kernel, mode="valid")
    return np.asarray(10 * np.log10(around[: len(level_db)]))


def without_bleed(sound: npt.NDArray[np.float32], start: int, flags: Flags) -> npt.NDArray[np.float32]:
    """The channel's samples from `start` on, with its bleed frames faded out."""
    first = start // FRAME_SAMPLES
    last = -(-(start + len(sound)) // FRAME_SAMPLES)
    gains = 1 - flags[first:last].astype(np.float32)
    if gains.all():
        return sound
    # Straight lines between the middles of the frames: no clicks at the edges.
    middles = (np.arange(first, first + len(gains)) + 0.5) * FRAME_SAMPLES
    return sound * np.interp(np.arange(start, start + len(sound)), middles, gains).astype(np.float32)
