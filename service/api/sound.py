"""What of a recording an asker hears: all of it, or a copy with silence where redacted words are said."""

from __future__ import annotations

from dataclasses import dataclass

from service.api.deps import Services
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.scoring.redaction import hidden_seconds
from service.scoring.transcript import Transcript
from service.store.audio import silenced_key
from service.store.records import Call
from service.store.silenced_audio import FORMAT, HEADER_BYTES, made_of, silenced_bytes

MEDIA_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
    "flac": "audio/flac",
    "webm": "audio/webm",
    "amr": "audio/amr",
    "aiff": "audio/aiff",
    "aac": "audio/aac",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """`size_bytes` from `offset` on of the object under `key`. `sha256` changes with what is heard."""

    key: str
    offset: int
    size_bytes: int
    sha256: str
    format: str


def sound_for(services: Services, call: Call, hidden: Transcript | None) -> Sound:
    """`hidden` is the transcript if the asker may not read all of it (`hidden_from`).

    Raises:
        Refused: the copy is still to be made (`audio_preparing`; a worker is told), or cannot be (`audio_withheld`).
        StoreUnavailable.
    """
    audio = call.audio
    seconds = () if hidden is None else hidden_seconds(hidden)
    if seconds == ():
        return Sound(audio.key, 0, audio.size_bytes, audio.sha256, audio.format)
    if seconds is None:
        raise Refused("audio_withheld", KINDS["audio_withheld"].example)
    wanted = made_of(audio.sha256, seconds)
    size = silenced_bytes(services.audio, audio.key, wanted)
    if size is None:
        services.queue.send_silence(call.id)
        raise Refused("audio_preparing", KINDS["audio_preparing"].example)
    if size == 0:
        raise Refused("audio_withheld", KINDS["audio_withheld"].example)
    return Sound(silenced_key(audio.key), HEADER_BYTES, size, wanted, FORMAT)
