"""What of a recording a visitor hears, and how its waveform looks then."""

from __future__ import annotations

import json
from typing import Literal

from service.api.deps import Services
from service.api.problems import Refused
from service.api.sound import sound_for
from service.scoring.redaction import hidden_seconds
from service.scoring.transcript import Transcript
from service.store.records import Call

#: `silenced`: with silence where redacted words are said; `preparing`: that copy is being made; `withheld`: none can be made.
Hearing = Literal["whole", "silenced", "preparing", "withheld", "erased"]
NO_OUTLINE = b'{"channels":[]}'


def hearing_of(services: Services, call: Call, hidden: Transcript | None) -> Hearing:
    """`hidden` is the transcript if the visitor may not read all of it. Has a copy made that is not there. Raises StoreUnavailable."""
    if call.audio_erased_at is not None:
        return "erased"
    if hidden is None:
        return "whole"
    try:
        sound = sound_for(services, call, hidden)
    except Refused as refused:
        return "preparing" if refused.code == "audio_preparing" else "withheld"
    return "whole" if sound.key == call.audio.key else "silenced"


def flattened(outline: bytes, hidden: Transcript, duration_s: float | None) -> bytes:
    """An outline (see `workers.speech.outline`) that is flat in the redacted seconds; empty if nobody knows where they are."""
    seconds = hidden_seconds(hidden)
    if seconds is None or not duration_s:
        return NO_OUTLINE
    data = json.loads(outline)
    for levels in data["channels"]:
        each_s = duration_s / max(len(levels), 1)
        for start_s, end_s in seconds:
            first, end = int(start_s / each_s), int(end_s / each_s) + 1
            levels[first:end] = [0] * len(levels[first:end])
    return json.dumps(data, separators=(",", ":")).encode()
