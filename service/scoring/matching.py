"""Pack x dialogue -> hits, with the words that matched.

dialogue = Dialogue.of(transcript, pack)
hits = find_hits(dialogue, pack)
for hit in hits.of("objections/price"): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.scoring.dialogue import Dialogue, Sentence, Turn
from service.scoring.hits import Hit, Hits
from service.scoring.nearmisses import nearest_to, nearest_to_each
from service.scoring.pack import Pack
from service.scoring.results import NearMiss

__all__ = ["Dialogue", "Hit", "Hits", "Sentence", "Turn", "find_hits", "near_misses", "near_misses_of_each"]


def find_hits(dialogue: Dialogue, pack: Pack) -> Hits:
    """Every place where a rule of the pack fires, positional conditions (within, near, count ...) applied.

    Rules with a speaker fire on nothing where speakers are unknown; marked spans of utterances fire nothing.
    """
    return pack.matcher.find(dialogue)


def near_misses(dialogue: Dialogue, pack: Pack, *rules: str, limit: int = 3) -> tuple[NearMiss, ...]:
    """What came closest to rules (full ids) that did not fire there, best first."""
    return nearest_to(pack.matcher, dialogue, rules, limit)


def near_misses_of_each(
    dialogue: Dialogue, pack: Pack, rules: Iterable[str], *, limit: int = 3
) -> Mapping[str, tuple[NearMiss, ...]]:
    """The same rule by rule (full ids), and of rules built from others also what came closest to their parts."""
    return nearest_to_each(pack.matcher, dialogue, tuple(rules), limit)
