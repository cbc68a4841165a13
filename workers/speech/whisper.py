"""The recognizer on this machine: windows of sound -> words with times and probabilities, through CTranslate2's Whisper.

A window costs the encoder what it holds, not the 30 seconds that Whisper pads it to, and the decoder reads states averaged in
pairs: on a processor most of its time goes into reading them from memory, once for every token.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

from service.scoring.errors import LanguageUnsupported, ModelUnavailable
from workers.speech.heard import Heard
from workers.speech.presets import PRESETS, DecodingOptions
from workers.speech.prompts import prompt
from workers.speech.search import Search, Text
from workers.speech.spans import SAMPLE_RATE_HZ

Sound = npt.NDArray[np.float32]
Features = npt.NDArray[np.float32]
#: Samples of a feature frame (10 ms); an encoder state stands for two frames.
_FRAME_SAMPLES = 160
_STATE_S = 2 * _FRAME_SAMPLES / SAMPLE_RATE_HZ
_MOST_FRAMES = 3000
#: Silence after the speech of a window: without it Whisper does not see that the speech has ended.
_TAIL_SAMPLES = SAMPLE_RATE_HZ
#: Lengths are rounded up to this many frames, so that few sizes of memory are asked for.
_LENGTH_STEP = 50
#: Windows decoded together. The decoder's weights are read once for all of them; more than this gains little on a processor.
_BATCH_SIZES = {"cpu": 8, "cuda": 16}
#: Alignments are smoothed over this many states (Whisper's own figure, for states of 20 ms).
_SMOOTHING_STATES = 7
#: How wide the slow way searches: Whisper's own figure.
_SECOND_BEAM = 5
#: Fewer words than this in a second of a window, its first seconds aside, and some were skipped (people say two to four).
_LEAST_WORDS_PER_S, _SHORT_S = 1.8, 3.0
#: So many more words in the second look, and the first one had skipped some.
_FULLER = 1.2
#: A loop is searched for again without repeating this many tokens.
_NO_REPEAT = 5


class Recognizer:
    """Whisper, loaded once. `recognize` may run in `parallel` threads at a time."""

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
        self.options = options or PRESETS["accurate"]
        workers = (threads or _cores()) if device == "cpu" else 1
        try:
            self._model = WhisperModel(
                str(folder),
                device=device,
                compute_type=compute_type,
                # Threads that each do a batch of their own never wait for one another; the weights are shared.
                cpu_threads=1,
                num_workers=workers,
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
        self._on_processor = self._model.model.device == "cpu"
        self._parallel = workers if self._on_processor else 1

    @property
    def parallel(self) -> int:
        """Threads that may recognize at a time."""
        return self._parallel

    @property
    def batch_size(self) -> int:
        """Windows that are best handed over together."""
        return _BATCH_SIZES.get(self._model.model.device, 1)

    @property
    def longest_s(self) -> float:
        """The longest window that suits, in seconds."""
        return self.options.longest_s

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
        ranked = self._model.model.detect_language(self._encode(self._features([sound]), 1))[0]
        return {token[2:-2]: float(probability) for token, probability in ranked}

    def recognize(self, windows: Sequence[Sound], language: str, names: Sequence[str] = ()) -> list[Heard]:
        """Words of each window (at most 30 s of sound), in the windows' order; `names` may be said in them."""
        if not windows:
            return []
        search = Search(self._model, language, prompt(language if self.options.manner else "", names))
        features = self._features(windows)
        pool = self.options.pool if self._on_processor else 1
        states = self._encode(features, pool)
        texts = search.texts(states, len(windows), beam_size=self.options.beam_size)
        heard = self._aligned(states, texts, windows, search, pool)
        for index, text in enumerate(texts):
            thin = len(heard[index].words) < _LEAST_WORDS_PER_S * (len(windows[index]) / SAMPLE_RATE_HZ - _SHORT_S)
            if thin or text.looped or text.avg_logprob < self.options.doubt_logprob:
                # The sentence before may have led astray: names only.
                plain = Search(self._model, language, prompt("", names))
                heard[index] = self._second_look(windows[index], heard[index], plain) or heard[index]
        return heard

    def _second_look(self, sound: Sound, first: Heard, search: Search) -> Heard | None:
        """The window as Whisper was trained to hear it, 30 s long and state by state; None where that is no better."""
        states = self._encode(self._features([sound], least=_MOST_FRAMES), 1)
        found: list[Text] = []
        for extra in ({}, {"no_repeat_ngram_size": _NO_REPEAT}):
            found = search.texts(states, 1, beam_size=_SECOND_BEAM, **extra)
            if not found[0].looped:
                break
        second = self._aligned(states, found, [sound], search, 1)[0]
        fuller = len(second.words) > _FULLER * len(first.words)
        better = first.looped or fuller or second.avg_logprob > first.avg_logprob
        return second if better and not found[0].looped else None

    def _features(self, windows: Sequence[Sound], *, least: int = 0) -> Features:
        """Log-mel features (windows, bands, frames), silence after the speech, the shorter windows filled up with silence."""
        longest = max(len(sound) for sound in windows) + _TAIL_SAMPLES
        frames = -(-longest // (_LENGTH_STEP * _FRAME_SAMPLES)) * _LENGTH_STEP
        frames = min(max(frames, least), _MOST_FRAMES)
        samples = frames * _FRAME_SAMPLES
        extract = self._model.feature_extractor
        filled = (np.pad(sound[:samples], (0, max(0, samples - len(sound)))) for sound in windows)
        return np.stack([extract(sound, padding=0)[:, :frames].astype(np.float32) for sound in filled])

    def _encode(self, features: Features, pool: int) -> Any:
        """The encoder's states, the mean of every `pool`; (windows, states, width) in CTranslate2's storage."""
        encode, stored = self._model.model.encode, ctranslate2.StorageView.from_array
        if not self._on_processor:
            # A graphics card reads its memory fast enough; averaging would mean sending the states there and back.
            return encode(stored(features))
        # One after the other: the encoder's memory grows with the square of the length, and with every window.
        states = [_averaged(np.array(encode(stored(features[i : i + 1]))), pool) for i in range(len(features))]
        return stored(np.concatenate(states))

    def _aligned(
        self, states: Any, texts: Sequence[Text], windows: Sequence[Sound], search: Search, pool: int
    ) -> list[Heard]:
        results = self._model.model.align(
            states,
            search.tokenizer.sot_sequence,
            [text.tokens for text in texts],
            [min(len(sound) // _FRAME_SAMPLES, _MOST_FRAMES) // pool for sound in windows],
            # Odd, and as long in time as for states of 20 ms.
            median_filter_width=_SMOOTHING_STATES // pool | 1,
        )
        return [
            Heard(search.words(text, result, pool * _STATE_S), text.avg_logprob, text.no_speech)
            for text, result in zip(texts, results, strict=True)
        ]


def _averaged(states: npt.NDArray[np.float32], pool: int) -> npt.NDArray[np.float32]:
    """The mean of every `pool` neighbouring states (axis 1)."""
    if pool <= 1:
        return states
    windows, count, width = states.shape
    # The last states are silence: a rest of fewer than `pool` says nothing.
    return np.ascontiguousarray(states[:, : count // pool * pool].reshape(windows, -1, pool, width).mean(axis=2))


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
