"""Every way in which a pack can be broken is reported with its file, its line and what was expected."""

from __future__ import annotations

import pytest

from service.scoring.errors import PackError
from service.scoring.parsing import parse_pack
from tests.unit.scoring.rulefiles import PACK_YAML, TEST_YAML, parse_trial, problems_of, raw, rule_yaml, trial_files

PRICE = "objections/price.yaml"
GREETING = "script/greeting.yaml"


def price(body: str) -> dict[str, str | None]:
    """The price rule with another body (from line 3 of its file on)."""
    return {PRICE: rule_yaml("price", body)}


def greeting(body: str) -> dict[str, str | None]:
    return {GREETING: rule_yaml("greeting", f"phrases: [добрый день]\n{body}")}


def header(old: str, new: str) -> dict[str, str | None]:
    """pack.yaml with one piece replaced."""
    assert old in PACK_YAML
    return {"pack.yaml": PACK_YAML.replace(old, new)}


#: (what is broken, changes, file and line of the problem, words of its message)
BROKEN: list[tuple[str, dict[str, str | None], str, str]] = [
    ("no YAML", {PRICE: "id: price\n  title: ["}, "price.yaml:2", "not YAML"),
    ("an empty file", {PRICE: ""}, "price.yaml:1", "empty"),
    ("a list instead of a mapping", {PRICE: "- a\n"}, "price.yaml:1", "expected a mapping"),
    ("a key twice", price("phrases: [дорого]\nphrases: [дорого]"), "price.yaml:4", "stands there twice"),
    ("an unknown key", price("frases: [дорого]\nphrases: [дорого]"), "price.yaml:3", "did you mean 'phrases'"),
    ("an id unlike the file's name", {PRICE: rule_yaml("prices", "phrases: [дорого]")}, "price.yaml:1", "the name of the file"),
    ("no id", {PRICE: "title: {ru: а, en: b}\nphrases: [дорого]"}, "price.yaml:1", "'id' is missing"),
    ("no title in one language", {PRICE: "id: price\ntitle: {ru: Цена}\nphrases: [дорого]"}, "price.yaml:2", "'en' is missing"),
    ("an empty title", {PRICE: "id: price\ntitle: {ru: '', en: b}\nphrases: [дорого]"}, "price.yaml:2", "an empty one"),
    ("the wrong speaker", price("speaker: agent\nphrases: [дорого]"), "price.yaml:3", "spoken by the customer"),
    ("an unknown speaker", price("speaker: boss\nphrases: [дорого]"), "price.yaml:3", "expected one of agent, customer, any"),
    ("a speaker that is a mapping", price("speaker: {boss: 1}\nphrases: [дорого]"), "price.yaml:3", "found a mapping"),
    ("no speaker in a signal", {"signals/x.yaml": rule_yaml("x", "phrases: [а]"), "signals/x.test.yaml": TEST_YAML}, "x.yaml:1", "'speaker' is missing"),
    ("nothing to find", price("negation: false"), "price.yaml:1", "can never fire"),
    ("conditions but nothing to find", price("after: greeting"), "price.yaml:1", "nothing to find"),
    ("phrases that are no list", price("phrases: дорого"), "price.yaml:3", "expected a list, found a text"),
    ("a phrase that is a number", price("phrases:\n  - дорого\n  - 15"), "price.yaml:5", "expected a text, found a number"),
    ("the same phrase twice", price("phrases:\n  - дорого\n  - дорого"), "price.yaml:5", "stands in line 4"),
    ("an open bracket", price("phrases: ['(дорого']"), "price.yaml:3", "column 1: ( is never closed"),
    ("the wrong closing bracket", price("phrases: ['очень (дорого]']"), "price.yaml:3", "column 14: unexpected ]: expected )"),
    ("an empty alternative", price("phrases: ['(дорого|)']"), "price.yaml:3", "column 8: nothing stands here"),
    ("an open quote", price("phrases: ['\"дорого']"), "price.yaml:3", "the quote is never closed"),
    ("an unknown list", price("phrases: [нет <budget>]"), "price.yaml:3", "unknown list <budget>"),
    ("a bad list name", price("phrases: [нет <Мой список>]"), "price.yaml:3", "is no list name"),
    ("only optional words", price("phrases: ['[очень] [дорого]']"), "price.yaml:3", "matches the empty string"),
    ("a template of only a gap", price("phrases: ['... ...']"), "price.yaml:3", "matches the empty string"),
    ("too many ways to say it", price(f"phrases: ['{' '.join(['(а б|в г|д е)'] * 6)}']"), "price.yaml:3", "more than 500 ways"),
    ("a gap too long", price("phrases: [дорого ..40.. нам]"), "price.yaml:3", "expected 1 to 12"),
    ("a fuzzy word too short", price("phrases: [да~]"), "price.yaml:3", "at least 4 letters"),
    ("repetition", price("phrases: [дорого+]"), "price.yaml:3", "word+ is not part"),
    ("counted repetition", price("phrases: ['дорого {1,2}']"), "price.yaml:3", "{N,M} is not part"),
    ("half words", price("phrases: [дорог(о|а)]"), "price.yaml:3", "expected a space"),
    ("brackets too deep", price(f"phrases: ['{'(' * 20}дорого{')' * 20}']"), "price.yaml:3", "nested deeper"),
    ("an unless without phrases", {PRICE: rule_yaml("price", "any_of: [greeting]\nunless: [не дорого]")}, "price.yaml:4", "'unless' means nothing"),
    ("a bad unless", price("phrases: [дорого]\nunless: ['(не']"), "price.yaml:4", "never closed"),
    ("an unknown token attribute", price("token_patterns: [[{LEMA: цена}]]"), "price.yaml:3", "unknown token attribute 'LEMA'"),
    ("an unknown operator", price("token_patterns: [[{LEMMA: цена, OP: '%'}]]"), "price.yaml:3", "unknown operator"),
    ("an operator that is a list", price("token_patterns: [[{LEMMA: цена, OP: []}]]"), "price.yaml:3", "unknown operator []"),
    ("a yes-or-no attribute with a word", price("token_patterns: [[{LEMMA: цена, IS_ALPHA: да}]]"), "price.yaml:3", "IS_ALPHA"),
    ("a regular expression that is none", price("token_patterns: [[{LEMMA: {REGEX: '['}}]]"), "price.yaml:3", "unterminated character set"),
    ("a length below zero", price("token_patterns: [[{LENGTH: -1}]]"), "price.yaml:3", "the pattern does not work"),
    ("a lemma that is true", price("token_patterns: [[{LEMMA: true}]]"), "price.yaml:3", "the pattern does not work"),
    ("a pattern that matches anything", price("token_patterns: [[{OP: '?'}]]"), "price.yaml:3", "matches anything"),
    ("a pattern that is no list of tokens", price("token_patterns: [цена]"), "price.yaml:3", "expected a list of token descriptions"),
    ("a threshold beyond 1", price("phrases: [дорого]\nthreshold: 1.5"), "price.yaml:4", "from 0 to 1"),
    ("negation that is no yes or no", price("phrases: [дорого]\nnegation: maybe"), "price.yaml:4", "expected true or false"),
    ("a count of nothing", price("phrases: [дорого]\ncount: 0"), "price.yaml:4", "from 1 to 1000"),
    ("half a turn", price("phrases: [дорого]\nwithin: {first_turns: 1.5}"), "price.yaml:4", "whole number"),
    ("a place without a limit", price("phrases: [дорого]\nwithin: {}"), "price.yaml:4", "expected one of first_turns"),
    ("an unknown rule after which", price("phrases: [дорого]\nafter: greting"), "price.yaml:4", "did you mean 'greeting'"),
    ("a rule near itself", price("phrases: [дорого]\nnear: {rule: price, turns: 1}"), "price.yaml:4", "refers to itself"),
    ("near without turns", price("phrases: [дорого]\nnear: {rule: greeting}"), "price.yaml:4", "'turns' is missing"),
    ("phrases beside all_of", price("phrases: [дорого]\nall_of: [greeting]"), "price.yaml:4", "cannot stand beside"),
    (
        "a circle of rules",
        {GREETING: rule_yaml("greeting", "any_of: [closing]"), "script/closing.yaml": rule_yaml("closing", "any_of: [greeting]")},
        "closing.yaml:1",
        "in a circle: script/closing -> script/greeting -> script/closing",
    ),
    ("a negative weight", greeting("weight: -1"), "greeting.yaml:4", "from 0 to 100"),
    ("a weight of nothing", greeting("weight: 0"), "greeting.yaml:4", "delete it"),
    ("an unknown direction", greeting("applies_when: {direction: [sideways]}"), "greeting.yaml:4", "inbound, outbound"),
    ("an unknown role", greeting("applies_when: {role: [boss]}"), "greeting.yaml:4", "sdr, sales_manager"),
    ("partial points beyond 1", greeting("partial: {rule: closing, points: 2}"), "greeting.yaml:4", "from 0 to 1"),
    ("an order after no item", greeting("order_after: price"), "greeting.yaml:4", "expected a script item"),
    ("a weight on an objection", price("phrases: [дорого]\nweight: 2"), "price.yaml:4", "unknown key 'weight'"),
    ("no severity", {"violations/overpromise.yaml": rule_yaml("overpromise", "phrases: [а]")}, "overpromise.yaml:1", "'severity' is missing"),
    ("an unknown severity", {"violations/overpromise.yaml": rule_yaml("overpromise", "phrases: [а]\nseverity: huge")}, "overpromise.yaml:4", "low, medium, high"),
    ("an unknown step", {"steps/hug.yaml": rule_yaml("hug", "phrases: [а]"), "steps/hug.test.yaml": TEST_YAML}, "hug.yaml:1", "steps are acknowledge"),
    ("an argument for no objection", {"arguments/trust.yaml": rule_yaml("trust", "phrases: [а]"), "arguments/trust.test.yaml": TEST_YAML}, "trust.yaml:1", "no objection type 'trust'"),
    ("the same id in two groups", {"signals/price.yaml": rule_yaml("price", "speaker: any\nphrases: [а]"), "signals/price.test.yaml": TEST_YAML}, "price.yaml:1", "already used by"),
    ("a bad file name", {"signals/Мой.yaml": rule_yaml("x", "speaker: any\nphrases: [а]")}, "Мой.yaml:1", "lower-case letters"),
    ("an unknown folder", {"things/x.yaml": rule_yaml("x", "phrases: [а]")}, "x.yaml:1", "no place for a rule"),
    ("no test file", {"objections/price.test.yaml": None}, "price.yaml:1", "price.test.yaml beside it is missing"),
    ("a test file without a rule", {"objections/other.test.yaml": TEST_YAML}, "other.test.yaml:1", "expected other.yaml"),
    ("too few tests", {"objections/price.test.yaml": "match: [а]\nno_match: [а, б, в, г, д, е, ж, з]"}, "price.test.yaml:1", "at least 8"),
    ("a test twice", {"objections/price.test.yaml": TEST_YAML + "known_miss: [м один]"}, "price.test.yaml:3", "stands in line 1"),
    ("a test of an unknown kind", {"objections/price.test.yaml": TEST_YAML + "misses: [а]"}, "price.test.yaml:3", "unknown key 'misses'"),
    ("an example for and against", {"objections/price.examples.yaml": "like: [дорого]\nunlike: [дорого]"}, "price.examples.yaml:2", "in 'like' and in 'unlike'"),
    ("too few examples", {"objections/price.examples.yaml": "like: [дорого, дороговато]"}, "price.yaml:1", "at least 5"),
    (
        "examples without counter-examples",
        {"objections/price.examples.yaml": "like: [дорого, дороговато, цена кусается, не по карману, накладно]"},
        "price.yaml:1",
        "'unlike' or a baseline",
    ),
    ("a list without entries", {"_lists/budget.yaml": "list: []"}, "budget.yaml:1", "at least one template"),
    ("a list of nothing", {"_lists/budget.yaml": "lst: [а]"}, "budget.yaml:1", "'list' is missing"),
    ("a bad template in a list", {"_lists/budget.yaml": "list:\n  - (а"}, "budget.yaml:2", "never closed"),
    ("a list that contains itself", {"_lists/budget.yaml": "list: [а, <budget>]", **price("phrases: [нет <budget>]")}, "price.yaml:3", "contains itself"),
    ("a baseline of an unknown speaker", {"_baseline/talk.yaml": "boss: [а]"}, "talk.yaml:1", "unknown key 'boss'"),
    ("no pack.yaml", {"pack.yaml": None}, "pack.yaml:1", "is missing"),
    ("a pack id unlike the folder", header("id: trial", "id: other"), "pack.yaml:1", "the name of the pack's folder"),
    ("odds of nothing", header("flags:", "examples: {odds: {objections: {after_question: 0}}}\nflags:"), "pack.yaml:14", "from 0.01 to 100"),
    ("odds after what nobody says", header("flags:", "examples: {odds: {objections: {after_offer: 2}}}\nflags:"), "pack.yaml:14", "after_question"),
    ("a bad version", header("version: 1.0.0", "version: '1'"), "pack.yaml:2", "three numbers"),
    ("a pass mark beyond 1", header("pass_mark: 0.7", "pass_mark: 70"), "pack.yaml:4", "from 0 to 1"),
    ("an item without a file", header("[greeting, closing]", "[greeting, closing, song]"), "pack.yaml:6", "no file script/song.yaml"),
    ("an item twice", header("[greeting, closing]", "[greeting, closing, closing]"), "pack.yaml:6", "twice"),
    ("an item that is not listed", header("[greeting, closing]", "[greeting]"), "closing.yaml:1", "not in the 'script' list"),
    ("no policy", {"pack.yaml": PACK_YAML.split("policy:")[0]}, "pack.yaml:1", "'policy' is missing"),
    ("an unknown step in the policy", header("all_of: [argument], any_of", "all_of: [hug], any_of"), "pack.yaml:10", "acknowledge, clarify"),
    ("a step without a rule", header("any_of: [acknowledge]", "any_of: [clarify]"), "pack.yaml:10", "no steps/clarify.yaml"),
    ("points beyond 5", header("points: 3", "points: 7"), "pack.yaml:12", "from 0 to 5"),
    ("a last row with conditions", header("points: 0,", "points: 0, any_of: [argument],"), "pack.yaml:13", "must have no conditions"),
    ("a row after one that always holds", header("points: 3, all_of: [argument],", "points: 3,"), "pack.yaml:12", "no row after it"),
    ("no reason", header(", reason: {ru: ничего, en: nothing}", ""), "pack.yaml:13", "'reason' is missing"),
    ("a row that cannot hold", header("all_of: [argument], reason", "all_of: [argument], none_of: [argument], reason"), "pack.yaml:12", "can never hold"),
    ("more steps than there are", header("all_of: [argument], reason", "at_least: {n: 3, of: [argument]}, reason"), "pack.yaml:12", "can never hold"),
    ("a gate beyond one", header("flags:", "gate: {accuracy: 80, minimum_n: 30}\nflags:"), "pack.yaml:14", "'accuracy'"),
    ("a gate without a number", header("flags:", "gate: {accuracy: 0.8}\nflags:"), "pack.yaml:14", "'minimum_n' is missing"),
    ("a gate that waits for nobody", header("flags:", "gate: {accuracy: 0.8, minimum_n: 0}\nflags:"), "pack.yaml:14", "'minimum_n'"),
    ("an unknown flag", header("code: critical_missed", "code: bad_mood"), "pack.yaml:15", "critical_missed"),
    ("a flag twice", header("code: low_adherence", "code: critical_missed"), "pack.yaml:16", "twice"),
    ("a flag without its limit", header(", below: 0.5", ""), "pack.yaml:16", "'below' is missing"),
    ("a limit without a meaning", header("severity: high}", "severity: high, below: 1}"), "pack.yaml:15", "means nothing"),
    ("a severity from no violation", header("severity: high}", "severity: from_violation}"), "pack.yaml:15", "only for the flag"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "words"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_pack_says_where_and_what_was_expected(changes: dict[str, str | None], place: str, words: str) -> None:
    problems = problems_of(changes)
    assert any(f"{problem.file}:{problem.line}".endswith(place) and words in problem.message for problem in problems), (
        "\n".join(str(problem) for problem in problems) or "no problem was found"
    )


def test_the_pack_that_the_others_break_is_good() -> None:
    parsed = parse_trial()
    assert parsed.problems == ()
    assert parsed.pack is not None


def test_all_problems_are_reported_at_once_in_order() -> None:
    """Somebody who mends a pack sees the whole list, not one problem after another."""
    problems = problems_of(
        {**price("frases: [x]"), **greeting("weight: -1"), **header("pass_mark: 0.7", "pass_mark: x")}
    )
    assert len({problem.file for problem in problems}) == 3
    assert list(problems) == sorted(problems)


def test_parse_pack_raises_all_problems_together() -> None:
    files = trial_files()
    files["ru/trial/objections/price.yaml"] = rule_yaml("price", "phrases: ['(дорого']\nnegation: maybe")
    with pytest.raises(PackError) as caught:
        parse_pack(raw(files), "trial", "ru")
    assert [problem.line for problem in caught.value.problems] == [3, 4]
    assert "price.yaml:3" in str(caught.value)


def test_a_pack_that_only_lacks_tests_can_be_tried_out() -> None:
    """Whoever writes a pack runs `rules test` long before every file is there."""
    parsed = parse_trial(
        {"objections/price.test.yaml": None, "steps/acknowledge.yaml": None, "steps/acknowledge.test.yaml": None}
    )
    assert parsed.pack is not None
    assert len(parsed.problems) == 2
