"""Opening a recording: which files are taken, which are refused, and with what words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from service.scoring.errors import AudioUnreadable
from workers.speech.found import HEAD_BYTES, describe

#: Demuxers that hold sound. Playlists and concat scripts stay out: they would open other files or addresses by name.
_FORMATS = (
    "wav,w64,aiff,au,caf,mp3,aac,ogg,flac,amr,amrnb,amrwb,gsm,mov,mp4,m4a,3gp,matroska,webm,asf,avi,flv,mpeg,mpegts,ac3,eac3,"
    "wv,tta,voc,ape"
)
#: Outside these a header is damaged or hostile; telephony uses 8 kHz, studio gear up to 192 kHz.
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 4_000, 384_000
#: More than any recorder writes; bounds the memory of a block.
_MOST_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class Source:
    """An opened recording: its container, its audio stream, the file under them with its size, and what is odd about it."""

    container: InputContainer
    stream: AudioStream
    file: BinaryIO
    size_bytes: int
    warnings: tuple[str, ...]

    @property
    def share_read(self) -> float:
        """Share of the file's bytes taken in so far, 0..1."""
        return min(1.0, self.file.tell() / self.size_bytes)


@contextlib.contextmanager
def opened(audio: Path | BinaryIO) -> Iterator[Source]:
    """Open a recording for decoding; a file object is read from its beginning and left open.

    Raises:
        AudioUnreadable: the bytes are no recording; the message names what was found instead.
    """
    with contextlib.ExitStack() as stack:
        file = _file(audio, stack)
        file.seek(0, 2)
        size = file.tell()
        file.seek(0)
        head = file.read(HEAD_BYTES)
        file.seek(0)
        if not head:
            raise AudioUnreadable(f"Expected a recording, found {describe(head)}. Send the recording again.")
        try:
            # Always as a file object: a name could carry a protocol, and its ending would sway the choice of a demuxer.
            container = stack.enter_context(
                av.open(file, mode="r", metadata_errors="ignore", options={"format_whitelist": _FORMATS})
            )
        except av.error.FFmpegError as error:
            raise AudioUnreadable(
                f"Expected a recording, found {describe(head)}. Send audio (WAV, MP3, OGG, M4A, FLAC, WebM, AMR)."
            ) from error
        yield _source(container, file, size, head)


def _file(audio: Path | BinaryIO, stack: contextlib.ExitStack) -> BinaryIO:
    if not isinstance(audio, Path):
        return audio
    try:
        return stack.enter_context(audio.open("rb"))
    except OSError as error:
        raise AudioUnreadable(f"The recording cannot be opened: {error.strerror}. Check that it exists.") from error


def _source(container: InputContainer, file: BinaryIO, size: int, head: bytes) -> Source:
    # Cover art is a video stream by form only.
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if pictures:
        name = pictures[0].codec_context.name
        sound = "a video" if container.streams.audio else "a video or picture without sound"
        raise AudioUnreadable(f"Expected a recording, found {sound} ({name}). Send the sound alone.")
    if not container.streams.audio:
        raise AudioUnreadable(f"Expected a recording, found {describe(head)} without sound. Send the recording again.")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None:
        raise AudioUnreadable(
            "The recording's sound is in an encoding that is not known here. Convert it to WAV or MP3."
        )
    # Zero is unknown until the first frame; the frame's own figures are used then.
    if codec.sample_rate and not _LOWEST_RATE_HZ <= codec.sample_rate <= _HIGHEST_RATE_HZ:
        raise AudioUnreadable(
            f"The recording's header gives a sample rate of {codec.sample_rate} Hz; "
            f"expected {_LOWEST_RATE_HZ} to {_HIGHEST_RATE_HZ} Hz. Export it again."
        )
    if codec.channels > _MOST_CHANNELS:
        raise AudioUnreadable(
            f"The recording's header gives {codec.channels} channels; at most {_MOST_CHANNELS} are taken. Export it again."
        )
    warnings: tuple[str, ...] = ()
    if len(container.streams.audio) > 1:
        warnings = (f"The file holds {len(container.streams.audio)} sound tracks; only the first was heard.",)
    return Source(container, stream, file, size, warnings)
