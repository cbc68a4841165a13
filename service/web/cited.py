"""The evidence of a scorecard as places in the conversation: every hit, where its words stand, and what it counts for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.scoring.results import Evidence, ObjectionResult, Scorecard, Step, Text
from service.scoring.transcript import Utterance

HitKind = Literal["item", "objection", "repeat", "step", "reaction", "violation"]


@dataclass(frozen=True, slots=True)
class About:
    """What a piece of evidence counts for."""

    kind: HitKind
    target: str
    titles: Text
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A hit. `target` is the anchor of the row of the scorecard that it counts for, `titles` what that row is called.

    `first`..`end` (end exclusive) are its characters in the text of utterance `utterance`; `number` counts hits as they come in the call.
    """

    number: int
    kind: HitKind
    target: str
    titles: Mapping[str, str]
    step: Step | None
    utterance: int
    first: int
    end: int
    start_s: float | None
    rule: str
    template: str
    similarity: float | None

    @property
    def anchor(self) -> str:
        return f"hit-{self.number}"


def cited(scorecard: Scorecard, utterances: Sequence[Utterance]) -> tuple[Cited, ...]:
    """All hits of a scorecard, in the order of the conversation.

    A hit that points to an utterance the transcript does not have is left out.
    """
    found: list[tuple[int, int, int, About, Evidence]] = []
    for about, evidence in _evidence(scorecard):
        at = evidence.utterance
        if 0 <= at < len(utterances):
            first, end = place_of(evidence.quote, utterances[at].text, _said_before(evidence, utterances[at]))
            found.append((at, first, end, about, evidence))
    found.sort(key=lambda entry: entry[:3])
    return tuple(
        Cited(
            number=number,
            kind=about.kind,
            target=about.target,
            titles=about.titles,
            step=about.step,
            utterance=at,
            first=first,
            end=end,
            start_s=evidence.start_s,
            rule=evidence.rule,
            template=evidence.template,
            similarity=evidence.similarity,
        )
        for number, (at, first, end, about, evidence) in enumerate(found, start=1)
    )


def place_of(quote: str, text: str, not_before: int = 0) -> tuple[int, int]:
    """Where the quote stands in the text: its first place from `not_before` on, else anywhere.

    A quote that goes on into the next utterance is found as the end of this one. All of the text if it is not there, or empty (what a reviewer added).
    """
    if not quote:
        return 0, len(text.rstrip())
    for begin in (not_before, 0):
        at = text.find(quote, begin)
        if at >= 0:
            return at, at + len(quote)
    tail = text.rstrip()
    for begin in range(len(tail)):
        if quote.startswith(tail[begin:]):
            return begin, len(tail)
    return 0, len(tail)


def _said_before(evidence: Evidence, utterance: Utterance) -> int:
    """A character that the quote does not begin before, by the times of the words."""
    position = 0
    for word in utterance.words if evidence.start_s is not None else ():
        if evidence.start_s is not None and word.start_s >= evidence.start_s:
            break
        at = utterance.text.find(word.text.strip(), position)
        position = at + len(word.text.strip()) if at >= 0 else position
    return position


def _evidence(scorecard: Scorecard) -> Iterator[tuple[About, Evidence]]:
    for item in scorecard.items:
        about = About("item", f"item-{item.id}", item.title)
        yield from ((about, evidence) for evidence in item.evidence)
    for objection in scorecard.objections:
        yield from _of_objection(objection)
    for violation in scorecard.violations:
        about = About("violation", f"violation-{violation.id}", violation.title)
        yield from ((about, evidence) for evidence in violation.evidence)


def _of_objection(objection: ObjectionResult) -> Iterator[tuple[About, Evidence]]:
    target, titles = f"objection-{objection.id}", objection.title
    yield from ((About("objection", target, titles), evidence) for evidence in objection.evidence)
    yield from ((About("repeat", target, titles), evidence) for evidence in objection.repeats)
    for step in objection.steps:
        about = About("step", target, titles, step.step)
        yield from ((about, evidence) for evidence in step.evidence)
    yield from ((About("reaction", target, titles), evidence) for evidence in objection.outcome_evidence)
