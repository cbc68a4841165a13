"""What the parsers hand out, and the sentences with which they refuse a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.scoring.errors import AudioUnreadable

Container = Literal["wav", "mp3", "ogg", "mp4", "flac", "webm", "amr", "aiff", "aac"]

#: What a person may send, as it stands in messages.
ACCEPTED = "WAV, MP3, OGG (Opus, Vorbis, Speex), M4A, AAC, FLAC, WebM, AMR or AIFF"


@dataclass(frozen=True, slots=True)
class AudioHeader:
    """A recording as its header describes it.

    `codec` is a lower-case name such as `pcm_16`, `opus`, `aac`. `duration_s` (seconds) and `channels` are None where the header does
    not tell, as with a recorder that streams and never comes back to fill in the length.
    """

    container: Container
    codec: str
    duration_s: float | None
    channels: int | None


def not_a_recording(found: str) -> AudioUnreadable:
    """The file is something else. `found` names it with its article: "a PNG picture"."""
    return AudioUnreadable(f"the file is {found}, not a sound recording; send {ACCEPTED}")


def other_container(found: str) -> AudioUnreadable:
    """Sound, but in a container that is not read here."""
    return AudioUnreadable(f"the file is {found}, which is not supported; send {ACCEPTED}")


def unsupported(container: str, found: str) -> AudioUnreadable:
    """A sound recording in an encoding that cannot be decoded here."""
    return AudioUnreadable(f"the {container} file holds {found}, which is not supported; send {ACCEPTED}")


def cut_off(container: str, evidence: str) -> AudioUnreadable:
    """The file ends before its own header says it should."""
    return AudioUnreadable(
        f"the {container} file is cut off: {evidence}; export the recording again and send the whole file"
    )


def damaged(container: str, evidence: str) -> AudioUnreadable:
    """The header contradicts itself or cannot be followed."""
    return AudioUnreadable(f"the {container} file is damaged: {evidence}; export the recording again")


def no_sound(container: str) -> AudioUnreadable:
    """A header with nothing behind it, as recorders write for calls that were never answered."""
    return AudioUnreadable(f"the {container} file holds a header but no sound; there is nothing to score in it")
