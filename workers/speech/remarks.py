"""What a transcript tells its readers about the recording: in sentences, with what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.scoring.transcript import Speaker, Utterance
from workers.speech.language import Spoken
from workers.speech.speakers import Told

_MONO = (
    "The recording has one channel with both voices: the speakers are not told apart. "
    "Record two channels to have what each of them said."
)
_ESTIMATED = (
    "The recording has one channel with both voices: the speakers are estimated from voices and words, about {share:.0%} of "
    "the words are expected to be their speaker's. Record two channels to be sure."
)
_NAMES: Mapping[Speaker, str] = {"agent": "the rep", "customer": "the customer", "unknown": "anybody"}


def about_languages(spoken: Spoken, speakers: Sequence[Speaker]) -> list[str]:
    """What to know where the parties speak two languages; `speakers` are those of the channels, in order."""
    if len(set(spoken.by_channel)) < 2:  # noqa: PLR2004  one language
        return []
    named = " and ".join(
        f"{_NAMES[speaker]} speaks {own!r}" for speaker, own in zip(speakers, spoken.by_channel, strict=True)
    )
    return [f"Two languages: {named}; only {spoken.language!r} is scored."]


def about_speakers(speech_s: Mapping[Speaker, float], said: Sequence[Utterance], told: Told | None) -> list[str]:
    """Whose words are sure, who was not heard, and what leaked. `told` is how voices in one channel were told apart."""
    warnings = [_MONO] if "unknown" in speech_s else []
    if told is not None:
        warnings.append(_ESTIMATED.format(share=told.confidence))
    silent = [speaker for speaker, seconds in speech_s.items() if seconds <= 0]
    if len(silent) == len(speech_s):
        return [*warnings, "No speech was heard in the recording."]
    warnings.extend(f"No speech of {_NAMES[speaker]} was heard on their channel." for speaker in silent)
    crosstalk = sum(any(mark.reason == "crosstalk" for mark in utterance.marks) for utterance in said)
    if crosstalk:
        warnings.append(
            f"{crosstalk} utterance(s) are the other party's voice leaked into this channel; they are not scored."
        )
    return warnings
