"""One recording in, one transcript out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

import faster_whisper

from service.scoring.transcript import Speaker, SpeakerSource, Transcript, Word
from workers.speech.audio import decode
from workers.speech.foreign import foreign_marked
from workers.speech.guard import marked, spoken_s
from workers.speech.heard import Heard
from workers.speech.language import LanguageVote, Spoken, order_of_listening
from workers.speech.listening import Listening
from workers.speech.memory import give_back
from workers.speech.model import model_name, resolve_model
from workers.speech.presets import PRESETS, Preset
from workers.speech.progress import OnProgress, Progress
from workers.speech.recognition import recognized
from workers.speech.recording import Recording
from workers.speech.remarks import about_languages, about_speakers
from workers.speech.speakers import told_apart
from workers.speech.timing import on_speech
from workers.speech.transcriber import WindowRecognizer
from workers.speech.turns import utterances
from workers.speech.voices import two_voices
from workers.speech.whisper import Recognizer
from workers.speech.windows import Window

#: Shares of the whole work, as measured on telephone calls; only progress bars depend on them.
_DECODED, _MEASURED, _LANGUAGE_KNOWN = 0.03, 0.08, 0.12
#: A transcript has a language even if nobody speaks; its probability is then 0.
_LANGUAGE_OF_SILENCE = "en"


class SpeechEngine:
    """Transcribes recordings with one recognizer, one at a time: a `Transcriber`."""

    def __init__(
        self,
        recognizer: WindowRecognizer,
        *,
        name: str,
        scratch_dir: Path | None = None,
        channels: tuple[int, int] | None = None,
    ) -> None:
        """`name` says in every transcript what recognized it; long recordings are decoded to a file in `scratch_dir`.

        `channels` (from 0) are the rep's and the customer's in recordings with more than two; None: the two loudest.
        """
        self._recognizer = recognizer
        self._channels = channels
        self._name = name
        self._scratch_dir = scratch_dir

    @classmethod
    def load(
        cls,
        *,
        model: str,
        data_dir: Path,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 0,
        preset: Preset = "accurate",
        channels: tuple[int, int] | None = None,
        allow_download: bool = False,
    ) -> SpeechEngine:
        """Find and load the model; the arguments are the settings `model`, `data_dir`, `model_...` and `speech_...`.

        Raises:
            ModelUnavailable: the model is missing, not the published one, or cannot be loaded on this device.
        """
        folder = resolve_model(model, data_dir, allow_download=allow_download)
        recognizer = Recognizer(
            folder, device=device, compute_type=compute_type, threads=threads, options=PRESETS[preset]
        )
        name = f"{model_name(folder)}, {compute_type}, {preset}, faster-whisper {faster_whisper.__version__}"
        return cls(recognizer, name=name, scratch_dir=data_dir if data_dir.is_dir() else None, channels=channels)

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
        falling, every few seconds of work; what it raises ends the work.

        Raises:
            AudioUnreadable: no recording; the message names what was found.
            AudioTooLong: longer than `max_duration_s`.
            LanguageUnsupported: the model does not know `language`.
            ModelUnavailable: the recognizer went away.
            StoreUnavailable: no disk space for the decoded sound.
        """
        if language is not None:
            self._recognizer.check_language(language)
        progress = Progress(on_progress)
        try:
            with decode(
                audio,
                max_duration_s=max_duration_s,
                scratch_dir=self._scratch_dir,
                on_progress=progress.between(0.0, _DECODED),
                channels=self._channels,
            ) as recording:
                if on_recording is not None:
                    on_recording(recording)
                rep_first = agent_channel == "left" or (
                    self._channels is not None and recording.chosen == self._channels
                )
                speakers = _speakers(recording.channels, rep_first=rep_first)
                transcript = self._heard(recording, language, speakers, names, progress)
        finally:
            give_back()
        progress.between(0.0, 1.0)(1.0)
        return transcript

    def _heard(
        self,
        recording: Recording,
        language: str | None,
        speakers: Sequence[Speaker],
        names: Sequence[str],
        progress: Progress,
    ) -> Transcript:
        listening = Listening(recording, progress.between(_DECODED, _MEASURED), longest_s=self._recognizer.longest_s)
        if language is None:
            spoken = self._languages(listening, speakers, progress.between(_MEASURED, _LANGUAGE_KNOWN))
        else:
            spoken = Spoken(language, None, (language,) * len(speakers))
        heard = self._recognized(listening, spoken, names, progress)
        language, probability = spoken.language, spoken.probability
        silent = [window for window, result in heard if result.silent]
        by_channel = [on_speech(_words(heard, channel), spans) for channel, spans in enumerate(listening.spans)]
        told = None
        if recording.channels == 1:
            told = told_apart(by_channel[0], two_voices(listening.read, listening.spans[0]), language)
        words = told.words if told else dict(zip(speakers, by_channel, strict=True))
        channel_of = {speaker: 0 if told else speakers.index(speaker) for speaker in words}
        backing = {speaker: listening.backing(channel, silent) for speaker, channel in channel_of.items()}
        said = marked(utterances(words), backing)
        said = foreign_marked(
            said, language, {speakers[c] for c, own in enumerate(spoken.by_channel) if own != language}
        )
        speech_s = {
            speaker: spoken_s(
                listening.spans[channel] if told is None else told.spans[speaker],
                [item for item in said if item.speaker == speaker],
            )
            for speaker, channel in channel_of.items()
        }
        if probability is not None and not any(speech_s.values()):
            # What sounded like a language was none.
            language, probability = _LANGUAGE_OF_SILENCE, 0.0
        source: SpeakerSource = "channels" if len(speakers) > 1 else "estimated" if told else "unknown"
        return Transcript(
            language=language,
            utterances=said,
            speaker_source=source,
            duration_s=round(recording.duration_s, 3),
            speech_s=speech_s,
            language_probability=None if probability is None else round(probability, 3),
            recognizer=self._name,
            warnings=(*recording.warnings, *about_languages(spoken, speakers), *about_speakers(speech_s, said, told)),
            speaker_confidence=told.confidence if told else None,
        )

    def _recognized(
        self, listening: Listening, spoken: Spoken, names: Sequence[str], progress: Progress
    ) -> list[tuple[Window, Heard]]:
        """What was heard, every channel in its own language."""
        heard: list[tuple[Window, Heard]] = []
        languages = sorted(set(spoken.by_channel))
        share = (1.0 - _LANGUAGE_KNOWN) / len(languages)
        for number, language in enumerate(languages):
            windows = [window for window in listening.windows if spoken.by_channel[window.channel] == language]
            first = _LANGUAGE_KNOWN + share * number
            part = progress.between(first, first + share)
            heard += recognized(windows, listening.sound, self._recognizer, language, part, names=names)
        return heard

    def _languages(self, listening: Listening, speakers: Sequence[Speaker], on_progress: OnProgress) -> Spoken:
        """The language of the call and of each channel, from speech of both."""
        windows = order_of_listening(listening.windows)
        vote = LanguageVote()
        speaking = len({window.channel for window in windows})
        for number, window in enumerate(windows, start=1):
            vote.add(window, self._recognizer.language_probabilities(listening.sound(window)))
            on_progress(number / len(windows))
            if vote.sure(speaking):
                break
        if not vote.heard:
            return Spoken(_LANGUAGE_OF_SILENCE, 0.0, (_LANGUAGE_OF_SILENCE,) * len(speakers))
        rep = speakers.index("agent") if "agent" in speakers else 0
        return vote.spoken(len(speakers), rep)


def _speakers(channels: int, *, rep_first: bool) -> tuple[Speaker, ...]:
    """Who is on which channel."""
    if channels == 1:
        return ("unknown",)
    return ("agent", "customer") if rep_first else ("customer", "agent")


def _words(heard: Sequence[tuple[Window, Heard]], channel: int) -> list[Word]:
    """The words of a channel on the recording's clock."""
    words: list[Word] = []
    for window, result in heard:
        if window.channel == channel:
            for word in result.words:
                start_s, end_s = window.original_s(word.start_s, word.end_s)
                words.append(replace(word, start_s=start_s, end_s=end_s, probability=round(word.probability, 3)))
    return words
