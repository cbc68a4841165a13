"""What the rest of the house knows of speech engines: a recording goes in, a transcript comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import numpy as np
import numpy.typing as npt

from service.scoring.transcript import Transcript
from workers.speech.heard import Heard
from workers.speech.progress import OnProgress
from workers.speech.recording import Recording

Sound = npt.NDArray[np.float32]


class Transcriber(Protocol):
    """Transcribes recordings, one at a time."""

    def transcribe(
        self,
        audio: Path | BinaryIO,
        *,
        language: str | None,
        agent_channel: Literal["left", "right"] = "left",
        on_progress: OnProgress | None = None,
        max_duration_s: float,
        names: Sequence[str] = (),
        on_recording: Callable[[Recording], None] | None = None,
    ) -> Transcript:
        """Listen to a whole recording; `names` (companies, products, people) may be said in it.

        `on_recording` gets the decoded sound before it is listened to.

        `language` (ISO 639-1) is detected where it is None. `on_progress` gets the share of the work that is done, 0..1, never
        falling, every second or two of work; what it raises ends the work.

        Raises:
            AudioUnreadable: no recording; the message names what was found.
            AudioTooLong: longer than `max_duration_s`.
            LanguageUnsupported: the recognizer does not know `language`.
            ModelUnavailable: the recognizer went away.
            StoreUnavailable: no disk space for the decoded sound.
        """
        ...


class WindowRecognizer(Protocol):
    """What turns windows of sound (float32, 16 kHz) into words: Whisper on this machine, or a server.

    `recognize` may be called by `parallel` threads at a time, best with `batch_size` windows of at most `longest_s` seconds.
    """

    @property
    def parallel(self) -> int: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def longest_s(self) -> float: ...

    def check_language(self, language: str) -> None:
        """Raise LanguageUnsupported unless the ISO 639-1 code is known."""
        ...

    def language_probabilities(self, sound: Sound) -> Mapping[str, float]:
        """Probability (0..1) of each language by ISO 639-1 code, from up to 30 s of speech."""
        ...

    def recognize(self, windows: Sequence[Sound], language: str, names: Sequence[str] = ()) -> list[Heard]:
        """Words of each window, in the windows' order; `names` may be said in them."""
        ...
