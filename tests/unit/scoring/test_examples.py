"""Rules by example: unseen wordings are found, the reason is shown, and nothing depends on chance."""

from __future__ import annotations

import numpy as np
import pytest

from service.scoring.dialogue import Dialogue
from service.scoring.example_arrays import from_arrays, to_arrays
from service.scoring.example_sets import ExampleSet, example_sets
from service.scoring.examples import train
from service.scoring.language import pipeline
from service.scoring.matching import near_misses
from service.scoring.ngrams import Vocabulary
from service.scoring.pack import Pack
from service.scoring.parsing import parse
from tests.unit.scoring.rulefiles import call, hits_in, parse_trial, raw, rule_yaml, trial_files

PRICE = [
    "Для нас это дорого.", "Цена кусается.", "Таких денег у нас нет.", "Дороговато выходит.", "Не по карману нам это.",
    "За такие деньги мы сами сделаем.", "Вы цены видели вообще?", "Бюджет столько не потянет.", "Накладно получается.",
    "У соседей вдвое дешевле.",
]  # fmt: skip
TIMING = [
    "Сейчас не до этого.", "Давайте после праздников.", "Перезвоните осенью.", "Сезон в разгаре, не до вас.",
    "Вернёмся к этому в январе.", "Рано ещё об этом думать.", "Позвоните через полгода.", "В этом году уже нет.",
    "Потом как-нибудь обсудим.", "Не раньше весны.",
]  # fmt: skip
ORDINARY = [
    "Да, слушаю вас.", "Угу.", "А как это работает?", "Нас двенадцать человек.", "Меня зовут Пётр.", "Склад в Туле.",
    "Записываю, диктуйте.", "Хорошо.", "У нас три машины.", "Расскажите подробнее.", "Одну минуту.", "Какая у вас гарантия?",
]  # fmt: skip


def _yaml(key: str, texts: list[str]) -> str:
    return f"{key}:\n" + "".join(f"  - {text!r}\n" for text in texts)


def example_files() -> dict[str, str]:
    """A pack whose two objections also learn from examples."""
    files = trial_files()
    folder = "ru/trial/objections"
    for name, texts, phrase in (("price", PRICE, "дорого"), ("timing", TIMING, "не сейчас")):
        files[f"{folder}/{name}.yaml"] = rule_yaml(name, f"phrases: ['{phrase}']\nunless: [не смешите]\nthreshold: 0.3")
        files[f"{folder}/{name}.test.yaml"] = files["ru/trial/objections/price.test.yaml"]
        files[f"{folder}/{name}.examples.yaml"] = _yaml("like", texts)
    files["ru/_baseline/talk.yaml"] = _yaml("customer", ORDINARY)
    return files


@pytest.fixture(scope="module")
def pack() -> Pack:
    parsed = parse(raw(example_files()), "trial", "ru")
    assert parsed.pack is not None, parsed.problems
    assert parsed.problems == ()
    return parsed.pack


def objections(pack: Pack, text: str) -> list[str]:
    return sorted({hit.rule for hit in hits_in(pack, ("customer", text)) if hit.rule.startswith("objections/")})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Цены у вас кусаются.", ["objections/price"]),
        ("Нам такое не по карману.", ["objections/price"]),
        ("Перезвоните весной.", ["objections/timing"]),
        ("Обсудим после сезона.", ["objections/timing"]),
        ("Слушаю, говорите.", []),
        ("Три машины и склад.", []),
        ("Угу, угу.", []),
        ("", []),
    ],
)
def test_wordings_that_no_phrase_lists_are_found(pack: Pack, text: str, expected: list[str]) -> None:
    assert objections(pack, text) == expected


def test_the_reason_names_the_nearest_example_and_the_words_that_weighed_most(pack: Pack) -> None:
    (hit,) = hits_in(pack, ("customer", "Нам такое не по карману.")).of("objections/price")
    assert hit.evidence.template == "Не по карману нам это."
    assert any("карману" in fragment for fragment in hit.evidence.fragments)
    assert hit.similarity is not None
    assert hit.similarity == hit.evidence.similarity == round(hit.similarity, 3)


