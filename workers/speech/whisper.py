"""The recognizer: windows of sound -> words with times and probabilities, through faster-whisper's batched pipeline."""

from __future__ import annotations

import itertools
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import BatchedInferencePipeline, WhisperModel

from service.scoring.errors import LanguageUnsupported, ModelUnavailable
from service.scoring.transcript import Word
from workers.speech.spans import SAMPLE_RATE_HZ

Sound = npt.NDArray[np.float32]
#: Text that zlib shrinks further than this is a loop; the threshold is Whisper's own.
_LOOP_COMPRESSION = 2.4
#: Silence: text this unlikely at this probability that nobody speaks. Whisper's own thresholds, too.
_SILENT_LOGPROB, _SILENT_PROBABILITY = -1.0, 0.6
#: Shorter text shrinks badly whatever it says.
_LOOP_MIN_CHARS = 40


#: Windows decoded together. On a processor more than two save no time (28 s for 4, 29 s for 2) and cost 90 MB each.
_BATCH_SIZES = {"cpu": 2, "cuda": 16}


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognized in one window. Times of words in seconds of the window's clock.

    `avg_logprob` is the mean log probability of the text's tokens, `no_speech` the probability (0..1) that nobody spoke.
    """

    words: tuple[Word, ...]
    avg_logprob: float
    no_speech: float

    @property
    def silent(self) -> bool:
        """True if the recognizer rather thinks that nobody spoke: Whisper's own rule."""
        return bool(self.words) and self.no_speech > _SILENT_PROBABILITY and self.avg_logprob < _SILENT_LOGPROB

    @property
    def looped(self) -> bool:
        """True if the text repeats itself as recognizers do that lost the thread."""
        text = " ".join(word.text for word in self.words)
        data = text.encode()
        return len(text) >= _LOOP_MIN_CHARS and len(data) / len(zlib.compress(data)) > _LOOP_COMPRESSION


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How text is searched for. Temperature is always 0: the same sound gives the same words.

    `batch_size` None takes what suits the device.
    """

    beam_size: int = 5
    batch_size: int | None = None


class Recognizer:
    """Whisper, loaded once. Not for use by several threads at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 0,
        options: DecodingOptions | None = None,
    ) -> None:
        """Load the model in `folder`; `threads` 0 takes every core this process may use.

        Raises:
            ModelUnavailable: the files cannot be loaded on this device.
        """
        self.options = options or DecodingOptions()
        try:
            self._model = WhisperModel(
                str(folder),
                device=device,
                compute_type=compute_type,
                cpu_threads=threads or _cores(),
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelUnavailable(
                f"The speech model in {folder} cannot be loaded on {device} as {compute_type}: {error}"
            ) from error
        bands, expected = self._model.feature_extractor.mel_filters.shape[0], self._model.model.n_mels
        if bands != expected:
            raise ModelUnavailable(
                f"The speech model in {folder} hears {expected} frequency bands, but its folder sets up {bands}: "
                "its preprocessor_config.json is missing or another model's. Put the model's own file there."
            )
        self._pipeline = BatchedInferencePipeline(self._model)

    @property
    def batch_size(self) -> int:
        """Windows that are best handed over together."""
        return self.options.batch_size or _BATCH_SIZES.get(self._model.model.device, 1)

    def check_language(self, language: str) -> None:
        """Raise LanguageUnsupported unless the model knows the ISO 639-1 code."""
        if language not in self._model.supported_languages:
            raise LanguageUnsupported(
                f"The speech model does not know the language {language!r}; expected a code such as 'ru' or 'en'."
            )

    def language_probabilities(self, sound: Sound) -> Mapping[str, float]:
        """Probability of each language by ISO 639-1 code, from up to 30 s of speech."""
        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        _, _, ranked = self._model.detect_language(audio=sound)
        return dict(ranked)

    def recognize(self, windows: Sequence[Sound], language: str) -> list[Heard]:
        """Words of each window (at most 30 s of sound), in the windows' order."""
        heard = self._decode(windows, language)
        loops = [index for index, result in enumerate(heard) if result.looped]
        # A second look that may not say the same five tokens twice; it replaces a loop, never good text.
        for index in loops:
            again = self._decode([windows[index]], language, no_repeat_ngram_size=5)[0]
            if not again.looped:
                heard[index] = again
        return heard

    def _decode(self, windows: Sequence[Sound], language: str, **extra: Any) -> list[Heard]:
        edges = np.cumsum([0, *(len(window) for window in windows)])
        clips = [
            {"start": start / SAMPLE_RATE_HZ, "end": end / SAMPLE_RATE_HZ} for start, end in itertools.pairwise(edges)
        ]
        segments, _ = self._pipeline.transcribe(
            np.concatenate(windows),
            language=language,
            beam_size=self.options.beam_size,
            temperature=0.0,
            batch_size=self.batch_size,
            clip_timestamps=clips,
            # Whisper base with timestamps loses 4 points of WER on telephone recordings.
            without_timestamps=True,
            word_timestamps=True,
            **extra,
        )
        per_window: list[list[Any]] = [[] for _ in windows]
        for segment in segments:
            # The pipeline numbers its segments by the 10 ms at which their window begins.
            index = (
                int(np.searchsorted(edges, segment.seek * SAMPLE_RATE_HZ // 100 + SAMPLE_RATE_HZ // 100, side="right"))
                - 1
            )
            per_window[min(index, len(windows) - 1)].append(segment)
        return [_heard(found, float(edges[index]) / SAMPLE_RATE_HZ) for index, found in enumerate(per_window)]


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _heard(segments: Sequence[Any], start_s: float) -> Heard:
    words = _joined([word for segment in segments for word in segment.words or ()], start_s)
    if not segments:
        return Heard((), 0.0, 1.0)
    return Heard(words, float(segments[0].avg_logprob), float(segments[0].no_speech_prob))


def _joined(raw: Sequence[Any], start_s: float) -> tuple[Word, ...]:
    """Pieces that no space parts ("из" + "-за") become one word, so that the words joined by spaces are the text."""
    groups: list[list[Any]] = []
    for piece in raw:
        if not piece.word.strip():
            continue
        if groups and not piece.word.startswith(" "):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return tuple(
        Word(
            text="".join(piece.word for piece in group).strip(),
            start_s=float(group[0].start) - start_s,
            end_s=float(group[-1].end) - start_s,
            probability=float(np.mean([piece.probability for piece in group])),
        )
        for group in groups
    )
