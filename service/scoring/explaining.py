"""A stored call's misses explained afterwards: what came nearest to each item that was not heard."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from service.scoring.dialogue import Dialogue
from service.scoring.matching import near_misses_of_each
from service.scoring.pack import Pack
from service.scoring.results import NearMiss
from service.scoring.transcript import Transcript


def nearest_to_items(transcript: Transcript, pack: Pack, items: Collection[str]) -> Mapping[str, tuple[NearMiss, ...]]:
    """Near misses by item id (`greeting`), best first; items that this pack has not are left out.

    Raises:
        LanguageUnsupported: the transcript is in another language than the pack.
    """
    rules = {item.rule.id: item.id for item in pack.script if item.id in items}
    if not rules:
        return {}
    nearest = near_misses_of_each(Dialogue.of(transcript, pack), pack, rules)
    return {rules[rule]: misses for rule, misses in nearest.items()}
