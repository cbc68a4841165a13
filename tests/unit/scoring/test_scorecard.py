"""The whole scorecard of a call: what is scored, what cannot be, and that it is always the same."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.packs import PackLibrary
from service.scoring.errors import LanguageUnsupported, TranscriptInvalid
from service.scoring.pack import Pack
from service.scoring.results import Scorecard
from service.scoring.scorecard import ENGINE_VERSION, CallContext, score
from service.scoring.transcript import SPEAKERS, Mark, Transcript, Utterance
from tests.unit.scoring.minipack import write_minipack

OUTBOUND = CallContext("outbound", "sdr")
AGENT, CUSTOMER = "agent", "customer"
TALK = (
    Utterance(AGENT, "Добрый день! Компания Ромашка. Удобно сейчас говорить?", 0.0, 6.0, 0.9),
    Utterance(CUSTOMER, "Да. Но у вас дорого.", 6.5, 9.0, 0.9),
    Utterance(AGENT, "Понимаю. За месяц окупается. Сто процентов гарантирую.", 10.5, 16.0, 0.9),
    Utterance(CUSTOMER, "Всё, убедили.", 16.4, 18.0, 0.9),
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return PackLibrary(write_minipack(tmp_path_factory.mktemp("rules"))).load("mini", "ru")


def of(*utterances: Utterance, **more: object) -> Transcript:
    return Transcript("ru", utterances, **more)  # type: ignore[arg-type]


def statuses(card: Scorecard) -> set[str]:
    return {item.status for item in card.items}


def test_a_scorecard_names_everything_it_depends_on(pack: Pack) -> None:
    transcript = of(*TALK, speaker_source="channels")
    card = score(transcript, pack, OUTBOUND)
    assert (card.pack_id, card.pack_version, card.pack_sha256) == ("mini", "1.2.3", pack.sha256)
    assert (card.engine_version, card.transcript_sha256) == (ENGINE_VERSION, transcript.sha256())


def test_a_call_is_scored_with_items_objections_violations_and_figures(pack: Pack) -> None:
    card = score(of(*TALK, speaker_source="channels"), pack, OUTBOUND)
    assert (card.adherence, card.passed, statuses(card)) == (1.0, True, {"met"})
    assert (card.objections_total, card.objections_handled, card.argumentation) == (1, 1, 4.0)
    assert [violation.id for violation in card.violations] == ["overpromise"]
    assert card.violations[0].reason["ru"] == "ру overpromise: «Сто процентов гарантирую»."
    assert (card.conversation.reaction_after_objection_s, card.conversation.questions_per_10_minutes) == (1.5, 33.333)
    assert [flag.code for flag in card.flags] == ["violation"]
    assert card.notes == ()


def test_every_point_cites_words_of_the_transcript(pack: Pack) -> None:
    card = score(of(*TALK), pack, OUTBOUND)
    (objection,) = card.objections
    cited = [
        *(evidence for item in card.items for evidence in item.evidence),
        *objection.evidence,
        *objection.outcome_evidence,
        *(evidence for step in objection.steps for evidence in step.evidence),
        *(evidence for violation in card.violations for evidence in violation.evidence),
    ]
    assert len(cited) >= 8
    for evidence in cited:
        assert evidence.quote in TALK[evidence.utterance].text
        assert evidence.rule in pack.rules


def test_direction_and_role_decide_what_is_asked_for(pack: Pack) -> None:
    inbound = {item.id: item.status for item in score(of(*TALK), pack, CallContext("inbound", None)).items}
    assert inbound == {"greeting": "met", "company": "met", "permission": "not_applicable"}


def test_missing_a_critical_item_caps_and_flags(pack: Pack) -> None:
    card = score(of(Utterance(AGENT, "Добрый день! Удобно говорить?"), Utterance(CUSTOMER, "Да.")), pack, OUTBOUND)
    assert (card.adherence, card.passed) == (0.6, False)
    assert [flag.code for flag in card.flags] == ["critical_missed"]


def test_explain_shows_what_came_nearest_to_a_missed_item(pack: Pack) -> None:
    talk = of(Utterance(AGENT, "Добрый день! Компания Ромашка. Вам удобно?"), Utterance(CUSTOMER, "Да."))
    explained = {item.id: item.near_misses for item in score(talk, pack, OUTBOUND, explain=True).items}
    assert explained["permission"][0].quote
    assert explained["greeting"] == ()
    assert all(item.near_misses == () for item in score(talk, pack, OUTBOUND).items)


@pytest.mark.parametrize("texts", [[], ["", "  "], ["😀😀", "…", "—"]])
def test_a_call_without_speech_is_not_scored_and_flagged(pack: Pack, texts: list[str]) -> None:
    card = score(of(*(Utterance(AGENT, text) for text in texts)), pack, OUTBOUND)
    assert (card.no_speech, card.adherence, card.passed, card.argumentation) == (True, None, None, None)
    assert statuses(card) == {"not_assessable"}
    assert card.objections == ()
    assert [flag.code for flag in card.flags] == ["no_speech"]


def test_a_letter_that_no_dictionary_knows_is_scored(pack: Pack) -> None:
    assert not score(of(Utterance(AGENT, "𗀀"), Utterance(CUSTOMER, "привет\u0000 ʼ")), pack, OUTBOUND).no_speech


def test_boilerplate_invented_in_silence_is_no_speech(pack: Pack) -> None:
    ghost = Utterance(AGENT, "Субтитры сделал DimaTorzok", marks=(Mark(0, 2, "silence_boilerplate"),))
    assert score(of(ghost), pack, OUTBOUND).no_speech


def test_no_speech_is_scored_as_such_even_in_a_language_without_a_pack(pack: Pack) -> None:
    assert score(Transcript("xx", ()), pack, OUTBOUND).no_speech


def test_both_voices_on_one_channel_are_not_guessed_apart(pack: Pack) -> None:
    mono = of(*(Utterance("unknown", u.text, u.start_s, u.end_s) for u in TALK), speaker_source="unknown")
    card = score(mono, pack, OUTBOUND)
    assert statuses(card) == {"not_assessable"}
    assert (card.adherence, card.objections, card.argumentation, card.no_speech) == (None, (), None, False)
    assert "mono" in card.notes[0]["en"]
    assert "моно" in card.notes[0]["ru"]


def test_a_silent_rep_channel_blames_nobody(pack: Pack) -> None:
    card = score(of(*TALK, speaker_source="channels", speech_s={AGENT: 0.0, CUSTOMER: 9.0}), pack, OUTBOUND)
    assert statuses(card) == {"not_assessable"}
    assert card.objections == ()
    assert "not heard" in card.notes[0]["en"]


def test_a_silent_customer_channel_leaves_the_script_scored(pack: Pack) -> None:
    card = score(of(TALK[0], TALK[2], speaker_source="channels", speech_s={AGENT: 9.0, CUSTOMER: 0.0}), pack, OUTBOUND)
    assert card.adherence == 1.0
    assert card.notes[0]["ru"].startswith("Клиента не слышно")


def test_a_question_without_its_mark_still_asks_in_a_recording(pack: Pack) -> None:
    """Recognizers leave out half of the question marks of Russian speech; a text has them all."""
    talk = (CUSTOMER, "У вас дорого."), (AGENT, "С чем сравнили."), (CUSTOMER, "Ни с чем.")
    said = tuple(Utterance(speaker, text) for speaker, text in talk)
    heard = score(of(*said, recognizer="whisper"), pack, OUTBOUND).objections[0]
    assert [step.step for step in heard.steps] == ["clarify"]
    assert score(of(*said), pack, OUTBOUND).objections[0].steps == ()


def test_estimated_speakers_are_said_to_be_estimated(pack: Pack) -> None:
    transcript = of(*TALK, speaker_source="estimated")
    assert "estimated" in score(transcript, pack, OUTBOUND).notes[0]["en"]
    assert "94 %" in score(replace(transcript, speaker_confidence=0.943), pack, OUTBOUND).notes[0]["en"]


def test_an_unregistered_rep_is_flagged(pack: Pack) -> None:
    card = score(of(*TALK), pack, CallContext("outbound", None, rep_registered=False))
    assert "unknown_rep" in [flag.code for flag in card.flags]


@pytest.mark.parametrize(
    "utterance",
    [
        Utterance(AGENT, "да", start_s=math.nan),
        Utterance(AGENT, "да", confidence=math.inf),
        Utterance(AGENT, "да \ud800"),
    ],
)
def test_numbers_and_texts_that_no_scorecard_can_hold_are_refused(pack: Pack, utterance: Utterance) -> None:
    with pytest.raises(TranscriptInvalid, match="utterance 1:"):
        score(of(TALK[0], utterance), pack, OUTBOUND)


def test_another_language_is_refused(pack: Pack) -> None:
    with pytest.raises(LanguageUnsupported):
        score(Transcript("en", (Utterance(AGENT, "Hello there"),)), pack, OUTBOUND)


def test_the_same_call_scores_to_the_same_bytes_whatever_was_scored_before(pack: Pack, tmp_path: Path) -> None:
    first = score(of(*TALK), pack, OUTBOUND).canonical_json()
    fresh = PackLibrary(write_minipack(tmp_path)).load("mini", "ru")
    score(of(*TALK[:2]), fresh, OUTBOUND)
    assert score(of(*TALK), fresh, OUTBOUND).canonical_json() == first


def test_ten_thousand_turns_are_scored(pack: Pack) -> None:
    started = time.process_time()
    card = score(of(*(TALK * 2500)), pack, OUTBOUND)
    assert card.objections_total >= 1
    assert time.process_time() - started < 60


utterances = st.builds(
    Utterance,
    speaker=st.sampled_from(SPEAKERS),
    text=st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["Дорого.", "Не сейчас", "понимаю", "Это окупается!", "Убедили", "нет спасибо", "Согласны?", "а"]
        ),
    ),
    start_s=st.one_of(st.none(), st.floats(-10, 100)),
    end_s=st.one_of(st.none(), st.floats(-10, 100)),
    confidence=st.one_of(st.none(), st.floats(0, 1)),
    marks=st.lists(st.builds(Mark, st.integers(-1, 4), st.integers(-1, 9), st.just("repetition")), max_size=1).map(
        tuple
    ),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    talk=st.lists(utterances, max_size=12),
    source=st.sampled_from(["channels", "estimated", "given", "unknown"]),
    direction=st.sampled_from(["inbound", "outbound", None]),
)
def test_any_transcript_is_scored_or_refused_with_a_reason(
    pack: Pack, talk: list[Utterance], source: str, direction: str | None
) -> None:
    transcript = of(*talk, speaker_source=source)
    context = CallContext(direction, None)  # type: ignore[arg-type]
    try:
        card = score(transcript, pack, context)
    except TranscriptInvalid:
        return
    assert card.canonical_json() == score(transcript, pack, context).canonical_json()
    assert card.adherence is None or 0 <= card.adherence <= 1
    assert card.argumentation is None or 0 <= card.argumentation <= 5
    assert (card.argumentation is None) == (card.objections_total == 0)
    for objection in card.objections:
        assert objection.evidence
        assert all(step.evidence for step in objection.steps)
