"""The template syntax: what authors may write, and where an error points."""

from __future__ import annotations

from itertools import product

import pytest
from hassil import parse_sentence, sample_expression

from service.scoring.language import pipeline
from service.scoring.lexemes import TemplateError
from service.scoring.slots import MOST_ROWS, Expander, Row
from service.scoring.templates import LONGEST_TEMPLATE, parse_template


def said(template: str, lists: dict[str, list[str]] | None = None) -> list[str]:
    """Every way to say an English template, as readable text; `?` marks an optional word."""
    trees = {name: tuple(parse_template(entry) for entry in entries) for name, entries in (lists or {}).items()}
    return [_shown(row) for row in Expander(pipeline("en"), trees).rows(parse_template(template))]


def _shown(row: Row) -> str:
    words = []
    for slot in row:
        word = {"gap": f"..{slot.gap}", "number": "#", "word": "*"}.get(slot.kind) or "/".join(sorted(slot.options))
        words.append(word + {"exact": "!", "fuzzy": "~"}.get(slot.kind, "") + "?" * slot.optional)
    return " ".join(words)


@pytest.mark.parametrize(
    ("template", "ways"),
    [
        ("too expensive", ["too expensive"]),
        ("(too|very|rather) expensive", ["rather/too/very expensive"]),
        ("[too] expensive", ["too? expensive"]),
        ("[too|far too] expensive", ["too? expensive", "far too expensive", "expensive"]),
        ("yes|of course", ["yes", "of course"]),
        ("out of ... budget", ["out of ..4 budget"]),
        ("price ..2.. high", ["price ..2 high"]),
        ("price … high", ["price ..4 high"]),
        ('"too much" money', ["too! much! money"]),
        ("guarantee~", ["guarantee~"]),
        ("no, thanks!", ["no thank"]),
        ("don't need", ["do not need"]),
        ("twenty five percent", ["25 percent"]),
        ("25 %", ["25 percent"]),
        ("in <number> days", ["in # day"]),
        ("my name is <word>", ["my name be *"]),
        ("no <money> left", ["no budget/money left"]),
        ("((nested) [words|here])", ["nested here/word?"]),
        ("a ... [b]", ["a", "a ..4 b"]),
        ("[a] ... b", ["b", "a ..4 b"]),
        ("... a ...", ["a"]),
    ],
)
def test_a_template_can_be_said_in_these_ways(template: str, ways: list[str]) -> None:
    assert said(template, {"money": ["money", "budget"]}) == ways


def test_lists_may_use_lists() -> None:
    assert said("<a>", {"a": ["one", "<b> two"], "b": ["three"]}) == ["one", "3 2"]


@pytest.mark.parametrize(
    ("template", "column", "words"),
    [
        ("", 1, "nothing stands here"),
        ("price (high", 7, "( is never closed"),
        ("price) high", 6, "nothing was opened"),
        ("(price] high", 7, "expected )"),
        ("price [] high", 7, "nothing stands here"),
        ('say "cheap', 5, "the quote is never closed"),
        ('say "!" now', 5, "the quotes hold no word"),
        ("no <budget", 4, "never closed"),
        ("no <Big List>", 4, "no list name"),
        ("no ..99.. way", 4, "a gap of 99 words"),
        ("a {1,2}", 3, "write ..N.. for a gap"),
        ("yes+ we can", 1, "word+"),
        ("abc~", 1, "at least 4 letters"),
        ("price~high", 7, "expected a space"),
        ("dear(est)", 5, "expected a space"),
        ("🙂", 1, "unexpected"),
        ("x " * LONGEST_TEMPLATE, 1, "characters long"),
    ],
)
def test_an_error_names_its_column(template: str, column: int, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(template)
    assert (caught.value.column, words in caught.value.message) == (column, True), caught.value.message


def test_a_template_may_be_said_in_at_most_so_many_ways() -> None:
    pairs = "(a b|c d|e f)"
    assert len(said(" ".join([pairs] * 5))) == 3**5 <= MOST_ROWS
    with pytest.raises(TemplateError, match="more than 500 ways"):
        said(" ".join([pairs] * 6))


def test_counting_the_ways_takes_no_time_when_there_are_far_too_many() -> None:
    with pytest.raises(TemplateError, match="more than 500 ways"):
        said(" ".join(["(a b|c d|e f|g h)"] * 60))


@pytest.mark.parametrize(
    "template",
    [
        "(red|green) light",
        "[please] stop (now|at once)",
        "(a|b [c]) d",
        "one two three",
        "[x] (y|z)",
        "((deep|er) still)",
    ],
)
def test_brackets_mean_what_they_mean_in_hassil(template: str) -> None:
    """Authors who know Home Assistant's sentences find the same syntax here."""
    theirs = {" ".join(text.split()) for text in sample_expression(parse_sentence(template).expression)}
    ours: set[str] = set()
    lists = Expander(_Verbatim(), {})  # type: ignore[arg-type]
    for row in lists.rows(parse_template(template)):
        choices = [sorted(slot.options) + [""] * slot.optional for slot in row]
        ours.update(" ".join(" ".join(words).split()) for words in product(*choices))
    assert ours == theirs


class _Verbatim:
    """Reads words without lemmas, so that texts can be compared with hassil's."""

    def __init__(self) -> None:
        self._english = pipeline("en")
        self.lexicon = self._english.lexicon

    def words(self, text: str) -> list[object]:
        return [
            word._replace(text=piece, lemmas=(piece,)) for piece in text.split() for word in self._english.words("x")
        ]
