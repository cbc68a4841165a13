"""Conversation figures: what the times of a call say about how it went."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from service.scoring.conversation import conversation
from service.scoring.results import Conversation
from service.scoring.transcript import Mark, Speaker, Transcript, Utterance


def call(
    *rows: tuple[Speaker, float, float], words: int = 10, duration_s: float | None = None, **more: object
) -> Transcript:
    utterances = tuple(
        Utterance(speaker, " ".join(["слово"] * words), start_s=start, end_s=end) for speaker, start, end in rows
    )
    return Transcript("ru", utterances, "channels", duration_s=duration_s, **more)  # type: ignore[arg-type]


def figures(transcript: Transcript, questions: int = 0, objections: Sequence[int] = ()) -> Conversation:
    return conversation(transcript, agent_questions=questions, objection_utterances=objections)


def test_a_text_call_has_no_timed_figure() -> None:
    text = Transcript("ru", (Utterance("agent", "Добрый день!"), Utterance("customer", "Здравствуйте.")))
    assert figures(text, questions=3) == Conversation()


def test_talk_share_is_the_reps_part_of_the_speech_not_of_the_recording() -> None:
    assert figures(call(("agent", 0, 30), ("customer", 40, 50))).agent_talk_share == 0.75


def test_talk_share_prefers_the_speech_that_the_recognizer_measured() -> None:
    measured = call(("agent", 0, 30), ("customer", 40, 50), speech_s={"agent": 20.0, "customer": 20.0})
    assert figures(measured).agent_talk_share == 0.5


def test_a_monologue_goes_on_through_the_customers_mhm() -> None:
    talk = call(("agent", 0, 20), ("customer", 20, 20.6), ("agent", 21, 60), ("customer", 60, 65), ("agent", 65, 80))
    assert figures(talk).longest_monologue_s == 60


def test_pauses_are_silences_of_both_sides() -> None:
    """The customer talks through the rep's silence at 10-20 s; the silence at 25-29 s is one pause; ringing before is none."""
    talk = call(("agent", 8, 10), ("customer", 9, 20), ("agent", 20, 25), ("customer", 29, 30), ("agent", 33, 34))
    assert figures(talk).pauses_over_3s == 1


def test_cutting_the_customer_off_is_an_interruption_but_mhm_and_quick_turns_are_not() -> None:
    cut = call(("customer", 0, 10), ("agent", 7, 12))
    mhm = call(("customer", 0, 10), ("agent", 5, 5.7))
    quick = call(("customer", 0, 10), ("agent", 9.7, 14))
    assert [figures(talk).interruptions for talk in (cut, mhm, quick)] == [1, 0, 0]


def test_words_per_minute_counts_the_reps_words_over_the_reps_speech() -> None:
    assert figures(call(("agent", 0, 12), ("customer", 12, 60), words=26)).agent_words_per_minute == 130
    assert figures(call(("agent", 0, 2), ("customer", 2, 60))).agent_words_per_minute is None


def test_questions_are_counted_per_ten_minutes_of_the_recording() -> None:
    assert figures(call(("agent", 0, 60), duration_s=300.0), questions=4).questions_per_10_minutes == 8


def test_reaction_time_starts_when_the_customer_has_finished_the_whole_turn() -> None:
    talk = call(
        ("agent", 0, 5),
        ("customer", 6, 9),
        ("customer", 9.5, 12),
        ("agent", 13.5, 20),
        ("customer", 21, 25),
        ("agent", 24, 30),
    )
    assert figures(talk, objections=[1]).reaction_after_objection_s == 1.5
    assert figures(talk, objections=[1, 4]).reaction_after_objection_s == 0.75


def test_an_unanswered_objection_has_no_reaction_time() -> None:
    assert figures(call(("agent", 0, 5), ("customer", 6, 9)), objections=[1]).reaction_after_objection_s is None


def test_one_channel_with_both_voices_has_only_its_pauses() -> None:
    mono = call(("unknown", 0, 5), ("unknown", 9, 12))
    assert figures(mono) == Conversation(pauses_over_3s=1)


def test_words_that_nobody_said_do_not_count() -> None:
    ghost = Utterance("agent", "Субтитры сделал DimaTorzok", 100, 160, marks=(Mark(0, 2, "silence_boilerplate"),))
    talk = call(("agent", 0, 10), ("customer", 10, 20))
    assert figures(Transcript("ru", (*talk.utterances, ghost), "channels")).agent_talk_share == 0.5


@pytest.mark.parametrize(("start", "end"), [(5.0, 1.0), (math.nan, 2.0), (-1.0, 2.0), (0.0, math.inf)])
def test_nonsense_times_give_no_figures_instead_of_wrong_ones(start: float, end: float) -> None:
    assert figures(call(("agent", 0, 10), ("customer", start, end))) == Conversation()


def test_times_out_of_order_are_sorted() -> None:
    assert figures(call(("customer", 12, 20), ("agent", 0, 12))).pauses_over_3s == 0


def test_an_empty_call_has_no_figures() -> None:
    assert figures(Transcript("ru", ())) == Conversation()
