"""Rule files read while somebody edits them: whatever stands there, a call is scored or the file's problems are told."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.rule_files import parse_yaml
from service.scoring.parsing import check, parse
from service.scoring.scorecard import CallContext, score
from service.scoring.source import Node, RawFile
from tests.unit.scoring.rulefiles import TEST_YAML, call, raw, rule_yaml, trial_files

#: A rule with everything that a rule can have.
RICH = """\
speaker: any
phrases: [<pay> ... (вам|тебе), '"точно" <number>', дорого~]
token_patterns:
  - [{LEMMA: дорогой}, {LOWER: {IN: [очень, совсем]}, OP: "?"}]
unless: [не надо]
like: [раз тут слово, два тут слово, три тут слово, пять тут слово, шесть тут слово]
unlike: [совсем другое, ещё иное, хм один, хм два, хм три]
threshold: 0.6
negation: false
within: {first_turns: 3, last_turns: 4, first_seconds: 30}
near: {rule: price, turns: 2}
after: greeting
"""
LIST = "items: [заплатить, оплатить]\n"
TALK = call(
    "ru",
    ("agent", "Добрый день! Удобно говорить?"),
    ("customer", "Это слишком дорого, совсем дорого 25 рублей."),
    ("agent", "Понимаю. Вы экономите 100 рублей."),
    ("customer", "Хорошо, давайте."),
)
JUNK = (
    Node(None, 3),
    Node("", 3),
    Node("два слова", 3),
    Node(5, 3),
    Node(-1.5, 3),
    Node(float("nan"), 3),
    Node(float("inf"), 3),
    Node(True, 3),
    Node((), 3),
    Node({}, 3),
    Node((Node("a", 3), Node(None, 4)), 3),
    Node((Node((), 3),), 3),
    Node({"a": Node(1, 3)}, 3),
    Node(10**30, 3),
)
CUTS = ("", "\n", "-", ":", "[", "{", "|", '"', "'", "\t", "#", "&", "*", "!")


@cache
def files() -> dict[str, str]:
    found = trial_files()
    found["ru/trial/signals/rich.yaml"] = rule_yaml("rich", RICH)
    found["ru/trial/signals/rich.test.yaml"] = TEST_YAML
    found["ru/_lists/pay.yaml"] = LIST
    return found


@cache
def nodes() -> tuple[tuple[str, tuple[str | int, ...]], ...]:
    return tuple((path, place) for path, file in raw(files()).items() if file.root for place in _places(file.root))


def _places(node: Node, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    value = node.value
    inside: list[tuple[str | int, Node]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, tuple):
        inside = list(enumerate(value))
    return [place, *(found for key, child in inside for found in _places(child, (*place, key)))]


def _with(node: Node, place: tuple[str | int, ...], new: Node) -> Node:
    if not place:
        return new
    key, *deeper = place
    if isinstance(node.value, dict):
        changed = {
            name: _with(child, tuple(deeper), new) if name == key else child for name, child in node.value.items()
        }
        return Node(changed, node.line)
    assert isinstance(node.value, tuple)
    items = tuple(_with(child, tuple(deeper), new) if at == key else child for at, child in enumerate(node.value))
    return Node(items, node.line)


def scored_or_told(changed: dict[str, RawFile]) -> None:
    parsed = parse(changed, "trial", "ru")
    assert parsed.pack is not None or parsed.problems
    if parsed.pack is not None:
        assert score(TALK, parsed.pack, CallContext("outbound", "sdr"), explain=True).canonical_json()


def told_of_junk() -> set[str]:
    """What is said of some junk in each place of a file of each kind."""
    good = raw(files())
    told: set[str] = set()
    kinds = [
        f"ru/{name}"
        for name in (
            "trial/pack.yaml",
            "trial/signals/rich.yaml",
            "trial/objections/price.test.yaml",
            "_lists/pay.yaml",
        )
    ]
    for path, place in nodes():
        if path not in kinds:
            continue
        root = good[path].root
        assert root is not None
        for junk in (
            Node(None, 3),
            Node("два слова", 3),
            Node(-1.5, 3),
            Node(True, 3),
            Node((), 3),
            Node({"a": Node(1, 3)}, 3),
        ):
            changed = good | {path: RawFile(path, _with(root, place, junk), "x")}
            told |= {problem.message for problem in check(changed, "trial", "ru").problems}
    return told


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_cut_off_anywhere(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(files())))
    text = files()[path]
    first = data.draw(st.integers(0, len(text)))
    end = data.draw(st.sampled_from((first, first + 1, first + 9, len(text))))
    changed = text[:first] + data.draw(st.sampled_from(CUTS)) + text[end:]
    scored_or_told(raw(files()) | {path: parse_yaml(path, changed, "x")})


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_anything_in_the_place_of_anything(data: st.DataObject) -> None:
    path, place = data.draw(st.sampled_from(nodes()))
    good = raw(files())
    root = good[path].root
    assert root is not None
    junk = data.draw(st.sampled_from(JUNK))
    scored_or_told(good | {path: RawFile(path, _with(root, place, junk), "x")})


@pytest.mark.parametrize(
    "pattern",
    ["{LEMMA: цена, OP: []}", "{IS_ALPHA: да}", "{LEMMA: {REGEX: '['}}", "{LENGTH: -1}", "{LEMMA: true}"],
)
def test_a_pattern_that_spacy_cannot_run_is_told_when_it_is_read_not_at_a_call(pattern: str) -> None:
    path = "ru/trial/signals/rich.yaml"
    changed = files()[path].replace("  - [{LEMMA: дорогой}", f"  - [{pattern}, {{LEMMA: дорогой}}")
    parsed = parse(raw(files() | {path: changed}), "trial", "ru")
    assert parsed.problems
    scored_or_told(raw(files() | {path: changed}))
