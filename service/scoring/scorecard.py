"""One call -> its scorecard. Pure and deterministic: same transcript, pack and context, same bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from service.scoring.conversation import conversation, unspoken
from service.scoring.dialogue import Dialogue
from service.scoring.errors import TranscriptInvalid
from service.scoring.flags import Findings, flags, mean_confidence
from service.scoring.hits import Hits
from service.scoring.matching import find_hits
from service.scoring.objections import mean_points, objections
from service.scoring.pack import Pack
from service.scoring.results import ObjectionResult, Scorecard, Text
from service.scoring.script import Circumstances, adherence, script_items
from service.scoring.transcript import Speaker, Transcript
from service.scoring.violations import violations
from service.scoring.wording import (
    AGENT_SILENT,
    CUSTOMER_SILENT,
    ESTIMATED_NOTE,
    ESTIMATED_SHARE_NOTE,
    MONO_NOTE,
    NO_SPEECH,
)

#: Goes up with every change that can move a score without the pack having changed.
ENGINE_VERSION = "1.2.0"
#: Decimals of shares and means on a scorecard.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a scorecard depends on besides transcript and pack. `role` is the rep's; None means unknown."""

    direction: Literal["inbound", "outbound"] | None
    role: str | None
    rep_registered: bool = True


def score(transcript: Transcript, pack: Pack, context: CallContext, *, explain: bool = False) -> Scorecard:
    """Score one call. `explain` adds to every missed item what came nearest to it.

    Raises:
        TranscriptInvalid: a number is not finite or a text is no valid Unicode; the message names the utterance.
        LanguageUnsupported: the transcript is in another language than the pack.
    """
    _check(transcript)
    heard = _heard(transcript)
    no_speech = not heard
    dialogue = Dialogue(transcript, (), ()) if no_speech else Dialogue.of(transcript, pack)
    hits = Hits({}) if no_speech else find_hits(dialogue, pack)
    note = _deaf_note(transcript, heard)
    circumstances = Circumstances(
        direction=context.direction,
        role=context.role,
        agent_heard="agent" in heard,
        customer_heard="customer" in heard,
        deaf_reason=note or AGENT_SILENT,
    )
    items = script_items(dialogue, hits, pack, circumstances, explain=explain)
    script = adherence(items, pack.critical_cap)
    ledger = objections(dialogue, hits, pack) if circumstances.agent_heard else ()
    argumentation = mean_points(ledger)
    broken = violations(dialogue, hits, pack)
    return Scorecard(
        pack_id=pack.id,
        pack_version=pack.version,
        pack_sha256=pack.sha256,
        engine_version=ENGINE_VERSION,
        transcript_sha256=transcript.sha256(),
        language=transcript.language,
        speaker_source=transcript.speaker_source,
        no_speech=no_speech,
        adherence=_rounded(script.share),
        adherence_points=round(script.points, DECIMALS),
        adherence_weight=round(script.weight, DECIMALS),
        passed=None if script.share is None else script.share >= pack.pass_mark,
        items=items,
        objections=ledger,
        objections_total=len(ledger),
        objections_handled=sum(objection.handled for objection in ledger),
        argumentation=_rounded(argumentation),
        violations=broken,
        conversation=conversation(
            transcript,
            agent_questions=sum(s.question and s.speaker == "agent" for s in dialogue.sentences),
            objection_utterances=_voiced_in(ledger),
        ),
        flags=flags(
            pack.flags,
            Findings(
                items=items,
                objections=ledger,
                violations=broken,
                adherence=script.share,
                argumentation=argumentation,
                confidence=mean_confidence(transcript),
                no_speech=no_speech,
                rep_registered=context.rep_registered,
            ),
        ),
        notes=() if note is None else (note,),
    )


def _check(transcript: Transcript) -> None:
    for index, utterance in enumerate(transcript.utterances):
        numbers = (utterance.start_s, utterance.end_s, utterance.confidence)
        if any(number is not None and not math.isfinite(number) for number in numbers):
            raise TranscriptInvalid(
                f"utterance {index}: start_s, end_s and confidence have to be finite numbers or null"
            )
        try:
            utterance.text.encode()
        except UnicodeEncodeError as error:
            raise TranscriptInvalid(f"utterance {index}: the text is no valid Unicode: {error.reason}") from error


def _heard(transcript: Transcript) -> frozenset[Speaker]:
    """Whose words are in the transcript: utterances with a letter or a digit that are not marked as unspoken.

    A speaker whose channel held no speech was not heard, whatever a recognizer made of it.
    """
    silent = {speaker for speaker, seconds in (transcript.speech_s or {}).items() if seconds <= 0}
    return frozenset(
        utterance.speaker
        for utterance in transcript.utterances
        if utterance.speaker not in silent
        and any(character.isalnum() for character in utterance.text)
        and not unspoken(utterance)
    )


def _deaf_note(transcript: Transcript, heard: frozenset[Speaker]) -> Text | None:
    """What a reader has to know about who was heard; None where both sides were."""
    if not heard:
        return NO_SPEECH
    if transcript.speaker_source == "unknown" or "unknown" in heard:
        return MONO_NOTE
    if "agent" not in heard:
        return AGENT_SILENT
    if "customer" not in heard:
        return CUSTOMER_SILENT
    return _estimated_note(transcript) if transcript.speaker_source == "estimated" else None


def _estimated_note(transcript: Transcript) -> Text:
    """Who says what was told apart by voice, and how much of it is expected to be right."""
    if transcript.speaker_confidence is None:
        return ESTIMATED_NOTE
    return {
        language: note.format(share=round(100 * transcript.speaker_confidence))
        for language, note in ESTIMATED_SHARE_NOTE.items()
    }


def _voiced_in(ledger: tuple[ObjectionResult, ...]) -> list[int]:
    return [objection.evidence[0].utterance for objection in ledger if objection.evidence]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
