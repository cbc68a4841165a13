"""What a customer's turn says: objections it voices, and how it takes the answer before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.scoring.dialogue import Turn
from service.scoring.hits import Hit
from service.scoring.pack import OUTCOMES, ObjectionType, Pack
from service.scoring.results import Outcome

#: A phrase that fired outranks any similarity to an example (those are below 1).
PHRASE_STRENGTH = 1.0

#: How much surer an example has to be where objections are rare, in log-odds added to the rule's threshold. A logistic
#: regression over the customer's turns of 30 labelled calls (similarity and place, calls held out by tenths): with place, F1
#: of what only examples find rises from 0.68 to 0.74. A phrase needs no such caution.
FEW_WORDS, SOME_WORDS = 8, 15
FEW_WORDS_PENALTY, SOME_WORDS_PENALTY = 1.4, 0.95
FIRST_TURN_PENALTY = 0.6
ASKED_PENALTY = 0.75
COURTESY_PENALTY = 0.4
UNHEARD_PENALTY = 0.4
NO_REFUSAL_PENALTY = 0.3
#: The same for a second reason in one turn: people labelled two in 5 of 66 turns.
SECOND_PENALTY = 1.5
#: What the rep said just before where objections hardly ever follow.
COURTESIES = ("script/permission", "script/contact_confirmation", "script/closing")

#: A resemblance below this does not outweigh a surer reaction said before it in the same turn.
SURE_REACTION = 0.6
#: The rules that tell of a refusal and of a concern that was heard.
REFUSAL, ACKNOWLEDGEMENT = "reactions/rejected", "steps/acknowledge"

#: Where something stands in a call: sentence and first character.
Place = tuple[int, int]
#: Hits of a rule (full id) in a turn.
HitsIn = Callable[[str, Turn], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """Words that accept, refuse or leave open, and where."""

    place: Place
    outcome: Outcome
    hit: Hit

    @property
    def sure(self) -> bool:
        """True for a phrase of the rule, or a strong resemblance to its examples."""
        return self.hit.similarity is None or self.hit.similarity >= SURE_REACTION


@dataclass(frozen=True, slots=True)
class Voiced:
    """An objection in a turn, and where it begins."""

    place: Place
    type: ObjectionType
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a customer's turn.

    `words` is its length, `first` is True for the customer's first turn. `asked`: the rep's turn before ended with a
    question; `courtesy`: it asked leave, confirmed a contact or said goodbye. `refuses`: the turn refuses something;
    `heard`: the rep's next turn acknowledges a concern.
    """

    words: int
    first: bool
    asked: bool
    courtesy: bool
    refuses: bool
    heard: bool


def caution(setting: Setting) -> float:
    """How unlikely a turn in this setting voices an objection, in log-odds; 0 where it is likeliest."""
    some_words = SOME_WORDS_PENALTY if setting.words < SOME_WORDS else 0.0
    return (
        (FEW_WORDS_PENALTY if setting.words < FEW_WORDS else some_words)
        + FIRST_TURN_PENALTY * setting.first
        + ASKED_PENALTY * setting.asked
        + COURTESY_PENALTY * setting.courtesy
        + UNHEARD_PENALTY * (not setting.heard)
        + NO_REFUSAL_PENALTY * (not setting.refuses)
    )


def last_word(reactions: Sequence[Reaction]) -> Reaction | None:
    """What a turn comes to: the last of its sure reactions, else the last."""
    sure = [reaction for reaction in reactions if reaction.sure] or reactions
    return sure[-1] if sure else None


def voiced_in(turn: Turn, hits_in: HitsIn, pack: Pack, penalty: float) -> list[Voiced]:
    """At most one objection a sentence, the surest, and each type once, at its first place.

    `penalty` (see `caution`) raises the threshold of what only an example found.
    """
    said = [
        (objection, hit)
        for objection in pack.objections
        for hit in hits_in(objection.rule.id, turn)
        if _stands_out(hit, objection, penalty)
    ]
    said.sort(key=lambda pair: (*_surest_first(pair[1]), pair[0].type))
    by_type: dict[str, list[tuple[ObjectionType, Hit]]] = {}
    for _, same_sentence in groupby(said, key=lambda pair: pair[1].sentence):
        surest = next(same_sentence)
        by_type.setdefault(surest[0].type, []).append(surest)
    voiced = [Voiced(_place(pairs[0][1]), pairs[0][0], tuple(hit for _, hit in pairs)) for pairs in by_type.values()]
    first = min(voiced, key=lambda said: min(_surest_first(hit)[1:] for hit in said.hits), default=None)
    return [said for said in voiced if said is first or _stands(said, penalty + SECOND_PENALTY)]


def reactions_in(turn: Turn, hits_in: HitsIn, pack: Pack, *, aside: bool) -> list[Reaction]:
    """At most one reaction a sentence, the surest.

    What only resembles a shrug is none: saying nothing else leaves an objection open anyway. `aside`: the rep has just
    said goodbye or confirmed a contact; what only resembles a reaction then answers that.
    """
    found = [
        (outcome, hit)
        for outcome in OUTCOMES
        if outcome in pack.reactions
        for hit in hits_in(pack.reactions[outcome].id, turn)
        if hit.similarity is None or not (aside or outcome == "neutral")
    ]
    found.sort(key=lambda pair: _surest_first(pair[1]))
    surest = [next(same) for _, same in groupby(found, key=lambda pair: pair[1].sentence)]
    return [Reaction(_place(hit), outcome, hit) for outcome, hit in surest]


def _stands(said: Voiced, penalty: float) -> bool:
    return any(_stands_out(hit, said.type, penalty) for hit in said.hits)


def _stands_out(hit: Hit, objection: ObjectionType, penalty: float) -> bool:
    return hit.similarity is None or hit.similarity >= _raised(objection.rule.threshold, penalty)


def _raised(threshold: float, penalty: float) -> float:
    """A threshold moved by log-odds; 0 and 1 stay what they are."""
    if not 0 < threshold < 1:
        return threshold
    return 1 / (1 + math.exp(-(math.log(threshold / (1 - threshold)) + penalty)))


def _place(hit: Hit) -> Place:
    return hit.sentence, hit.first_char


def _surest_first(hit: Hit) -> tuple[int, float, int]:
    strength = PHRASE_STRENGTH if hit.similarity is None else hit.similarity
    return hit.sentence, -strength, hit.first_char
