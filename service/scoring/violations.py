"""Hits -> forbidden behaviours that occurred, with the words."""

from __future__ import annotations

from service.scoring.dialogue import Dialogue
from service.scoring.hits import Hits
from service.scoring.pack import Pack
from service.scoring.results import ViolationResult
from service.scoring.wording import both, quoted


def violations(dialogue: Dialogue, hits: Hits, pack: Pack) -> tuple[ViolationResult, ...]:
    """Each violation at most once, in the pack's order, with every place where it occurred."""
    found = []
    for violation in pack.violations:
        said = hits.of(violation.rule.id)
        if said:
            title, quote = violation.rule.title, dialogue.sentences[said[0].sentence].text
            reason = both(f"{title['ru']}: {quoted(quote, 'ru')}.", f"{title['en']}: {quoted(quote, 'en')}.")
            evidence = tuple(hit.evidence for hit in said)
            found.append(ViolationResult(violation.id, title, violation.severity, reason, evidence))
    return tuple(found)
