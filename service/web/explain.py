"""What the rules make of one sentence: what fires and why, and what came close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.api.deps import Services
from service.scoring.dialogue import Dialogue
from service.scoring.matching import find_hits, near_misses
from service.scoring.results import Evidence, NearMiss, Text
from service.scoring.transcript import Transcript, Utterance

#: Characters of a sentence to try: a long utterance.
LONGEST = 1000
_MOST_NEAR_MISSES = 8


@dataclass(frozen=True, slots=True)
class Explained:
    """`titles` are those of the rules named, by full id."""

    fired: tuple[Evidence, ...]
    near: tuple[NearMiss, ...]
    titles: Mapping[str, Text]


def explained(services: Services, pack_id: str, language: str, text: str, speaker: str) -> Explained:
    """Raises PackError, LanguageUnsupported."""
    who: Literal["agent", "customer"] = "customer" if speaker == "customer" else "agent"
    with services.packs.alone() as packs:
        pack = packs.load(pack_id, language)
        dialogue = Dialogue.of(Transcript(language, (Utterance(who, text[:LONGEST]),)), pack)
        hits = find_hits(dialogue, pack)
        fired = tuple(hit.evidence for rule in pack.rules for hit in hits.of(rule))
        wanted = [rule.id for rule in pack.rules.values() if rule.speaker in ("any", who) and not hits.of(rule.id)]
        near = near_misses(dialogue, pack, *wanted, limit=_MOST_NEAR_MISSES)
        titles = {rule.id: rule.title for rule in pack.rules.values()}
    return Explained(fired, near, titles)
