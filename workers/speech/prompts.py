"""What the recognizer is told before it listens: how calls of this kind are written, and names that may be said.

Whisper goes on in the manner of what came before: a telephone call, figures written as words, as rules and people read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Russian has none: over ten calls one changed the words, not their number of errors, and cost objections.
#: In the manner of a call, short: every token of it is carried along while the text is searched for. Words of no recording.
MANNERS: Mapping[str, str] = {
    "en": "Hi, is now a good time? It's twenty five dollars a month, say Thursday at half past ten.",
}
#: Names and their letters at most: a longer list makes Whisper hear names everywhere, and every token costs time.
MOST_NAMES, _MOST_CHARS = 12, 40


def prompt(language: str, names: Iterable[str] = ()) -> str:
    """The text before the text; empty for a language without one and no names."""
    listed = ", ".join(hotwords(names))
    return " ".join(part for part in (listed and f"{listed}.", MANNERS.get(language, "")) if part)


def hotwords(names: Iterable[str]) -> tuple[str, ...]:
    """Names worth telling: each once, in order, none longer than people's and companies' names are."""
    kept: dict[str, str] = {}
    for name in names:
        clean = " ".join(name.split())
        if clean and len(clean) <= _MOST_CHARS and any(letter.isalpha() for letter in clean):
            kept.setdefault(clean.casefold(), clean)
    return tuple(kept.values())[:MOST_NAMES]
