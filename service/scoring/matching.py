"""Pack x dialogue -> hits, with the words that matched.

dialogue = Dialogue.of(transcript, pack)
hits = find_hits(dialogue, pack)
for hit in hits.of("objections/price"): ...
"""

from __future__ import annotations

from service.scoring.dialogue import Dialogue, Sentence, Turn
from service.scoring.hits import Hit, Hits
from service.scoring.pack import Pack
from service.scoring.results import NearMiss

__all__ = ["Dialogue", "Hit", "Hits", "Sentence", "Turn", "find_hits", "near_misses"]


def find_hits(dialogue: Dialogue, pack: Pack) -> Hits:
    """Every place where a rule of the pack fires, positional conditions (within, near, count ...) applied.

    Rules with a speaker fire on nothing where speakers are unknown; marked spans of utterances fire nothing.
    """
    return pack.matcher.find(dialogue)


def near_misses(dialogue: Dialogue, pack: Pack, rule: str, *, limit: int = 3) -> tuple[NearMiss, ...]:
    """What came closest to a rule (full id) that did not fire, best first."""
    return pack.matcher.near_misses(dialogue, rule, limit)
