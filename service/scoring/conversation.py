"""How the talk went, from the times of its utterances: talk share, pauses, interruptions, pace, questions.

A call that came as text has no times and none of these figures; a recording with both voices on one channel has only
the pauses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.scoring.results import Conversation
from service.scoring.transcript import Speaker, Transcript, Utterance

#: A silence longer than this counts as a pause, in seconds (the product's definition).
PAUSE_S = 3.0
#: The other side's "mhm" below this length neither ends a monologue nor interrupts, in seconds.
BACKCHANNEL_S = 1.0
#: Speech that begins this long before the other has finished is an interruption, in seconds; less is ordinary turn
#: taking (most changes of speaker overlap by up to a fifth of a second: Stivers et al., PNAS 106, 2009).
OVERLAP_S = 0.5
#: Below this much speech of the rep a pace is noise, in seconds.
PACE_NEEDS_S = 5.0
#: Decimals of every figure; finer than any recognizer's times.
DECIMALS = 3
#: Reasons of marks that say "nobody said this here".
NOT_SPOKEN = frozenset({"silence_boilerplate", "repetition", "crosstalk"})


@dataclass(frozen=True, slots=True)
class _Span:
    speaker: Speaker
    start_s: float
    end_s: float
    words: int

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def conversation(transcript: Transcript, *, agent_questions: int, objection_utterances: Sequence[int]) -> Conversation:
    """The figures of one call.

    `agent_questions` counts the rep's questions; `objection_utterances` are the 0-based utterances that voice an
    objection. Utterances marked as not spoken are left out; times that make no sense leave every figure None.
    """
    spans = _spans(transcript)
    if not spans:
        return Conversation()
    pauses = _pauses(spans)
    if any(span.speaker == "unknown" for span in spans):
        return Conversation(pauses_over_3s=pauses)
    agent_s, customer_s = _speech_s(transcript, spans, "agent"), _speech_s(transcript, spans, "customer")
    spoken_s = agent_s + customer_s
    words = sum(span.words for span in spans if span.speaker == "agent")
    duration_s = max(transcript.duration_s or 0.0, *(span.end_s for span in spans), 0.0)
    return Conversation(
        agent_talk_share=_rounded(agent_s / spoken_s) if spoken_s > 0 else None,
        longest_monologue_s=_rounded(_longest_monologue(spans)),
        pauses_over_3s=pauses,
        interruptions=_interruptions(spans),
        agent_words_per_minute=_rounded(words * 60 / agent_s) if agent_s >= PACE_NEEDS_S else None,
        questions_per_10_minutes=_rounded(agent_questions * 600 / duration_s) if duration_s > 0 else None,
        reaction_after_objection_s=_reaction(transcript.utterances, objection_utterances),
    )


def unspoken(utterance: Utterance) -> bool:
    """True if every word of the utterance is marked as boilerplate, repetition or crosstalk."""
    words = len(utterance.text.split())
    marked = {
        word for mark in utterance.marks if mark.reason in NOT_SPOKEN for word in range(mark.first, mark.last + 1)
    }
    return words > 0 and len(marked) >= words


def _spans(transcript: Transcript) -> list[_Span]:
    """Utterances as spans in time order; [] for text and for times that make no sense."""
    spans = []
    for utterance in transcript.utterances:
        start, end = utterance.start_s, utterance.end_s
        if start is None or end is None or not (math.isfinite(start) and math.isfinite(end)) or not 0 <= start <= end:
            return []
        if not unspoken(utterance):
            spans.append(_Span(utterance.speaker, start, end, len(utterance.text.split())))
    return sorted(spans, key=lambda span: (span.start_s, span.end_s))


def _speech_s(transcript: Transcript, spans: Sequence[_Span], speaker: Speaker) -> float:
    """Seconds of speech as the recognizer measured them, else the sum of the utterances' lengths."""
    measured = (transcript.speech_s or {}).get(speaker)
    return measured if measured is not None else sum(span.duration_s for span in spans if span.speaker == speaker)


def _longest_monologue(spans: Sequence[_Span]) -> float:
    """The rep's longest stretch of talk, from its first word to its last, the customer's back-channels inside."""
    longest = 0.0
    start_s: float | None = None
    for span in spans:
        if span.speaker == "agent":
            start_s = span.start_s if start_s is None else start_s
            longest = max(longest, span.end_s - start_s)
        elif span.duration_s >= BACKCHANNEL_S:
            start_s = None
    return longest


def _pauses(spans: Sequence[_Span]) -> int:
    """Silences of both sides above `PAUSE_S` between two stretches of speech."""
    count, heard_to_s = 0, spans[0].end_s
    for span in spans[1:]:
        count += span.start_s - heard_to_s > PAUSE_S
        heard_to_s = max(heard_to_s, span.end_s)
    return count


def _interruptions(spans: Sequence[_Span]) -> int:
    """How often the rep began to talk well before the customer had finished, back-channels aside."""
    return sum(
        after.speaker == "agent"
        and before.speaker == "customer"
        and after.duration_s >= BACKCHANNEL_S
        and before.start_s < after.start_s < before.end_s - OVERLAP_S
        for before, after in pairwise(spans)
    )


def _reaction(utterances: Sequence[Utterance], objections: Sequence[int]) -> float | None:
    """Mean seconds from the end of the customer's objection to the rep's first word; cutting in counts as 0."""
    waits = []
    for index in sorted(set(objections)):
        answer = next((i for i in range(index + 1, len(utterances)) if utterances[i].speaker == "agent"), None)
        if answer is None:
            continue
        said_s, answered_s = utterances[answer - 1].end_s, utterances[answer].start_s
        if said_s is not None and answered_s is not None:
            waits.append(max(0.0, answered_s - said_s))
    return _rounded(sum(waits) / len(waits)) if waits else None


def _rounded(value: float) -> float:
    return round(value, DECIMALS)
