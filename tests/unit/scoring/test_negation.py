"""Negation is handled once, for every rule: «не дорого» is no price objection."""

from __future__ import annotations

import pytest

from tests.unit.scoring.rulefiles import fires


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Это дорого.", True),
        ("Это не дорого.", False),
        ("Не слишком дорого.", False),
        ("Не так уж и дорого? Не так уж дорого.", False),
        ("Не думаю, что это дорого.", False),
        ("Не скажу, что дорого.", False),
        ("Нет, дорого.", True),
        ("Нет. Дорого.", True),
        ("Не только дорого, но и долго.", True),
        ("Не знаю насчёт сроков, а вообще дорого.", True),
        ("Вряд ли дорого.", False),
        ("Совсем не дорого.", False),
    ],
)
def test_russian_negation(text: str, expected: bool) -> None:
    assert fires("phrases: [дорого]", text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That's expensive.", True),
        ("That's not expensive.", False),
        ("It isn't expensive.", False),
        ("It's not that expensive, really.", False),
        ("I don't think it's expensive.", False),
        ("I wouldn't say that it is expensive.", False),
        ("No, it's expensive.", True),
        ("Not only expensive but slow.", True),
        ("Never expensive.", False),
        ("It was not a success. Expensive too.", True),
    ],
)
def test_english_negation(text: str, expected: bool) -> None:
    assert fires("phrases: [expensive]", text, language="en") is expected


def test_no_negates_a_genitive_only() -> None:
    """«Нет бюджета» denies the budget, «нет, бюджет есть» does not."""
    assert not fires("phrases: [бюджет]", "Нет бюджета.")
    assert fires("phrases: [бюджет]", "Нет бюджет у нас есть")


def test_a_negator_in_a_gap_counts() -> None:
    assert fires("phrases: [цена ... высокий]", "Цена у вас высокая.")
    assert not fires("phrases: [цена ... высокий]", "Цена у вас не высокая.")
    assert not fires("phrases: [цена ... высокий]", "Цена у вас не такая высокая.")


def test_negation_inside_a_phrase_is_part_of_it() -> None:
    assert fires("phrases: [не нужно]", "Нам это не нужно.")


def test_a_rule_may_switch_negation_off() -> None:
    assert fires("phrases: [надо]\nnegation: false", "Не надо.")
