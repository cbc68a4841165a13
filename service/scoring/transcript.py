"""What was said in a call, by whom and when."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

from service.scoring.errors import TranscriptInvalid

Choice = TypeVar("Choice")
Speaker = Literal["agent", "customer", "unknown"]
SPEAKERS: tuple[Speaker, ...] = ("agent", "customer", "unknown")
#: How the speakers of a transcript are known: each on a channel of their own, told apart by voice, given with a text,
#: or not at all (one channel, both voices).
SpeakerSource = Literal["channels", "estimated", "given", "unknown"]
SPEAKER_SOURCES: tuple[SpeakerSource, ...] = ("channels", "estimated", "given", "unknown")


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word. Times in seconds from the start of the recording, probability 0..1."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of an utterance that is not to be trusted: words `first`..`last` (0-based, inclusive) and the reason.

    Reasons: `silence_boilerplate`, `repetition`, `crosstalk`, `low_confidence`, `foreign_language`; and `redacted` (see
    `service.scoring.redaction`), which only some may read. The text is kept; no rule fires on a marked span.
    """

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech of one speaker between two pauses.

    `start_s` and `end_s` are None in calls that came as text. `confidence` is the mean word probability (0..1), None
    where nothing measured it.
    """

    speaker: Speaker
    text: str
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole call, utterances in the order they began.

    `language` is an ISO 639-1 code. `speech_s` gives the seconds of speech heard per speaker (None for text); a speaker
    whose channel held no speech has 0.0. `duration_s` is the recording's length. `speaker_confidence` (0..1) is the share of
    the words that are expected to be their speaker's where voices had to be told apart; None elsewhere.
    """

    language: str
    utterances: tuple[Utterance, ...]
    speaker_source: SpeakerSource = "given"
    duration_s: float | None = None
    speech_s: dict[Speaker, float] | None = None
    language_probability: float | None = None
    recognizer: str | None = None
    warnings: tuple[str, ...] = field(default=())
    speaker_confidence: float | None = None

    @property
    def timed(self) -> bool:
        """True if every utterance has times."""
        return bool(self.utterances) and all(u.start_s is not None and u.end_s is not None for u in self.utterances)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, the inverse of `transcript_from_dict`."""
        # What `dataclasses.asdict` gives, without its deep copy of every word: that cost as much as reading the call.
        data = {part.name: getattr(self, part.name) for part in fields(self)}
        data["speech_s"] = None if self.speech_s is None else dict(self.speech_s)
        data["utterances"] = tuple(_plain_utterance(utterance) for utterance in self.utterances)
        if self.speaker_confidence is None:
            # Transcripts from before this field keep their bytes, and with them the hash that scorecards cite.
            del data["speaker_confidence"]
        return data

    def canonical_json(self) -> bytes:
        """The same bytes for the same transcript, in any process."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def sha256(self) -> str:
        """Hex SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonical_json()).hexdigest()


def _plain_utterance(utterance: Utterance) -> dict[str, Any]:
    return {
        "speaker": utterance.speaker,
        "text": utterance.text,
        "start_s": utterance.start_s,
        "end_s": utterance.end_s,
        "confidence": utterance.confidence,
        "words": tuple(
            {"text": word.text, "start_s": word.start_s, "end_s": word.end_s, "probability": word.probability}
            for word in utterance.words
        ),
        "marks": tuple({"first": mark.first, "last": mark.last, "reason": mark.reason} for mark in utterance.marks),
    }


def transcript_from_dict(data: dict[str, Any]) -> Transcript:
    """Rebuild a transcript from `Transcript.to_dict()` data.

    Raises:
        TranscriptInvalid: a field is missing or of the wrong type.
    """
    try:
        utterances = tuple(
            Utterance(
                speaker=_one_of(item["speaker"], SPEAKERS),
                text=str(item["text"]),
                start_s=item.get("start_s"),
                end_s=item.get("end_s"),
                confidence=item.get("confidence"),
                words=tuple(Word(**word) for word in item.get("words", ())),
                marks=tuple(Mark(**mark) for mark in item.get("marks", ())),
            )
            for item in data["utterances"]
        )
        return Transcript(
            language=str(data["language"]),
            utterances=utterances,
            speaker_source=_one_of(data.get("speaker_source", "given"), SPEAKER_SOURCES),
            duration_s=data.get("duration_s"),
            speech_s=data.get("speech_s"),
            language_probability=data.get("language_probability"),
            recognizer=data.get("recognizer"),
            warnings=tuple(data.get("warnings", ())),
            speaker_confidence=data.get("speaker_confidence"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise TranscriptInvalid(f"transcript data is incomplete or malformed: {error!r}") from error


def _one_of(value: Any, allowed: tuple[Choice, ...]) -> Choice:
    if value not in allowed:
        raise TranscriptInvalid(f"expected one of {allowed}, found {value!r}")
    return allowed[allowed.index(value)]
