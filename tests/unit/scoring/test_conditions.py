"""Where in a call a rule may fire: speaker, turns, seconds, order, nearness, questions, counts, other rules."""

from __future__ import annotations

from service.scoring.dialogue import Dialogue
from service.scoring.matching import find_hits
from service.scoring.transcript import Transcript, Utterance
from tests.unit.scoring.rulefiles import TEST_YAML, hits_in, pack_with, parse_trial, rule_yaml

A, C = "agent", "customer"


def turns_hit(body: str, *said: tuple[str, str]) -> list[int]:
    """Turns in which a rule of this body fires."""
    hits = hits_in(pack_with(body), *said)  # type: ignore[arg-type]
    return [hit.turn for hit in hits.of("signals/probe")]


def test_a_rule_listens_to_its_speaker_only() -> None:
    said = ((A, "дорого"), (C, "дорого"))
    assert turns_hit("speaker: customer\nphrases: [дорого]", *said) == [1]
    assert turns_hit("speaker: any\nphrases: [дорого]", *said) == [0, 1]


def test_within_counts_the_turns_of_the_rules_speaker() -> None:
    said = ((C, "Алло."), (A, "да"), (C, "да"), (A, "да"), (C, "да"), (A, "да"))
    assert turns_hit("speaker: agent\nphrases: [да]\nwithin: {first_turns: 2}", *said) == [1, 3]
    assert turns_hit("speaker: agent\nphrases: [да]\nwithin: {last_turns: 1}", *said) == [5]
    assert turns_hit("speaker: any\nphrases: [да]\nwithin: {first_turns: 3}", *said) == [1, 2]
    assert turns_hit("speaker: agent\nphrases: [да]\nwithin: {first_turns: 2, last_turns: 2}", *said) == [3]


def test_within_seconds_where_there_are_times() -> None:
    pack = pack_with("phrases: [да]\nwithin: {first_seconds: 30}")
    late = pack_with("phrases: [да]\nwithin: {last_seconds: 20}")
    timed = Transcript(
        "ru", (Utterance("agent", "да", 5, 6), Utterance("agent", "да.", 40, 41), Utterance("agent", "да", 95, 96))
    )
    assert [hit.utterance for hit in find_hits(Dialogue.of(timed, pack), pack).of("signals/probe")] == [0]
    assert [hit.utterance for hit in find_hits(Dialogue.of(timed, late), late).of("signals/probe")] == [2]


def test_seconds_forbid_nothing_in_calls_that_came_as_text() -> None:
    assert turns_hit("phrases: [да]\nwithin: {first_seconds: 1}", (A, "да")) == [0]


def test_after_and_before_look_at_the_first_hit_of_the_other() -> None:
    said = ((A, "да"), (A, "Добрый день."), (C, "да"), (A, "Добрый день. да"))
    assert turns_hit("phrases: [да]\nafter: greeting", *said) == [1, 2]
    assert turns_hit("phrases: [да]\nbefore: greeting", *said) == [0]


def test_after_needs_the_other_before_does_not() -> None:
    assert turns_hit("phrases: [да]\nafter: greeting", (A, "да")) == []
    assert turns_hit("phrases: [да]\nbefore: greeting", (A, "да")) == [0]


def test_near_looks_both_ways() -> None:
    said = ((C, "да"), (A, "а"), (C, "Дорого."), (A, "б"), (C, "да"), (A, "в"), (C, "да"))
    assert turns_hit("speaker: customer\nphrases: [да]\nnear: {rule: price, turns: 2}", *said) == [0, 4]


def test_question_asks_for_a_question() -> None:
    said = ((A, "Вам удобно?"), (C, "Да."), (A, "Вам удобно."))
    assert turns_hit("phrases: [удобно]\nquestion: true", *said) == [0]


def test_count_asks_for_different_sentences() -> None:
    body = "phrases: [что важно, как возите]\ncount: 2"
    assert turns_hit(body, (A, "Что важно?")) == []
    assert turns_hit(body, (A, "Что важно, как возите, что важно?")) == []
    assert turns_hit(body, (A, "Что важно? Как возите?")) == [0, 0]


def test_rules_built_from_others() -> None:
    said = ((A, "Добрый день."), (C, "Дорого."), (A, "Понимаю."))
    assert turns_hit("all_of: [greeting, price]", *said) == [0, 1]
    assert turns_hit("all_of: [greeting, closing]", *said) == []
    assert turns_hit("any_of: [closing, step_acknowledge]", *said) == [2]
    assert turns_hit("all_of: [greeting]\nany_of: [closing, price]", *said) == [0, 1]
    assert turns_hit("all_of: [greeting]\nany_of: [closing]", *said) == []
    assert turns_hit("all_of: [greeting, price]\nnear: {rule: step_acknowledge, turns: 1}", *said) == [1]
    assert turns_hit("speaker: customer\nall_of: [greeting, price]", *said) == [1]


def test_evidence_of_a_built_rule_names_the_rule_that_found_the_words() -> None:
    pack = pack_with("any_of: [objections/price, reaction_accepted, argument_general]")
    (hit,) = hits_in(pack, ("customer", "Дорого.")).of("signals/probe")
    assert (hit.rule, hit.evidence.rule) == ("signals/probe", "objections/price")


def test_rules_may_stand_on_rules_that_stand_on_rules() -> None:
    """The order of files does not matter."""
    parsed = parse_trial(
        {
            "signals/a.yaml": rule_yaml("a", "speaker: any\nany_of: [z]"),
            "signals/a.test.yaml": TEST_YAML,
            "signals/z.yaml": rule_yaml("z", "speaker: any\nphrases: [да]\nafter: greeting"),
            "signals/z.test.yaml": TEST_YAML,
        }
    )
    assert parsed.pack is not None
    assert len(hits_in(parsed.pack, ("agent", "Добрый день. Да.")).of("signals/a")) == 1
