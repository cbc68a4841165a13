"""Two texts -> the lines that differ, with some around them, as people read a change."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

#: Unchanged lines shown before and after a change.
AROUND = 3
#: Lines of one file that a page shows; a rewritten list of examples has thousands.
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is the line's in the text that it stands in: after the change, of a removed line before it."""

    kind: Literal["same", "added", "removed", "gap"]
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TextDiff:
    """`more` lines are left out at the end."""

    lines: tuple[Line, ...]
    added: int
    removed: int
    more: int


def text_diff(before: str, after: str) -> TextDiff:
    """How `after` differs from `before`, line by line."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
        if lines:
            lines.append(Line("gap", group[0][3], ""))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [Line("same", new_from + at + 1, text) for at, text in enumerate(new[new_from:new_to])]
                continue
            lines += [Line("removed", old_from + at + 1, text) for at, text in enumerate(old[old_from:old_to])]
            lines += [Line("added", new_from + at + 1, text) for at, text in enumerate(new[new_from:new_to])]
    return TextDiff(
        tuple(lines[:MOST_LINES]),
        added=sum(line.kind == "added" for line in lines),
        removed=sum(line.kind == "removed" for line in lines),
        more=max(0, len(lines) - MOST_LINES),
    )
