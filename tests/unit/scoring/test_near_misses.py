"""A miss says what was looked for and what kept the nearest sentence from counting."""

from __future__ import annotations

import pytest

from service.scoring.dialogue import Dialogue
from service.scoring.matching import near_misses
from service.scoring.results import NearMiss
from service.scoring.transcript import Speaker
from tests.unit.scoring.rulefiles import call, pack_with

RULE = "signals/probe"


def misses(body: str, *said: tuple[Speaker, str], language: str = "ru", limit: int = 1) -> tuple[NearMiss, ...]:
    pack = pack_with(body, language=language)
    return near_misses(Dialogue.of(call(language, *said), pack), pack, RULE, limit=limit)


@pytest.mark.parametrize(
    ("body", "text", "matched", "missing"),
    [
        ("phrases: [не укладываться в бюджет]\nnegation: false", "Не вижу бюджета.", "не … бюджета", "укладываться … в"),
        ("phrases: [(слишком|очень) дорого]", "Дорого.", "дорого", "(очень|слишком)"),
        ("phrases: [дорого]", "Это не дорого.", "дорого", "отрицается словом «не»"),
        ("phrases: [дорого]\nunless: [дорогой друг]", "Дорогой друг!", "дорогой", "попадает под исключение «дорогой друг»"),
        ("phrases: [удобно говорить]\nquestion: true", "Мне удобно говорить.", "удобно говорить", "должно быть вопросом"),
        ("phrases: [цена высокий]", "Высокая у вас сегодня цена.", "высокая … цена", "слова стоят в другом порядке или слишком далеко"),
        ("phrases: [через <number> дней]", "Через дней сколько-то.", "через … дней", "число"),
        ("phrases: [дорого]\nwithin: {first_turns: 1}", "Дорого.", "Дорого", "сказано не в той части разговора"),
        ("phrases: [дорого]\nafter: greeting", "Дорого.", "Дорого", "сказано раньше, чем script/greeting"),
        ("phrases: [дорого]\nnear: {rule: closing, turns: 1}", "Дорого.", "Дорого", "рядом нет script/closing"),
        ("phrases: [дорого]\ncount: 2", "Дорого.", "Дорого", "сказано 1 раз, нужно 2"),
        ("all_of: [price, closing]", "Дорого.", "Дорого", "нет: script/closing"),
    ],
)  # fmt: skip
def test_a_near_miss_says_what_matched_and_what_was_missing(body: str, text: str, matched: str, missing: str) -> None:
    said: list[tuple[Speaker, str]] = [("customer", "Алло."), ("customer", text)] if "within" not in body else []
    said = said or [("customer", "Алло."), ("agent", "Да."), ("customer", text)]
    (miss,) = misses(body, *said)
    assert (miss.matched, miss.missing) == (matched, missing)
    assert miss.rule == RULE
    assert miss.quote == text.rstrip(".!")


def test_reasons_are_in_the_language_of_the_pack() -> None:
    (miss,) = misses("phrases: [expensive]", ("customer", "It isn't expensive."), language="en")
    assert miss.missing == "negated by “not”"


def test_what_was_said_in_full_but_not_allowed_comes_first() -> None:
    found = misses("phrases: [совсем дорого]", ("customer", "Дорого."), ("customer", "Не совсем дорого."), limit=5)
    assert [miss.utterance for miss in found] == [1, 0]


def test_nothing_comes_close_to_ordinary_talk() -> None:
    assert misses("phrases: [не укладываться в бюджет]", ("customer", "Записываю.")) == ()
    assert misses("phrases: [дорого]", ("unknown", "Не дорого.")) == ()


def test_near_misses_are_no_hits_of_the_other_side() -> None:
    assert misses("speaker: agent\nphrases: [очень дорого]", ("customer", "Дорого.")) == ()
