"""Rule files from people's machines: whatever stands in them becomes a problem with a line, and never the end of the process."""

from __future__ import annotations

import pytest

from service.rule_files import parse_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[" * 100_000, 1, "nested deeper"),
        ("a: 1\nb: " + "{c: " * 100_000, 2, "nested deeper"),
        ("- " * 100_000 + "x", 1, "nested deeper"),
        (BOMB, 1, "that *aliases repeat"),
        ("a: &a [*a]", 1, "not YAML"),
        ("a: 1\na: 2", 2, "stands there twice"),
        ("a: [1\nb: 2", 2, "not YAML"),
        ("", 1, "empty"),
    ],
    ids=["lists", "mappings", "dashes", "aliases", "endless", "twice", "cut off", "empty"],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, words: str) -> None:
    (problem,) = parse_yaml("ru/mini/pack.yaml", text, "").problems
    assert (problem.file, problem.line) == ("ru/mini/pack.yaml", line)
    assert words in problem.message


def test_a_number_of_a_hundred_thousand_digits_is_a_text() -> None:
    file = parse_yaml("x.yaml", "weight: " + "9" * 100_000, "")
    assert file.root is not None
    assert file.problems == ()
