"""Errors of rule files, and why trials failed, are read in Russian by who reads Russian: the whole table of broken packs, and more."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from jinja2 import Environment

from service.rule_files import parse_yaml
from service.scoring.errors import DraftInvalid, PackError, PackProblem
from service.web.failures import failure_of
from service.web.formats import Formats
from service.web.language import Language
from service.web.rendering import environment
from service.web.rule_problem_sentences import TRIALS
from service.web.rule_problems import rule_problem_in, trial_problem_in
from service.web.visitor import Visitor
from tests.unit.scoring.rulefiles import problems_of
from tests.unit.scoring.test_half_edited import told_of_junk
from tests.unit.scoring.test_parsing_problems import BROKEN

#: Two English words beside each other: none is left when names of keys and files, and what stands in the file, are taken away.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
FILE_S_OWN = re.compile(r"""'[^']*'|"[^"]*"|\S*[/.]\S*|[\w{}]+(?:, [\w{}]+)+|\[.*?\]""")
UNTOLD = "назовёт её по-английски"


def visitor(language: Language) -> Visitor:
    return Visitor(language, Formats(language, UTC), datetime(2026, 11, 20, tzinfo=UTC))


def assert_told(message: str, *, quoted: bool = False) -> None:
    """`quoted`: what spaCy says of a raw pattern may stand there in its own words, in quotes."""
    shown = rule_problem_in(visitor("ru"), message)
    if quoted:
        shown = re.sub("“.*”", "", shown)
    assert UNTOLD not in shown, message
    assert re.search("[а-я]", shown), message
    assert not ENGLISH.search(FILE_S_OWN.sub("", shown)), shown
    assert rule_problem_in(visitor("en"), message) == message


@pytest.mark.parametrize("changes", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_every_problem_of_a_broken_pack_is_told_in_russian(changes: dict[str, str | None]) -> None:
    for problem in problems_of(changes):
        assert_told(problem.message)


def test_whatever_stands_in_the_place_of_anything_is_told_in_russian() -> None:
    for message in told_of_junk():
        assert_told(message, quoted=True)


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\nb: 2",
        "a:\n\t- 1",
        "a: 'x",
        "- a\nb: 1",
        "a: *x",
        "a: 1\n---\nb: 2",
        'a: "\\q"',
        "a: {b: 1",
        "a: @x",
        "%x",
    ],
)
def test_what_yaml_says_is_told_in_russian(text: str) -> None:
    problems = parse_yaml("x.yaml", text, "").problems
    assert problems
    for problem in problems:
        assert_told(problem.message)


def test_what_a_library_says_that_nobody_foresaw_is_quoted_after_russian_words() -> None:
    message = "'token_patterns': the pattern does not work: [E999] Something else."
    assert (
        rule_problem_in(visitor("ru"), message)
        == "'token_patterns': этот образец не работает: spaCy его не принимает: “[E999] Something else”"
    )


def test_a_problem_keeps_what_it_names() -> None:
    told = rule_problem_in(visitor("ru"), "rule: unknown key 'frases'; did you mean 'phrases'?")
    assert told == "правило: ключа 'frases' нет; может быть, 'phrases'?"


def test_a_draft_that_is_refused_names_its_errors_in_russian() -> None:
    error = DraftInvalid(
        (PackProblem("ru/mini/pack.yaml", 4, "'pass_mark': 70 is out of range; expected a number from 0 to 1"),)
    )
    (wrong,) = failure_of(error, visitor("ru")).fields
    assert wrong.name == "ru/mini/pack.yaml:4"
    assert wrong.message == "'pass_mark': 70 не подходит; ожидалось число от 0 до 1"


@pytest.mark.parametrize("sentence", TRIALS)
def test_why_a_trial_failed_is_told_in_russian(sentence: str) -> None:
    text = sentence % dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), "X1")
    (told,) = trial_problem_in(visitor("ru"), text)
    assert re.search("[а-я]", told)
    assert not ENGLISH.search(told)
    assert trial_problem_in(visitor("en"), text) == [text]


def test_a_trial_that_the_rules_stopped_names_each_place_on_a_line() -> None:
    problems = (
        PackProblem("ru/mini/pack.yaml", 4, "'pass_mark': 70 is out of range; expected a number from 0 to 1"),
        PackProblem(
            "ru/mini/objections/price.yaml",
            3,
            'this is not YAML: unacceptable character #x0007\n  in "<unicode string>", position 3',
        ),
    )
    assert trial_problem_in(visitor("ru"), str(PackError(problems))) == [
        "ru/mini/objections/price.yaml:3: это не YAML: в файле есть знак, которого в YAML не бывает",
        "ru/mini/pack.yaml:4: 'pass_mark': 70 не подходит; ожидалось число от 0 до 1",
    ]
    assert trial_problem_in(visitor("ru"), "no colour is red enough") == ["ошибка, о которой говорит только журнал"]


@pytest.mark.parametrize("name", ["draft.html", "draft_file.html", "pack.html", "draft_trial_state.html"])
def test_no_page_shows_a_problem_as_the_machine_put_it(name: str) -> None:
    found: Environment = environment("ru")
    assert found.loader is not None
    source, _, _ = found.loader.get_source(found, name)
    assert 'lang="en">{{' not in source
    assert "|rule_problem" in source or "|trial_problem" in source
