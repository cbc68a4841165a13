"""Spans of a transcript that only some may read: marks with the reason `redacted`.

Nothing in callscore sets these marks yet. What is marked, by whatever later finds names and numbers, is kept out of everything that
is shown or played to those without the right, and out of the search for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from service.scoring.dialogue import word_places
from service.scoring.transcript import Mark, Transcript, Utterance, Word

#: The reason of marks whose words are not for everybody.
REDACTED = "redacted"
#: What stands for them in texts.
HIDDEN = "[redacted]"
#: What stands beside a quote and is made of its words.
_WORDS_OF_QUOTE = ("fragments", "matched")
#: Seconds before and after a redacted word that are not given out either: a recognizer's times are about that exact.
MARGIN_S = 0.35
_SPACE = re.compile(r"\s+")
_PUNCTUATION = ".,;:!?…"


def hidden_chars(utterance: Utterance) -> list[tuple[int, int]]:
    """Slices of the utterance's text that are redacted (end exclusive), in order and apart from each other."""
    places = word_places(utterance) if utterance.marks else []
    found: list[tuple[int, int]] = []
    for first, last in _runs(utterance, len(places)):
        found.append((places[first][0], places[last][1]))
    return found


def hidden_seconds(transcript: Transcript) -> tuple[tuple[float, float], ...] | None:
    """Stretches of the recording (from, to) in which something redacted is said, in order and apart from each other.

    None where something is redacted and nothing tells when it was said.
    """
    found: list[tuple[float, float]] = []
    for utterance in transcript.utterances:
        said = list(_runs(utterance, len(utterance.words) or len(utterance.text.split())))
        for first, last in said:
            if utterance.words:
                start_s: float | None = utterance.words[first].start_s
                end_s: float | None = utterance.words[last].end_s
            else:
                start_s, end_s = utterance.start_s, utterance.end_s
            if start_s is None or end_s is None:
                return None
            found.append((max(0.0, min(start_s, end_s) - MARGIN_S), max(start_s, end_s) + MARGIN_S))
    return _joined(found)


def _joined(stretches: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    joined: list[tuple[float, float]] = []
    for start_s, end_s in sorted(stretches):
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return tuple(joined)


def without_redacted(transcript: Transcript, hidden: str = HIDDEN) -> Transcript:
    """The transcript with `hidden` for each redacted span, in texts and words. Times and other marks stay."""
    utterances = tuple(_without(utterance, hidden) for utterance in transcript.utterances)
    return replace(transcript, utterances=utterances)


def quotes_without_redacted(data: Any, transcript: Transcript, hidden: str = HIDDEN) -> Any:
    """The plain data of a scorecard, with `hidden` wherever a quote goes over a redacted span or into one.

    The words that weighed most in such a quote are left out.
    """
    secrets = [
        [utterance.text[first:end] for first, end in hidden_chars(utterance)] for utterance in transcript.utterances
    ]
    return _masked(data, secrets, hidden)


def _masked(data: Any, secrets: list[list[str]], hidden: str) -> Any:
    if isinstance(data, list | tuple):
        return [_masked(part, secrets, hidden) for part in data]
    if not isinstance(data, dict):
        return data
    found = {name: _masked(part, secrets, hidden) for name, part in data.items()}
    at, quote = found.get("utterance"), found.get("quote")
    if isinstance(at, int) and isinstance(quote, str):
        # A quote may go on into the next utterance.
        for secret in (text for there in secrets[max(at, 0) : at + 2] for text in there):
            found["quote"] = _hide(found["quote"], secret, hidden)
        if found["quote"] != quote:
            found |= {name: [] if name == "fragments" else hidden for name in _WORDS_OF_QUOTE if name in found}
    return found


def _hide(quote: str, secret: str, hidden: str) -> str:
    """A quote without the secret, also where it begins or ends within it. Rather a word too much is hidden than one too few."""
    if quote in secret:
        return hidden
    quote = quote.replace(secret, hidden)
    breaks = [match.start() for match in _SPACE.finditer(secret)]
    for at in reversed(breaks):
        head = secret[:at].rstrip(_PUNCTUATION)
        if quote.rstrip(_PUNCTUATION).endswith(head):
            quote = quote.rstrip(_PUNCTUATION)[: -len(head)] + hidden
            break
    for at in breaks:
        tail = secret[at:].strip().rstrip(_PUNCTUATION)
        if quote.startswith(tail):
            quote = hidden + quote[len(tail) :]
            break
    return quote


def _without(utterance: Utterance, hidden: str) -> Utterance:
    spans = hidden_chars(utterance)
    if not spans:
        return utterance
    text = utterance.text
    for first, end in reversed(spans):
        text = text[:first] + hidden + text[end:]
    words: list[Word] = []
    # Where each word went.
    place: dict[int, int] = {}
    runs = dict(_runs(utterance, len(utterance.words)))
    at = 0
    while at < len(utterance.words):
        last = runs.get(at, at)
        place.update(dict.fromkeys(range(at, last + 1), len(words)))
        word = utterance.words[at]
        words.append(word if at not in runs else replace(word, text=hidden, end_s=utterance.words[last].end_s))
        at = last + 1
    if not utterance.words:
        return replace(utterance, text=text, marks=())
    marks = [
        Mark(place[mark.first], place[min(mark.last, len(place) - 1)], mark.reason)
        for mark in utterance.marks
        if mark.first in place
    ]
    return replace(utterance, text=text, words=tuple(words), marks=tuple(dict.fromkeys(marks)))


def _runs(utterance: Utterance, words: int) -> Iterator[tuple[int, int]]:
    """Runs of redacted words, first and last, as long as they can be."""
    inside = sorted(
        {
            at
            for mark in utterance.marks
            if mark.reason == REDACTED
            for at in range(max(mark.first, 0), min(mark.last + 1, words))
        }
    )
    while inside:
        begin = last = inside.pop(0)
        while inside and inside[0] == last + 1:
            last = inside.pop(0)
        yield begin, last
