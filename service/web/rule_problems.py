"""Problems of rule files in the visitor's language. `callscore rules check` and the API name them in English."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.web.known_sentences import Inner, said_again
from service.web.language import WRITTEN_IN, said
from service.web.problem_details import detail_in
from service.web.rule_problem_sentences import KIND, PROBLEMS, REGEX, SPACY, TEMPLATE, TRIALS, WHERE, YAML
from service.web.visitor import Visitor

_ANY = said("there is an error here; `callscore rules check` names it in English")
_NO_YAML = said("it cannot be read from this line on")
_NO_TEMPLATE = said("this is no template")
# What a library says that nobody has foreseen is still of use to who writes raw patterns.
_NO_PATTERN = said("spaCy does not take it: “%(error)s”")
_NO_REGEX = said("this is no regular expression: “%(error)s”")
_UNTOLD = said("an error that only the log tells")
_NAME = r"""(?:'[^']*'|"[^"]*")"""
#: What stands in places that cannot hold just anything, so that no sentence is taken for another.
_SHAPES = (
    ("where", rf"an entry of {_NAME}|{_NAME}|rule|test file|example file|baseline|list|KPI file|pack\.yaml"),
    ("key", _NAME),
    ("near", _NAME),
    ("name", rf"{_NAME}|.+?"),
    ("group", r"\w+"),
    ("column", r"\d+"),
    ("line", r"\d+"),
    ("fewest", r"\d+"),
    ("at", r"\d+"),
    ("text", r".+"),
)
#: A problem as `PackError` puts it into a line of its own.
_LINE = re.compile(r"(\S.*?:\d+): (.+)", re.DOTALL)


def rule_problem_in(visitor: Visitor, message: str) -> str:
    """What is wrong in a file, always something; the message itself for who reads English."""
    if visitor.language == WRITTEN_IN:
        return message
    return said_again(visitor, message, PROBLEMS, _INNER, _SHAPES) or detail_in(visitor, message) or visitor.say(_ANY)


def trial_problem_in(visitor: Visitor, text: str) -> list[str]:
    """Why a trial was not finished, a line for each problem; one that only the log tells says so."""
    if visitor.language == WRITTEN_IN:
        return text.splitlines()
    told = said_again(visitor, text, TRIALS, {}) or detail_in(visitor, text)
    if told:
        return [told]
    # A message may have several lines itself: those that begin with no place go with the one before.
    problems: list[str] = []
    for line in text.splitlines():
        if not problems or _LINE.fullmatch(line):
            problems.append(line)
        else:
            problems[-1] += f"\n{line}"
    found = [_LINE.fullmatch(problem) for problem in problems]
    return [f"{line[1]}: {rule_problem_in(visitor, line[2])}" if line else visitor.say(_UNTOLD) for line in found]


def _part(sentences: tuple[str, ...], inner: Inner, otherwise: str | None = None) -> Callable[[Visitor, str], str]:
    """How a place is said that holds one of these; None: what is none of them is the file's own word."""

    def told(visitor: Visitor, text: str) -> str:
        known = said_again(visitor, text, sentences, inner, _SHAPES)
        if known or otherwise is None:
            return known or text
        return visitor.say(otherwise) % {"error": text} if "%(" in otherwise else visitor.say(otherwise)

    return told


_INNER: Inner = {
    "where": _part(WHERE, {}),
    "kind": _part(KIND, {}),
    "template": _part(TEMPLATE, {}, _NO_TEMPLATE),
    "yaml": _part(YAML, {}, _NO_YAML),
    "spacy": _part(SPACY, {"regex": _part(REGEX, {}, _NO_REGEX)}, _NO_PATTERN),
}
