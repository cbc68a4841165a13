"""The recognizer on a server that speaks OpenAI's protocol (`POST /v1/audio/transcriptions`): vLLM, Speaches, LocalAI, LiteLLM.

Only windows of speech are sent, one a request; finding speech, languages, doubt and crosstalk stay on this machine.
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np
from faster_whisper.tokenizer import _LANGUAGE_CODES

from service.scoring.errors import LanguageUnsupported, ModelUnavailable
from service.scoring.transcript import Word
from workers.speech.heard import NOTHING, Heard
from workers.speech.prompts import prompt
from workers.speech.spans import SAMPLE_RATE_HZ
from workers.speech.transcriber import Sound
from workers.speech.windows import LONGEST_WINDOW_S

_PATH = "/v1/audio/transcriptions"
#: Requests at a time, and how long a server may think about 30 seconds of sound.
_PARALLEL = 4
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
_SHOWN_CHARS = 200
#: What servers call languages that callscore's users speak; others send codes.
_LANGUAGES = {
    "english": "en", "russian": "ru", "ukrainian": "uk", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "polish": "pl", "dutch": "nl", "turkish": "tr", "kazakh": "kk", "chinese": "zh", "japanese": "ja",
}  # fmt: skip


class RemoteRecognizer:
    """Whisper, or what answers like it, behind an address."""

    parallel = _PARALLEL
    batch_size = 1
    longest_s = LONGEST_WINDOW_S - 1

    def __init__(
        self, url: str, *, model: str, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`url` is the server's root (`http://gpu:8000`), `model` the name it knows, `key` its bearer key."""
        self._url = url.rstrip("/").removesuffix("/v1")
        self._model = model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT, transport=transport)

    def check_language(self, language: str) -> None:
        """Raise LanguageUnsupported unless the code is one of Whisper's."""
        if language not in _LANGUAGE_CODES:
            raise LanguageUnsupported(f"Whisper knows no language {language!r}; expected a code such as 'ru' or 'en'.")

    def language_probabilities(self, sound: Sound) -> Mapping[str, float]:
        """The language the server hears, as if it were sure: servers do not say how sure they are."""
        named = str(self._asked(sound, {}).get("language") or "").strip().lower()
        code = _LANGUAGES.get(named, named)
        return {code: 1.0} if code in _LANGUAGE_CODES else {}

    def recognize(self, windows: Sequence[Sound], language: str, names: Sequence[str] = ()) -> list[Heard]:
        """Words of each window.

        Raises:
            ModelUnavailable: the server cannot be reached, refuses, or answers without words and times.
        """
        asked = {
            "language": language,
            "prompt": prompt(language, names),
            "timestamp_granularities[]": ["word", "segment"],
        }
        return [self._heard(self._asked(sound, asked)) for sound in windows]

    def _asked(self, sound: Sound, fields: Mapping[str, Any]) -> dict[str, Any]:
        form = {"model": self._model, "response_format": "verbose_json", "temperature": "0", **fields}
        try:
            answer = self._client.post(
                f"{self._url}{_PATH}",
                data={name: value for name, value in form.items() if value},
                files={"file": ("window.wav", _wav(sound), "audio/wav")},
            )
            answer.raise_for_status()
            data = answer.json()
        except httpx.HTTPStatusError as error:
            said = error.response.text[:_SHOWN_CHARS]
            raise ModelUnavailable(
                f"The speech server {self._url} answered {error.response.status_code}: {said} Check CALLSCORE_SPEECH_URL, "
                "CALLSCORE_SPEECH_KEY and CALLSCORE_SPEECH_MODEL."
            ) from error
        except (httpx.HTTPError, ValueError) as error:
            raise ModelUnavailable(
                f"The speech server {self._url} does not answer as expected ({type(error).__name__}). The call waits until it does."
            ) from error
        if not isinstance(data, dict):
            raise ModelUnavailable(f"The speech server {self._url} answered without a transcript.")
        return data

    def _heard(self, data: Mapping[str, Any]) -> Heard:
        segments = data.get("segments") or []
        if not str(data.get("text") or "").strip():
            return NOTHING
        if not data.get("words"):
            raise ModelUnavailable(
                f"The speech server {self._url} sends no times of words; use one that supports timestamp_granularities[]=word."
            )
        logprob = float(np.mean([segment.get("avg_logprob", 0.0) for segment in segments])) if segments else 0.0
        no_speech = max((float(segment.get("no_speech_prob", 0.0)) for segment in segments), default=0.0)
        # Few servers give a word's own probability; the text's then stands for all of its words.
        usual = math.exp(min(logprob, 0.0))
        words = tuple(
            Word(
                str(word["word"]).strip(),
                float(word["start"]),
                max(float(word["end"]), float(word["start"])),
                min(1.0, max(0.0, float(word.get("probability") or usual))),
            )
            for word in data["words"]
            if str(word["word"]).strip()
        )
        return Heard(words, logprob, no_speech)


def _wav(sound: Sound) -> bytes:
    """16-bit WAV of a window."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
