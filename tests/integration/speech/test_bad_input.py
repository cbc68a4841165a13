"""Whatever is wrong with a recording, its words are heard on the right side, or the sender is told what to do."""

from __future__ import annotations

import io

import numpy as np
import pytest

from service.audio_header import read_audio_header
from service.scoring.errors import AudioUnreadable
from tests.integration.speech.bad_files import BAD, RATE, call, opened, wav
from tests.integration.speech.hearing import LIMIT_S, said
from workers.speech.audio import decode
from workers.speech.engine import SpeechEngine

pytestmark = pytest.mark.speech

#: What the upload refuses, and with what words; everything else is heard.
REFUSED = {"FLAC that promises ten hours": "is cut off: its header promises .* export the recording again"}
#: Both voices in one channel: whose a word is, is another question (test_voices.py).
ONE_CHANNEL = {"1 channels", "the same on both channels, a second late"}
#: At 6 kHz the consonants are gone.
DULL = {"6000 Hz"}
REP_SAYS, CUSTOMER_SAYS = "calling about your phone bill", "who are you with"


@pytest.mark.parametrize("name", BAD)
def test_every_bad_recording_is_heard_or_refused_with_what_to_do(speech_engine: SpeechEngine, name: str) -> None:
    file = opened(name)
    if name in REFUSED:
        with pytest.raises(AudioUnreadable, match=REFUSED[name]):
            read_audio_header(file, len(file.getvalue()))
        return
    duration_s = read_audio_header(file, len(file.getvalue())).duration_s
    assert duration_s is None or duration_s < LIMIT_S, "the upload would be refused as too long"
    transcript = speech_engine.transcribe(opened(name), language="en", max_duration_s=LIMIT_S)
    assert 15 < (transcript.duration_s or 0) < 17
    if name in ONE_CHANNEL:
        assert transcript.speaker_source != "channels"
        assert REP_SAYS in said(transcript)
        return
    rep, customer = said(transcript, "agent"), said(transcript, "customer")
    assert CUSTOMER_SAYS in customer
    assert CUSTOMER_SAYS not in rep
    assert name in DULL or REP_SAYS in rep
    assert name in DULL or "phone bill who are you" in customer


def test_a_copy_of_the_call_a_second_later_is_told() -> None:
    with decode(opened("the same on both channels, a second late"), max_duration_s=LIMIT_S) as recording:
        assert recording.channels == 1
        assert "Both channels hold the same sound, 1.0 s apart; it was heard as one channel." in recording.warnings


def test_a_channel_with_nothing_but_a_faint_late_echo_is_no_copy() -> None:
    rep, _ = call()
    echo = rep * 0.02
    with decode(io.BytesIO(wav(np.stack([rep[RATE:], echo[:-RATE]]))), max_duration_s=LIMIT_S) as recording:
        assert recording.channels == 2
