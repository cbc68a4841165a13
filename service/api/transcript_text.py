"""A transcript as people read it: subtitles (WebVTT, W3C) and plain text."""

from __future__ import annotations

from service.scoring.transcript import Transcript, Utterance

_SPEAKERS = {"agent": "Agent", "customer": "Customer", "unknown": "Speaker"}


def as_vtt(transcript: Transcript) -> str:
    """Subtitles, one cue an utterance. The transcript must be timed."""
    cues = [
        f"{_clock(utterance.start_s or 0.0)} --> {_clock(_end_s(utterance))}\n"
        f"<v {_SPEAKERS[utterance.speaker]}>{_escaped(utterance.text)}\n"
        for utterance in transcript.utterances
    ]
    return "\n".join(["WEBVTT\n", *cues])


def as_text(transcript: Transcript) -> str:
    """A line an utterance: time, speaker, words."""
    return "".join(f"{_line(utterance)}\n" for utterance in transcript.utterances)


def _line(utterance: Utterance) -> str:
    words = f"{_SPEAKERS[utterance.speaker]}: {_one_line(utterance.text)}"
    return words if utterance.start_s is None else f"[{_clock(utterance.start_s)}] {words}"


def _clock(seconds: float) -> str:
    total_ms = round(seconds * 1000)
    minutes, ms = divmod(total_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"


def _end_s(utterance: Utterance) -> float:
    """A cue must end after it begins, if only by a millisecond."""
    return max(utterance.end_s or 0.0, (utterance.start_s or 0.0) + 0.001)


def _escaped(text: str) -> str:
    """No mark-up, and no `-->`, comes out of what somebody said."""
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _one_line(text: str) -> str:
    return " ".join(text.split())
