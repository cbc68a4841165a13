"""What came closest to a rule that did not fire: which part of which template was said, and which was not."""

from __future__ import annotations

from collections.abc import Sequence

from service.scoring.compiled import Way
from service.scoring.dialogue import Dialogue, Sentence
from service.scoring.pack import RuleSpeaker
from service.scoring.phrases import WordClasses
from service.scoring.results import NearMiss
from service.scoring.slots import Row, Slot

#: Share of a template's required words that must have been said for it to have come close.
CLOSE_ENOUGH = 0.5


def nearest(
    dialogue: Dialogue,
    *,
    rule: str,
    speaker: RuleSpeaker,
    ways: Sequence[Way],
    classes: WordClasses,
    limit: int,
) -> tuple[NearMiss, ...]:
    """The best partial matches of a rule's templates, one a sentence, best first."""
    found: list[tuple[float, int, NearMiss]] = []
    for sentence in dialogue.sentences:
        if speaker not in {"any", sentence.speaker}:
            continue
        best: tuple[float, NearMiss] | None = None
        for way in ways:
            scored = _partly(way.row, sentence, classes) if way.row is not None else None
            if scored is not None and (best is None or scored[0] > best[0]):
                share, matched, missing = scored
                miss = NearMiss(sentence.utterance, sentence.text, rule, way.template, matched, missing)
                best = (share, miss)
        if best is not None:
            found.append((-best[0], sentence.index, best[1]))
    return tuple(miss for _, _, miss in sorted(found, key=lambda item: item[:2])[:limit])


def _partly(row: Row, sentence: Sentence, classes: WordClasses) -> tuple[float, str, str] | None:
    """(share of required words said, the words said, what is missing), None if it is not close."""
    required = [slot for slot in row if slot.required]
    said: dict[int, str] = {}
    missing: list[str] = []
    for slot in required:
        place = next(
            (
                i
                for i, word in enumerate(sentence.words)
                if i not in said and not slot.keys.isdisjoint(classes.keys(word))
            ),
            None,
        )
        if place is None:
            missing.append(_described(slot))
        else:
            said[place] = sentence.words[place].text
    share = len(said) / len(required)
    if share < CLOSE_ENOUGH:
        return None
    matched = " … ".join(said[place] for place in sorted(said))
    if missing:
        return share, matched, " … ".join(missing)
    return share, matched, "the words stand in another order, too far apart, or are negated or excepted"


def _described(slot: Slot) -> str:
    return "(" + "|".join(sorted(slot.options)) + ")" if slot.options else "a number"
