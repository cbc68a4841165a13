"""`callscore rules test`: what an author is told about misses, false hits, mended misses, baselines and unseen wordings."""

from __future__ import annotations

import pytest

from service.scoring.parsing import Parsed
from service.scoring.trials import try_pack
from service.scoring.unseen import unseen_scores
from tests.unit.scoring.rulefiles import TEST_YAML, parse_trial, rule_yaml

GOOD = "  - Ну очень дорого, {}.\n"
OTHER = "  - Добрый день, {}.\n"


def sentences_yaml(match: str = "", no_match: str = "", known_miss: str = "") -> str:
    """A test file with eight sentences of each kind and some more."""
    names = ["раз", "два", "три", "четыре", "пять", "шесть", "семь", "восемь"]
    return (
        "match:\n" + "".join(GOOD.format(name) for name in names) + match
        + "no_match:\n" + "".join(OTHER.format(name) for name in names) + no_match
        + ("known_miss:\n" + known_miss if known_miss else "")
    )  # fmt: skip


def failures(parsed: Parsed, rule: str = "objections/price") -> list[tuple[str, str]]:
    """(kind, sentence) of what went wrong with a rule."""
    assert parsed.pack is not None, parsed.problems
    trial = try_pack(parsed.pack, [tests for tests in parsed.tests if tests.rule == rule], parsed.baseline)
    return [(failure.kind, failure.text) for failure in trial.failures if failure.rule == rule]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"match": "  - Кусается.\n"}, [("miss", "Кусается.")]),
        ({"no_match": "  - Как дорого!\n"}, [("false_hit", "Как дорого!")]),
        ({"known_miss": "  - Кусается.\n"}, []),
        ({"known_miss": "  - Всё равно дорого.\n"}, [("mended", "Всё равно дорого.")]),
        ({"match": "  - {text: Дорого., speaker: agent}\n"}, [("miss", "Дорого.")]),
    ],
)
def test_test_files(more: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert failures(parse_trial({"objections/price.test.yaml": sentences_yaml(**more)})) == expected


def test_a_test_may_give_the_talk_before_it() -> None:
    case = "  - {text: Давайте., before: [{speaker: customer, text: Дорого.}, {speaker: agent, text: Понимаю.}]}\n"
    changes = {
        "signals/probe.yaml": rule_yaml("probe", "speaker: customer\nphrases: [давайте]\nafter: price"),
        "signals/probe.test.yaml": TEST_YAML + f"known_miss:\n{case}  - Давайте.\n",
    }
    found = failures(parse_trial(changes), "signals/probe")
    assert ("mended", "Давайте.") in found
    assert sum(kind == "mended" for kind, _ in found) == 1, "only the case with its context fires"


def test_nothing_may_fire_in_ordinary_talk() -> None:
    talk = """\
agent:
  - Вы экономите время.
  - {text: Добрый день., except: [greeting]}
  - До свидания.
customer:
  - Не дорого ли дорого?
  - Давайте в четверг.
"""
    parsed = parse_trial({"_baseline/talk.yaml": talk})
    assert parsed.pack is not None
    fired = [(f.rule, f.text, f.line) for f in try_pack(parsed.pack, (), parsed.baseline).failures]
    assert fired == [
        ("arguments/general", "Вы экономите время.", 2),
        ("objections/price", "Не дорого ли дорого?", 6),
        ("script/closing", "До свидания.", 4),
    ], "reactions are part of ordinary talk, and exceptions are allowed for"


def test_failures_name_the_template_that_fired() -> None:
    parsed = parse_trial({"objections/price.test.yaml": sentences_yaml(no_match="  - Как дорого!\n")})
    assert parsed.pack is not None
    (failure,) = [f for f in try_pack(parsed.pack, parsed.tests, ()).failures if f.kind == "false_hit"]
    assert (failure.template, failure.file, failure.line) == ("дорого", "ru/trial/objections/price.test.yaml", 19)


def test_unseen_scores_tell_what_phrases_and_examples_find() -> None:
    like = [
        "Цена кусается у вас.",
        "Цена кусается сильно.",
        "Ваша цена кусается.",
        "Кусается цена.",
        "Цена-то кусается.",
        "Ой, дорого.",
    ]
    unlike = [
        "Записываю адрес.",
        "Записываю телефон.",
        "Пишу адрес.",
        "Адрес записал.",
        "Телефон записал.",
        "Пишу, пишу.",
    ]
    body = "phrases: [дорого]\nlike: [{}]\nunlike: [{}]"
    quoted = [", ".join(f'"{text}"' for text in texts) for texts in (like, unlike)]
    parsed = parse_trial({"objections/price.yaml": rule_yaml("price", body.format(*quoted))})
    assert parsed.pack is not None, parsed.problems
    (score,) = unseen_scores(parsed.pack, parsed.baseline)
    assert (score.rule, score.examples) == ("objections/price", 6)
    assert score.by_phrases == pytest.approx(1 / 6)
    assert score.by_examples >= 4 / 6, "five wordings of one thing find each other"
    assert score.by_either >= max(score.by_phrases, score.by_examples)
    assert 0 <= score.f1 <= 1