def test_a_phrase_speaks_louder_than_an_example(pack: Pack) -> None:
    """Where a phrase found the sentence, its template is the reason and there is one hit."""
    (hit,) = hits_in(pack, ("customer", "Для нас это дорого.")).of("objections/price")
    assert (hit.evidence.template, hit.similarity) == ("дорого", None)


def test_exceptions_and_negation_hold_for_examples_too(pack: Pack) -> None:
    assert objections(pack, "Не смешите, цена кусается.") == []
    assert objections(pack, "Для нас это не дорого.") == []


def test_a_turn_is_judged_as_a_whole_too() -> None:
    """An objection spread over sentences that say little each counts once, at its most telling sentence."""
    files = {path: text.replace("threshold: 0.3", "threshold: 0.93") for path, text in example_files().items()}
    strict = parse(raw(files), "trial", "ru").pack
    assert strict is not None
    sentences = ("Такие суммы.", "Ну не знаю.", "Нам бы чего попроще.")
    assert [objections(strict, sentence) for sentence in sentences] == [[], [], []]
    (hit,) = hits_in(strict, ("customer", " ".join(sentences))).of("objections/price")
    assert hit.evidence.quote == "Такие суммы"


def test_the_rep_saying_the_customers_words_fires_nothing(pack: Pack) -> None:
    assert not hits_in(pack, ("agent", "Цена кусается, понимаю.")).of("objections/price")


def test_training_twice_gives_the_same_model() -> None:
    first, second = (to_arrays(parse(raw(example_files()), "trial", "ru").pack.matcher.models) for _ in range(2))  # type: ignore[union-attr]
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_model_survives_as_plain_arrays(pack: Pack) -> None:
    arrays = to_arrays(pack.matcher.models)
    assert all(array.dtype != object for array in arrays.values()), "arrays of objects would need pickles"
    again = parse(raw(example_files()), "trial", "ru", models=from_arrays(arrays)).pack
    assert again is not None
    text = "Нам такое не по карману."
    assert [hit.evidence for hit in hits_in(again, ("customer", text))] == [
        hit.evidence for hit in hits_in(pack, ("customer", text))
    ]


@pytest.mark.parametrize("damage", ["outline", "customer.idf", "customer.0.weights", "customer.0.bias"])
def test_damaged_arrays_are_refused(pack: Pack, damage: str) -> None:
    arrays = to_arrays(pack.matcher.models)
    with pytest.raises(ValueError, match=r"."):
        from_arrays({**arrays, damage: arrays[damage][:1]})
    with pytest.raises(ValueError, match=r"."):
        from_arrays({name: array for name, array in arrays.items() if name != damage})


def test_peaceful_reactions_teach_what_is_no_objection() -> None:
    """«Давайте в четверг» is an example of agreement, hence none of an objection."""
    files = example_files()
    files["ru/trial/reactions/accepted.examples.yaml"] = _yaml(
        "like", [f"Давайте в четверг, вариант {n}." for n in range(6)]
    )
    parsed = parse(raw(files), "trial", "ru")
    assert parsed.pack is not None
    sets = {
        (found.group, found.speaker): found
        for found in example_sets(tuple(parsed.pack.rules.values()), parsed.baseline)
    }
    agreed = sets["objections", "customer"].texts.index("Давайте в четверг, вариант 0.")
    assert sets["objections", "customer"].labels[agreed] == frozenset()
    assert sets["objections", "customer"].against[agreed] == frozenset({0, 1})
    assert "Да, слушаю вас." not in sets["reactions", "customer"].texts, "ordinary talk is full of reactions"


