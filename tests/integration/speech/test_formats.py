"""Whatever a telephone system writes, the conversation comes out, each party on their own side."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.encoding import AUDIO, EN_SHORT, RU_SHORT, read, write
from tests.integration.speech.hearing import heard, said
from workers.speech.engine import SpeechEngine

pytestmark = pytest.mark.speech

STEREO = {
    "mulaw.wav": ("pcm_mulaw", 8_000, "wav"),
    "16bit.wav": ("pcm_s16le", 16_000, "wav"),
    "8bit.wav": ("pcm_u8", 8_000, "wav"),
    "call.mp3": ("libmp3lame", 16_000, "mp3"),
    "opus.ogg": ("libopus", 48_000, "ogg"),
    "vorbis.ogg": ("vorbis", 44_100, "ogg"),
    "call.m4a": ("aac", 44_100, "ipod"),
    "call.aac": ("aac", 16_000, "adts"),
    "call.flac": ("flac", 22_050, "flac"),
    "call.webm": ("libopus", 48_000, "webm"),
}


@pytest.mark.parametrize("name", STEREO)
def test_two_channels_of_every_format(speech_engine: SpeechEngine, tmp_path: Path, name: str) -> None:
    codec, rate, container = STEREO[name]
    path = write(tmp_path / name, read(EN_SHORT, rate), codec=codec, rate=rate, container=container, bit_rate=64_000)
    transcript = heard(speech_engine, path, "en")
    assert transcript.speaker_source == "channels"
    assert "i can save you a ton of money" in said(transcript, "agent")
    assert "phone bill who are you with" in said(transcript, "customer")
    assert transcript.duration_s == pytest.approx(15.6, abs=0.2)


def test_alaw_as_recorded_by_the_exchange_in_russian(speech_engine: SpeechEngine) -> None:
    transcript = heard(speech_engine, RU_SHORT)
    assert transcript.language == "ru"
    assert transcript.language_probability is not None
    assert transcript.language_probability > 0.8
    assert "добрый день" in said(transcript, "agent")
    assert "что вас интересует" in said(transcript, "agent")
    assert "мы юридическая фирма" in said(transcript, "customer")


@pytest.mark.parametrize("name", ["en-short-gsm.wav", "en-short.amr"])
def test_mobile_formats_with_one_channel(speech_engine: SpeechEngine, name: str) -> None:
    transcript = heard(speech_engine, AUDIO / name)
    assert transcript.language == "en"
    # So short a call may or may not be enough to tell the voices apart; they are never taken for channels.
    assert transcript.speaker_source in {"estimated", "unknown"}
    assert "calling about your phone bill" in said(transcript)
    assert any("one channel" in warning for warning in transcript.warnings)


def test_the_rep_may_be_on_the_right(speech_engine: SpeechEngine) -> None:
    transcript = speech_engine.transcribe(EN_SHORT, language="en", agent_channel="right", max_duration_s=60)
    assert "calling about your phone bill" in said(transcript, "customer")


def test_an_open_file_is_as_good_as_a_path(speech_engine: SpeechEngine) -> None:
    with EN_SHORT.open("rb") as file:
        file.seek(1000)
        transcript = speech_engine.transcribe(file, language="en", max_duration_s=60)
        assert not file.closed
    assert transcript == heard(speech_engine, EN_SHORT, "en")
