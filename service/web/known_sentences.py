"""Sentences of the service found again by their form, with what they name, and said in the visitor's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from service.web.visitor import Visitor

#: What may stand in a place that is not named in `shapes`.
_ANYTHING = r".+?"
_PLACE = re.compile(r"%\\\((\w+)\\\)s")
#: How a place's own words are said; what has none stays as it is.
Inner = Mapping[str, Callable[[Visitor, str], str]]


def said_again(
    visitor: Visitor, message: str, sentences: tuple[str, ...], inner: Inner, shapes: tuple[tuple[str, str], ...] = ()
) -> str:
    """The first of the sentences that the message is, in the visitor's language; empty if it is none of them.

    `shapes` are regular expressions by name for places that cannot hold just anything.
    """
    for sentence, form in _forms(sentences, shapes):
        if found := form.fullmatch(message):
            filled = {
                name: inner[name](visitor, text) if name in inner else text for name, text in found.groupdict().items()
            }
            return visitor.say(sentence) % filled if filled else visitor.say(sentence)
    return ""


@cache
def _forms(sentences: tuple[str, ...], shapes: tuple[tuple[str, str], ...]) -> Sequence[tuple[str, re.Pattern[str]]]:
    """Each sentence and what it looks like when it is filled; the first letter may be either, and a full stop at the end."""
    known = dict(shapes)
    found = []
    for sentence in sentences:
        form = _PLACE.sub(
            lambda place: f"(?P<{place[1]}>{known.get(place[1], _ANYTHING)})", re.escape(sentence.removesuffix("."))
        )
        # What a check of types found besides is left out, and whatever follows on an ellipsis.
        tail = r"(?:, .+)?" if sentence.startswith("input should be") else r"\.?"
        if sentence.endswith("…"):
            form, tail = form.removesuffix("…"), ".*"
        found.append((sentence, re.compile(form + tail, re.IGNORECASE | re.DOTALL)))
    return tuple(found)
