"""A transcript can be relied on: the same every time, in order, with true times, and never a word that nobody said."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from service.scoring.errors import LanguageUnsupported
from tests.fixtures.encoding import EN_SHORT, RU_SHORT, Sound, read, write
from tests.integration.speech.hearing import heard, said
from workers.speech.engine import SpeechEngine

pytestmark = pytest.mark.speech

RATE = 16_000
SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"


def wav(path: Path, sound: Sound) -> Path:
    return write(path, sound, codec="pcm_s16le", rate=RATE, container="wav")


def tones(seconds: float, *pitches_hz: float) -> Sound:
    """A chord that swells every two seconds, as hold music does."""
    time = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in pitches_hz)
    return np.asarray(0.15 * chord * (0.6 + 0.4 * np.sin(np.pi * time)), dtype=np.float32)


def melody(seconds: float) -> Sound:
    """Plucked notes with overtones: here and there the detector takes one for a voice."""
    draw = np.random.default_rng(1)
    time = np.arange(RATE // 4) / RATE
    notes = []
    for _ in range(round(seconds * 4)):
        pitch = 220 * 2 ** (draw.integers(0, 24) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * part * time) / part for part in range(1, 6))
        notes.append(0.2 * tone * np.exp(-3 * time))
    return np.concatenate(notes).astype(np.float32)


def noise(seconds: float, level: float = 0.02) -> Sound:
    return np.random.default_rng(7).normal(0, level, round(seconds * RATE)).astype(np.float32)


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def test_the_same_recording_gives_the_same_transcript(speech_engine: SpeechEngine) -> None:
    assert heard(speech_engine, RU_SHORT).canonical_json() == heard(speech_engine, RU_SHORT).canonical_json()


def test_utterances_are_in_order_and_timed_like_the_recording(speech_engine: SpeechEngine) -> None:
    transcript = heard(speech_engine, EN_SHORT, "en")
    starts = [item.start_s or 0.0 for item in transcript.utterances]
    assert starts == sorted(starts)
    # As labelled: the rep from 1.3 s, the customer from 5.9 s, the rep again from 8.5 s.
    assert [item.speaker for item in transcript.utterances[:3]] == ["agent", "customer", "agent"]
    assert starts[:3] == pytest.approx([1.3, 5.9, 8.5], abs=0.5)
    for item in transcript.utterances:
        assert item.text.split() == [word.text for word in item.words]
        assert item.confidence is not None
        assert 0 < item.confidence <= 1
        assert all(word.start_s <= word.end_s <= (transcript.duration_s or 0) for word in item.words)
        assert all(first.start_s <= second.start_s for first, second in pairwise(item.words))
    assert transcript.speech_s is not None
    assert transcript.speech_s["agent"] == pytest.approx(10, abs=2)
    assert transcript.speech_s["customer"] == pytest.approx(2, abs=0.7)
    assert transcript.language_probability is None
    assert "whisper-base-d01c3014" in (transcript.recognizer or "")


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("silence", silence(20)),
        ("music", tones(20, 220.0, 277.2, 329.6)),
        ("melody", melody(20)),
        ("ringing", tones(20, 425.0)),
        ("noise", noise(20)),
    ],
)
def test_nobody_speaks_nothing_is_said(speech_engine: SpeechEngine, tmp_path: Path, name: str, sound: Sound) -> None:
    transcript = heard(speech_engine, wav(tmp_path / f"{name}.wav", np.stack([sound, np.roll(sound[::-1], 99)])))
    unmarked = [item for item in transcript.utterances if not item.marks]
    assert unmarked == []
    assert set((transcript.speech_s or {}).values()) == {0.0}
    assert "No speech was heard in the recording." in transcript.warnings


@pytest.mark.parametrize(
    "other", [silence(16), tones(16, 220.0, 277.2, 329.6), noise(16)], ids=["silence", "music", "noise"]
)
def test_a_party_that_is_not_heard_says_nothing(speech_engine: SpeechEngine, tmp_path: Path, other: Sound) -> None:
    rep = read(EN_SHORT)[0]
    transcript = heard(speech_engine, wav(tmp_path / "call.wav", np.stack([rep, other[: len(rep)]])), "en")
    assert "calling about your phone bill" in said(transcript, "agent")
    assert said(transcript, "customer") == ""
    assert transcript.speech_s is not None
    assert transcript.speech_s["customer"] == 0.0
    assert "No speech of the customer was heard on their channel." in transcript.warnings


@pytest.mark.parametrize("bleed_db", [-20, -25, -30, -35, -40])
def test_a_leaking_line_puts_no_words_in_the_other_partys_mouth(
    speech_engine: SpeechEngine, tmp_path: Path, bleed_db: int
) -> None:
    rep, customer = read(EN_SHORT)
    gain = np.float32(10 ** (bleed_db / 20))
    path = wav(tmp_path / "call.wav", np.stack([rep + gain * customer, customer + gain * rep]))
    transcript = heard(speech_engine, path, "en")
    assert "internet" in said(transcript, "agent")
    assert "phone bill who are you with" in said(transcript, "customer")
    assert "internet" not in said(transcript, "customer")
    assert "tyler" not in said(transcript, "customer")


def test_the_same_sound_on_both_channels_is_a_mono_call(speech_engine: SpeechEngine, tmp_path: Path) -> None:
    both = read(EN_SHORT).mean(axis=0)
    transcript = heard(speech_engine, wav(tmp_path / "dual.wav", np.stack([both, both * np.float32(0.5)])), "en")
    assert transcript.speaker_source in ("unknown", "estimated")
    assert said(transcript).count("phone bill who are you with") == 1


def test_ringing_before_the_call_does_not_decide_its_language(speech_engine: SpeechEngine, tmp_path: Path) -> None:
    call = read(RU_SHORT)
    ringing = np.stack([tones(40, 425.0)] * 2)
    transcript = heard(speech_engine, wav(tmp_path / "call.wav", np.concatenate([ringing, call], axis=1)))
    assert transcript.language == "ru"
    assert (transcript.utterances[0].start_s or 0) > 39


def test_progress_rises_to_the_end_and_may_end_the_work(speech_engine: SpeechEngine) -> None:
    seen: list[float] = []
    speech_engine.transcribe(EN_SHORT, language=None, on_progress=seen.append, max_duration_s=60)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(set(seen)) >= 5

    class Cancelled(Exception):
        pass

    def cancel(share: float) -> None:
        if share > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        speech_engine.transcribe(EN_SHORT, language=None, on_progress=cancel, max_duration_s=60)


def test_a_language_that_does_not_exist_is_refused_before_any_work(speech_engine: SpeechEngine) -> None:
    with pytest.raises(LanguageUnsupported, match="'xx'"):
        heard(speech_engine, EN_SHORT, "xx")


def test_one_channel_with_both_voices_is_told_apart_and_says_how_sure_that_is(
    speech_engine: SpeechEngine, tmp_path: Path
) -> None:
    both = read(SAMPLES / "ru-dev-10.wav")[:, : 45 * RATE]
    apart = heard(speech_engine, wav(tmp_path / "two.wav", both), "ru")
    mixed = heard(speech_engine, wav(tmp_path / "one.wav", both.sum(axis=0, keepdims=True)), "ru")
    assert mixed.speaker_source == "estimated"
    assert mixed.speaker_confidence is not None
    assert 0.8 <= mixed.speaker_confidence <= 1
    assert any("speakers are estimated" in warning for warning in mixed.warnings)
    for speaker in ("agent", "customer"):
        theirs = set(said(apart, speaker).split())
        assert len(set(said(mixed, speaker).split()) & theirs) > 0.6 * len(theirs)


def test_one_voice_alone_is_not_made_two(speech_engine: SpeechEngine, tmp_path: Path) -> None:
    rep = read(SAMPLES / "ru-dev-10.wav")[:1, : 45 * RATE]
    transcript = heard(speech_engine, wav(tmp_path / "one.wav", rep), "ru")
    assert transcript.speaker_source == "unknown"
    assert transcript.speaker_confidence is None


@pytest.mark.parametrize("harm", ["clipped", "offset", "delayed"])
def test_a_harmed_line_is_still_heard(speech_engine: SpeechEngine, tmp_path: Path, harm: str) -> None:
    sound = read(EN_SHORT)
    if harm == "clipped":
        sound = np.clip(sound * np.float32(8), -0.9, 0.9)
    elif harm == "offset":
        sound = np.clip(sound * np.float32(0.5) + np.float32(0.3), -1, 1)
    else:
        sound = np.stack([np.pad(sound[0], (0, RATE)), np.pad(sound[1], (RATE, 0))])
    transcript = heard(speech_engine, wav(tmp_path / "call.wav", sound), "en")
    assert "phone bill" in said(transcript, "agent")
    assert said(transcript, "customer") != ""
