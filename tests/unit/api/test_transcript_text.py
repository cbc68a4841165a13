"""Subtitles and text that players and people can read, whatever was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.api.transcript_text import as_text, as_vtt
from service.scoring.transcript import Transcript, Utterance


def transcript(*utterances: Utterance) -> Transcript:
    return Transcript("en", utterances)


def test_times_beyond_an_hour() -> None:
    assert "01:02:03.004 --> 01:02:05.000" in as_vtt(transcript(Utterance("agent", "Hi", 3723.0041, 3725.0)))


def test_a_cue_without_length_ends_after_it_begins() -> None:
    assert "00:00:01.000 --> 00:00:01.001" in as_vtt(transcript(Utterance("agent", "Hi", 1.0, 1.0)))


def test_a_call_in_which_nobody_spoke() -> None:
    assert as_vtt(transcript()) == "WEBVTT\n"
    assert as_text(transcript()) == ""


@given(text=st.text())
def test_words_cannot_break_the_subtitles(text: str) -> None:
    lines = as_vtt(transcript(Utterance("customer", text, 1.0, 2.0), Utterance("agent", "end", 3.0, 4.0))).split("\n")
    assert sum("-->" in line for line in lines) == 2
    assert sum(line.startswith("<v ") for line in lines) == 2
    assert len(lines) == len(["WEBVTT", "", "time", "words", "", "time", "words", ""])


@given(text=st.text())
def test_an_utterance_is_one_line_of_text(text: str) -> None:
    assert len(as_text(transcript(Utterance("unknown", text))).split("\n")) == 2
