"""Whole scorecards of calls as no call should be: scored or refused with a reason, never a crash, never a long wait."""

from __future__ import annotations

import gc
import json
import math
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.scoring.errors import TranscriptInvalid
from service.scoring.pack import Pack
from service.scoring.parsing import parse
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import (
    SPEAKER_SOURCES,
    SPEAKERS,
    Mark,
    Transcript,
    Utterance,
    Word,
    transcript_from_dict,
)
from tests.unit.scoring.rulefiles import raw
from tests.unit.scoring.test_examples import example_files

#: Far above what any of these takes, so that only runaway work fails; seconds.
PATIENCE_S = 20.0
#: A call of ten hours; its first tenth has to take about a tenth of the time.
MANY, TENTH = 10_000, 1_000
CONTEXT = CallContext("outbound", "sdr")
SAID = st.sampled_from(
    ["", " ", "д", "😀😀", "дорого", "Это слишком дорого!", "你好，太贵了", "too expensive", "Добрый день, меня зовут Анна.",
     "давайте", "не не не не", "...", "?", "а" * 5_000, "25 %", "\u200b", "ёЁ", "Понимаю вас. Вы экономите. Подходит?"]
)  # fmt: skip
SECONDS = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False))
WORDS = st.lists(
    st.builds(Word, SAID, st.floats(-10, 1e5, allow_nan=False), st.floats(-10, 1e5, allow_nan=False), st.floats(0, 1)),
    max_size=4,
).map(tuple)
MARKS = st.lists(st.builds(Mark, st.integers(-3, 9), st.integers(-3, 9), st.just("repetition")), max_size=2).map(tuple)
UTTERANCES = st.builds(
    Utterance, st.sampled_from(SPEAKERS), SAID, SECONDS, SECONDS, st.one_of(st.none(), st.floats(-2, 2)), WORDS, MARKS
)
TRANSCRIPTS = st.builds(
    Transcript,
    st.just("ru"),
    st.lists(UTTERANCES, max_size=9).map(tuple),
    st.sampled_from(SPEAKER_SOURCES),
    SECONDS,
    st.one_of(st.none(), st.dictionaries(st.sampled_from(SPEAKERS), st.floats(-1, 1e5, allow_nan=False))),
)
CONTEXTS = st.builds(
    CallContext, st.sampled_from(["inbound", "outbound", None]), st.sampled_from(["sdr", "nobody", None]), st.booleans()
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    parsed = parse(raw(example_files()), "trial", "ru")
    assert parsed.pack is not None
    return parsed.pack


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TRANSCRIPTS, CONTEXTS, st.booleans())
def test_any_call_is_scored_and_its_figures_stay_in_their_bounds(
    pack: Pack, transcript: Transcript, context: CallContext, explain: bool
) -> None:
    started = time.monotonic()
    card = score(transcript, pack, context, explain=explain)
    assert time.monotonic() - started < PATIENCE_S
    assert card.adherence is None or 0 <= card.adherence <= 1
    assert card.argumentation is None or 0 <= card.argumentation <= 5
    assert 0 <= card.objections_handled <= card.objections_total
    cited = [e for item in card.items for e in item.evidence] + [e for o in card.objections for e in o.evidence]
    assert all(0 <= evidence.utterance < len(transcript.utterances) for evidence in cited)
    data = card.canonical_json()
    assert all(math.isfinite(number) for number in _numbers(json.loads(data)))
    again = transcript_from_dict(json.loads(transcript.canonical_json()))
    assert again.sha256() == transcript.sha256()
    assert score(again, pack, context, explain=explain).canonical_json() == data


def _numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused_with_the_utterance(pack: Pack, wrong: float) -> None:
    said = (Utterance("agent", "Добрый день", 0.0, 1.0), Utterance("customer", "Алло", 1.0, wrong))
    with pytest.raises(TranscriptInvalid, match="utterance 1"):
        score(Transcript("ru", said), pack, CONTEXT)


def test_half_a_character_is_refused_with_the_utterance(pack: Pack) -> None:
    with pytest.raises(TranscriptInvalid, match="utterance 0"):
        score(Transcript("ru", (Utterance("agent", "\ud800"),)), pack, CONTEXT)


@pytest.mark.parametrize("explain", [False, True])
def test_ten_thousand_turns_cost_in_proportion(pack: Pack, explain: bool) -> None:
    texts = (
        "Добрый день, меня зовут Анна.",
        "Это слишком дорого.",
        "Понимаю вас, вы экономите.",
        "Хорошо, давайте подумаю.",
    )

    def seconds(turns: int) -> float:
        said = tuple(
            Utterance("agent" if n % 2 == 0 else "customer", f"{texts[n % 4]} Номер {n % 97}.", 3.6 * n, 3.6 * n + 3)
            for n in range(turns)
        )
        # The collector of garbage walks through all that the tests before this one left.
        gc.collect()
        gc.disable()
        try:
            started = time.process_time()
            card = score(Transcript("ru", said, "channels", 3.6 * turns), pack, CONTEXT, explain=explain)
            passed = time.process_time() - started
        finally:
            gc.enable()
        assert card.objections_total > 0
        return passed

    seconds(100)
    tenth, whole = seconds(TENTH), seconds(MANY)
    assert whole < tenth * (MANY / TENTH) * 3, "cost grows with the turns, not with their square"
