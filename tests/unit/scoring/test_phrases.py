"""What phrases match in speech: inflections, fillers, numbers, wrong letters, gaps, order; and what they must not."""

from __future__ import annotations

import pytest

from tests.unit.scoring.rulefiles import fires, hits_in, pack_with

RUSSIAN = [
    ("не укладываться в бюджет", "Мы не укладываемся в бюджет.", True),
    ("не укладываться в бюджет", "НЕ УКЛАДЫВАЕМСЯ, В БЮДЖЕТ!", True),
    ("не укладываться в бюджет", "Не укладываемся, ну, э-э, знаете, в бюджет.", True),
    ("не укладываться в бюджет", "Не укладываемся. В бюджет добавили.", False),
    ("тяжёлый год", "тяжелого года", True),
    ("тяжелый год", "тяжёлый год", True),
    ("дорого", "Это дороже, чем было.", True),
    ("день", "По этому делу вопрос.", False),
    ("(слишком|очень) дорого", "очень дорого", True),
    ("(слишком|очень) дорого", "дорого", False),
    ("[как-то] дорого для нас", "как-то дорого для нас", True),
    ("[как-то] дорого для нас", "дорого для нас", True),
    ("нет ... бюджет", "нет у нас на это бюджета", True),
    ("нет ... бюджет", "нет у нас на всё вот это дело в этом году бюджета", False),
    ("цена ..1.. высокий", "цена у вас высокая", False),
    ("цена ..2.. высокий", "цена у вас высокая", True),
    ('"не потянем"', "Не потянем мы.", True),
    ('"не потянем"', "Не потянете вы.", False),
    ("предоплата~", "Придоплату не даём", True),
    ("предоплата~", "предоплату", True),
    ("предоплата~", "оплата", False),
    ("аванс~", "аванз просят", True),
    ("аванс~", "аксанс", False),
    ("двадцать пять процентов", "скидка 25%", True),
    ("25 процентов", "двадцать пять процентов", True),
    ("пять минут", "Найдётся пяти минут?", True),
    ("через <number> дней", "через три дня", True),
    ("через <number> дней", "через пару дней", False),
    ("тысяча рублей", "двести тысяч рублей", True),
    ("1500 рублей", "1 500 руб.", True),
    ("меня зовут <word>", "Меня зовут Ольга", True),
    ("меня зовут <word>", "Как меня зовут", False),
    ("ну и что", "Ну и что дальше", True),
    ("мы пользоваться", "Нами пользуются", True),
    ("дать", "Дам скидку", True),
    ("дама", "Дам скидку", True),
    ("<money> нет", "лишних денег нет", True),
]  # fmt: skip
ENGLISH = [
    ("can not afford", "We can't afford it.", True),
    ("can not afford", "We cannot afford it", True),
    ("can't afford", "we can not, you know, afford that", True),
    ("we be happy with", "We're happy with them", True),
    ("we be happy with", "We were really happy with them", True),
    ("buy", "we bought it", True),
    ("good evening", "good, even", False),
    ("evening", "this evening", True),
    ("meeting", "let us meet", False),
    ("meet", "a meeting", True),
    ("twenty five percent", "25 % off", True),
    ("in <number> days", "in two days", True),
    ("five hundred dollars", "500 dollars", True),
    ("follow up", "a follow-up", True),
    ("e-mail", "by e-mail", True),
    ("guarantee~", "no garantee", True),
    ("price ... high", "the price is just too high", True),
    ("go to call", "I'm gonna call", True),
    ("it will not", "it won't work", True),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "text", "expected"), RUSSIAN)
def test_russian_phrases(phrase: str, text: str, expected: bool) -> None:
    lists = {"money": "list: [лишние деньги]"}
    assert fires(f"negation: false\nphrases: ['{phrase}']", text, lists=lists) is expected


@pytest.mark.parametrize(("phrase", "text", "expected"), ENGLISH)
def test_english_phrases(phrase: str, text: str, expected: bool) -> None:
    quoted = phrase.replace("'", "''")
    assert fires(f"negation: false\nphrases: ['{quoted}']", text, language="en") is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[{LEMMA: цена}, {OP: '*'}, {LOWER: высокая}]", "цена сегодня уж очень высокая", True),
        ("[{LEMMA: {IN: [цена, стоимость]}}]", "о стоимости", True),
        ("[{LEMMA: дать}]", "дам скидку", True),
        ("[{LIKE_NUM: true}, {LEMMA: минута}]", "15 минут", True),
        ("[{LOWER: {REGEX: '^супер'}}]", "суперпредложение", True),
        ("[{LEMMA: цена}]", "о скидке", False),
    ],
)
def test_raw_token_patterns_say_what_templates_cannot(pattern: str, text: str, expected: bool) -> None:
    assert fires(f"token_patterns: [{pattern}]", text) is expected


def test_the_quote_is_what_was_said_padding_included() -> None:
    pack = pack_with("phrases: [не укладываться в бюджет]\nnegation: false")
    (hit,) = hits_in(pack, ("customer", "Ну, не укладываемся, э-э, в бюджет мы.")).of("signals/probe")
    assert hit.evidence.quote == "не укладываемся, э-э, в бюджет"
    assert hit.evidence.template == "не укладываться в бюджет"
    assert (hit.utterance, hit.turn, hit.sentence, hit.first_char) == (0, 0, 0, 4)


def test_an_exception_takes_only_the_hit_that_it_covers() -> None:
    pack = pack_with("phrases: [дорого]\nunless: [дорогой друг]")
    assert not hits_in(pack, ("customer", "Дорогой друг!")).of("signals/probe")
    hits = hits_in(pack, ("customer", "Дорогой друг, это дорого.")).of("signals/probe")
    assert [hit.evidence.quote for hit in hits] == ["дорого"]


def test_one_rule_hits_a_sentence_a_few_times_at_most() -> None:
    """A customer who says "no no no no no" makes no wall of evidence."""
    hits = hits_in(pack_with("phrases: [дорого]"), ("customer", " ".join(["дорого"] * 30))).of("signals/probe")
    assert 1 <= len(hits) <= 3
