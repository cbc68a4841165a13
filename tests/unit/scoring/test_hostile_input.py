"""Whatever is written as a template or heard in a call: a named error or a result, and never a long wait."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.scoring.dialogue import Dialogue
from service.scoring.language import pipeline
from service.scoring.lexemes import TemplateError
from service.scoring.matching import find_hits, near_misses
from service.scoring.pack import Pack
from service.scoring.parsing import parse
from service.scoring.slots import MOST_ROWS, Expander, Row
from service.scoring.templates import LONGEST_TEMPLATE, parse_template
from service.scoring.transcript import SPEAKERS, Mark, Transcript, Utterance
from tests.unit.scoring.rulefiles import PACK_YAML, pack_with, parse_trial, raw, rule_yaml, trial_files
from tests.unit.scoring.test_examples import example_files

#: Far above what any of these takes, so that only runaway work fails; seconds.
PATIENCE_S = 10.0
PIECES = st.sampled_from(
    ["дорого", "не", "price", "don't", "(", ")", "[", "]", "|", "<", ">", "<number>", "<word>", "<list>", '"', "~", "...", "..3..",
     "..99..", "…", ".", ",", "-", "+", "{1,2}", "25", "%", "🙂", "ё", " ", "\t", "\n", "\u200b", "\x00", "(a|b)", "[c d]", "и т.д."]
)  # fmt: skip
TEMPLATES = st.one_of(
    st.lists(PIECES, max_size=25).map(" ".join),
    st.lists(PIECES, max_size=25).map("".join),
    st.text(max_size=60),
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "не",
                "дорого",
                "ну",
                "э-э",
                "Добрый",
                "день",
                ".",
                "...",
                "?",
                "25",
                "двадцать",
                "пять",
                "1",
                "500",
                "😀",
                "’s",
                "не" * 30,
            ]
        ),
        max_size=60,
    ).map(" ".join),
)
TIMES = st.one_of(st.none(), st.floats(-10, 10_000, allow_nan=False))
MARKS = st.lists(st.builds(Mark, st.integers(-3, 50), st.integers(-3, 50), st.just("crosstalk")), max_size=3).map(tuple)
UTTERANCES = st.builds(Utterance, st.sampled_from(SPEAKERS), TEXTS, TIMES, TIMES, marks=MARKS)
RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def pack() -> Pack:
    parsed = parse(raw(example_files()), "trial", "ru")
    assert parsed.pack is not None
    return parsed.pack


@RELAXED
@given(TEMPLATES, st.sampled_from(["ru", "en"]))
def test_any_template_is_an_error_with_a_column_or_a_bounded_set_of_ways(template: str, language: str) -> None:
    start = time.monotonic()
    lists = {"list": (parse_template("один|два слова"),)}
    rows: tuple[Row, ...] = ()
    error: TemplateError | None = None
    try:
        rows = Expander(pipeline(language), lists).rows(parse_template(template))
    except TemplateError as raised:
        error = raised
    assert (len(rows) > 0) is (error is None)
    assert error is None or 1 <= error.column <= max(len(template), 1)
    assert len(rows) <= MOST_ROWS * 4
    assert all(any(slot.required for slot in row) for row in rows)
    assert time.monotonic() - start < PATIENCE_S


@RELAXED
@given(st.lists(UTTERANCES, max_size=8).map(tuple))
def test_any_transcript_is_read_and_searched(pack: Pack, utterances: tuple[Utterance, ...]) -> None:
    start = time.monotonic()
    dialogue = Dialogue.of(Transcript("ru", utterances), pack)
    hits = list(find_hits(dialogue, pack))
    for hit in hits:
        text = utterances[hit.utterance].text
        assert 0 <= hit.first_char < hit.last_char <= len(text)
        assert hit.evidence.quote.startswith(text[hit.first_char : hit.last_char])
        assert utterances[hit.utterance].speaker != "unknown"
    assert near_misses(dialogue, pack, *pack.rules, limit=100) is not None
    assert time.monotonic() - start < PATIENCE_S


@RELAXED
@given(st.lists(UTTERANCES, max_size=5).map(tuple))
def test_every_word_belongs_to_one_sentence_and_every_sentence_to_one_turn(
    pack: Pack, utterances: tuple[Utterance, ...]
) -> None:
    dialogue = Dialogue.of(Transcript("ru", utterances), pack)
    assert [turn.first_utterance for turn in dialogue.turns[1:]] == [turn.end_utterance for turn in dialogue.turns[:-1]]
    assert [s.index for turn in dialogue.turns for s in dialogue.sentences_of(turn)] == list(
        range(len(dialogue.sentences))
    )
    for sentence in dialogue.sentences:
        places = [(sentence.utterance_of(i), word.first_char) for i, word in enumerate(sentence.words)]
        assert places == sorted(places)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["phrases", "like", "unless", "near", "within", "count", "any_of", "negation", "threshold"]), st.recursive(st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.text(alphabet="аб (|)<>", max_size=8)), lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["rule", "turns", "first_turns"]), inner, max_size=3)), max_leaves=6), max_size=5))  # fmt: skip
def test_any_rule_file_gives_problems_never_a_crash(fields: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - JSON is YAML, and writes any of these values

    body = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())
    parsed = parse_trial({"objections/price.yaml": rule_yaml("price", body)})
    assert parsed.pack is not None or parsed.problems


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PACK_YAML)), st.text(max_size=5))
def test_a_pack_file_cut_anywhere_gives_problems_never_a_crash(cut: int, instead: str) -> None:
    files = trial_files()
    files["ru/trial/pack.yaml"] = PACK_YAML[:cut] + instead
    parsed = parse(raw(files), "trial", "ru")
    assert parsed.pack is not None or parsed.problems


@pytest.mark.parametrize(
    "text",
    ["", " ", "а", "😀" * 50, "!!! ??? ...", "我们没有预算", "Nous n'avons pas de budget", "\x00\x01", "a" * 20_000, "ну " * 20_000, "не " * 20_000,
     "дорого " * 20_000, "." * 20_000, "1 " * 20_000, "двадцать " * 10_000],
)  # fmt: skip
def test_odd_texts_take_no_time(pack: Pack, text: str) -> None:
    """Empty, one letter, emoji, other scripts, endless repetition: searched in moments."""
    start = time.monotonic()
    list(find_hits(Dialogue.of(Transcript("ru", (Utterance("customer", text),)), pack), pack))
    assert time.monotonic() - start < PATIENCE_S


def test_ten_thousand_turns_cost_in_proportion(pack: Pack) -> None:
    said = ("Добрый день, это мы.", "Дорого, не по карману.", "Понимаю вас.", "Не сейчас, осенью.")

    def seconds(turns: int) -> float:
        utterances = tuple(Utterance("agent" if i % 2 == 0 else "customer", said[i % 4]) for i in range(turns))
        start = time.process_time()
        hits = find_hits(Dialogue.of(Transcript("ru", utterances), pack), pack)
        assert len(hits.of("objections/price")) == turns // 4
        return time.process_time() - start

    seconds(1_000)
    small, large = seconds(1_000), seconds(10_000)
    assert large < 40 * small, f"ten times the turns took {large / small:.0f} times as long"


def test_a_template_at_every_limit_is_still_quick() -> None:
    wide = "(" + "|".join(f"слово{i} два" for i in range(MOST_ROWS)) + ")"
    start = time.monotonic()
    with pytest.raises(TemplateError, match="characters long"):
        parse_template(wide)
    assert len(wide) > LONGEST_TEMPLATE
    gaps = pack_with("phrases: ['дорого ..12.. дорого ..12.. дорого ..12.. дорого']")
    list(find_hits(Dialogue.of(Transcript("ru", (Utterance("customer", "дорого и " * 200),)), gaps), gaps))
    assert time.monotonic() - start < PATIENCE_S
