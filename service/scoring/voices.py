"""What a customer's turn says: objections it voices, and how it takes the answer before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.scoring.dialogue import Turn
from service.scoring.hits import Hit
from service.scoring.pack import OUTCOMES, ObjectionType, Pack
from service.scoring.results import Evidence, Outcome

#: A phrase that fired outranks any similarity to an example (those are below 1).
PHRASE_STRENGTH = 1.0

#: Where something stands in a call: sentence and first character.
Place = tuple[int, int]
#: Hits of a rule (full id) in a turn.
HitsIn = Callable[[str, Turn], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """Words that accept, refuse or leave open, and where."""

    place: Place
    outcome: Outcome
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Voiced:
    """An objection in a turn, and where it begins."""

    place: Place
    type: ObjectionType
    hits: tuple[Hit, ...]


def voiced_in(turn: Turn, hits_in: HitsIn, pack: Pack) -> list[Voiced]:
    """At most one objection a sentence, the surest, and each type once, at its first place."""
    said = [(objection, hit) for objection in pack.objections for hit in hits_in(objection.rule.id, turn)]
    said.sort(key=lambda pair: (*_surest_first(pair[1]), pair[0].type))
    by_type: dict[str, list[tuple[ObjectionType, Hit]]] = {}
    for _, same_sentence in groupby(said, key=lambda pair: pair[1].sentence):
        surest = next(same_sentence)
        by_type.setdefault(surest[0].type, []).append(surest)
    return [Voiced(_place(pairs[0][1]), pairs[0][0], tuple(hit for _, hit in pairs)) for pairs in by_type.values()]


def reactions_in(turn: Turn, hits_in: HitsIn, pack: Pack) -> list[Reaction]:
    """At most one reaction a sentence, the surest."""
    found = [
        (outcome, hit)
        for outcome in OUTCOMES
        if outcome in pack.reactions
        for hit in hits_in(pack.reactions[outcome].id, turn)
    ]
    found.sort(key=lambda pair: _surest_first(pair[1]))
    surest = [next(same) for _, same in groupby(found, key=lambda pair: pair[1].sentence)]
    return [Reaction(_place(hit), outcome, (hit.evidence,)) for outcome, hit in surest]


def _place(hit: Hit) -> Place:
    return hit.sentence, hit.first_char


def _surest_first(hit: Hit) -> tuple[int, float, int]:
    strength = PHRASE_STRENGTH if hit.similarity is None else hit.similarity
    return hit.sentence, -strength, hit.first_char
