"""Transcripts of recordings, and the words that are in them."""

from __future__ import annotations

import re
from pathlib import Path

from service.scoring.transcript import Speaker, Transcript
from workers.speech.engine import SpeechEngine

#: The longest recording that tests hand over, in seconds.
LIMIT_S = 600.0


def heard(engine: SpeechEngine, path: Path, language: str | None = None) -> Transcript:
    return engine.transcribe(path, language=language, max_duration_s=LIMIT_S)


def said(transcript: Transcript, speaker: Speaker | None = None) -> str:
    """All words in lower case without punctuation, of one speaker or of all."""
    text = " ".join(item.text for item in transcript.utterances if speaker in (None, item.speaker))
    return " ".join(re.sub(r"[^\w']+", " ", text.lower().replace("ё", "е")).split())
