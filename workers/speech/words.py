"""Aligned tokens -> words: what belongs together is one word, with its time on the window's clock and its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.scoring.transcript import Word


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where tokens were said: pairs (token, encoder state) along the best path, and each token's probability (0..1)."""

    path: Sequence[tuple[int, int]]
    probabilities: Sequence[float]


#: What stands for bytes that are no character.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def timed(pieces: Sequence[str], sizes: Sequence[int], alignment: Alignment, *, state_s: float) -> tuple[Word, ...]:
    """Words of a text from its `pieces` (strings of `sizes` tokens each; the last piece is the end of the text).

    `state_s` is the time that one encoder state stands for, in seconds. Pieces that no space parts ("из" + "-за") become one
    word, so that the words joined by spaces are the text.
    """
    if len(pieces) < 2 or not len(alignment.path):  # noqa: PLR2004  an end alone is no text
        return ()
    tokens, states = np.array(alignment.path).T
    # The time of a token is that of the first state on its part of the path.
    begins = states[np.flatnonzero(np.diff(tokens, prepend=tokens[0] - 1))] * state_s
    edges = np.cumsum([0, *sizes[:-1]])
    # A search may end a letter of several bytes in the middle; the piece that is left of it is no letter.
    pieces = [piece.replace(UNREADABLE, "") for piece in pieces]
    groups: list[list[int]] = []
    for index, piece in enumerate(pieces[:-1]):
        if not piece.strip():
            continue
        if groups and not piece.startswith(" "):
            groups[-1].append(index)
        else:
            groups.append([index])
    last = len(begins) - 1
    return tuple(
        Word(
            text="".join(pieces[index] for index in group).strip(),
            start_s=float(begins[min(edges[group[0]], last)]),
            end_s=float(begins[min(edges[group[-1] + 1], last)]),
            probability=float(
                np.mean([np.mean(alignment.probabilities[edges[index] : edges[index + 1]]) for index in group])
            ),
        )
        for group in groups
    )