def test_a_column_without_both_answers_never_fires() -> None:
    texts = tuple(f"слово {n}" for n in range(8))
    labels = tuple(frozenset({0} if n < 4 else ()) for n in range(8))
    nothing = tuple(frozenset[int]() for _ in range(8))
    found = train([ExampleSet("signals", "agent", False, ("signals/a",), texts, labels, nothing)], pipeline("ru"))
    group = found["agent"].groups[0]
    assert (group.similarities(np.array([[group.bias[0]]], dtype=np.float64)) < 0.5).all()


def test_words_of_the_vocabulary_weigh_one_in_each_block() -> None:
    rows = [pipeline("ru").words(text) for text in ("Цена кусается сильно", "дорого дорого дорого", "совсем не то")]
    vocabulary = Vocabulary.of(rows)
    matrix = vocabulary.matrix([*rows, pipeline("ru").words("xyz")])
    letters = matrix[:, : len(vocabulary.letters)]
    assert matrix.shape == (4, len(vocabulary))
    assert letters[3].nnz == 0
    assert np.allclose(letters[0].multiply(letters[0]).sum(), 1.0, atol=0.2)


def test_rules_with_too_little_to_learn_from_are_told() -> None:
    problems = parse_trial({"objections/price.examples.yaml": _yaml("like", PRICE)}).problems
    assert ["nothing to tell the examples from" in problem.message for problem in problems] == [True]


@pytest.fixture(scope="module")
def pack_with_a_floor() -> Pack:
    files = example_files()
    files["ru/trial/pack.yaml"] += "examples:\n  floors: {objections: 0.06}\n"
    files["ru/trial/objections/price.yaml"] = rule_yaml("price", "phrases: [дорого, машина]\nthreshold: 0.3")
    parsed = parse(raw(files), "trial", "ru")
    assert parsed.pack is not None, parsed.problems
    return parsed.pack


def test_a_phrase_in_a_sentence_unlike_all_examples_does_not_count(pack_with_a_floor: Pack) -> None:
    assert objections(pack_with_a_floor, "Для них это дорого.") == ["objections/price"]
    assert objections(pack_with_a_floor, "У нас три машины.") == []


def test_what_the_examples_outweighed_is_shown_as_a_near_miss(pack_with_a_floor: Pack) -> None:
    dialogue = Dialogue.of(call("ru", ("customer", "У нас три машины.")), pack_with_a_floor)
    miss = near_misses(dialogue, pack_with_a_floor, "objections/price")[0]
    assert (miss.template, miss.quote) == ("машина", "У нас три машины")
    assert miss.missing.startswith("сказано, но не похоже на примеры: сходство 0.0")


@pytest.fixture(scope="module")
def pack_with_odds() -> Pack:
    files = example_files()
    files["ru/trial/pack.yaml"] += "examples:\n  odds: {objections: {after_question: 0.01, after_statement: 0.5}}\n"
    parsed = parse(raw(files), "trial", "ru")
    assert parsed.pack is not None, parsed.problems
    return parsed.pack


def test_what_came_before_makes_a_rule_likelier_or_less_likely(pack: Pack, pack_with_odds: Pack) -> None:
    """The same words object after an offer and answer a question; with nothing before them they count as they are."""

    def similarity(pack: Pack, *before: str) -> float:
        turns = [("agent", text) for text in before] + [("customer", "Таких у нас нет.")]
        (hit,) = hits_in(pack, *turns).of("objections/price") or (None,)
        return 0.0 if hit is None or hit.similarity is None else hit.similarity

    alone = similarity(pack)
    assert 0.5 < alone < 0.95
    assert similarity(pack, "Сколько у вас печей?") == similarity(pack, "Печь стоит миллион.") == alone
    assert similarity(pack_with_odds) == alone
    assert similarity(pack_with_odds, "Сколько у вас печей?") == 0.0
    assert similarity(pack_with_odds, "Сколько у вас печей? Печь стоит миллион.") == pytest.approx(
        0.5 * alone / (1 - 0.5 * alone), abs=0.002
    )
