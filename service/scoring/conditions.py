"""Where in a call a rule may fire: within, after, before, near, count, all_of, any_of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.scoring.dialogue import Dialogue
from service.scoring.hits import Hit
from service.scoring.pack import Rule, Within

FoundSoFar = Mapping[str, tuple[Hit, ...]]


def gather(rule: Rule, found: FoundSoFar, own: Sequence[Hit]) -> list[Hit]:
    """The rule's hits before its conditions: its own, or those of the rules that it is built from."""
    if not rule.all_of and not rule.any_of:
        return list(own)
    parts = [found.get(name, ()) for name in rule.all_of]
    either = [hit for name in rule.any_of for hit in found.get(name, ())]
    if not all(parts) or (rule.any_of and not either):
        return []
    return in_order([hit for part in parts for hit in part] + either)


def hold(rule: Rule, hits: list[Hit], found: FoundSoFar, dialogue: Dialogue) -> tuple[Hit, ...]:
    """Those hits that the rule's conditions let stand."""
    kept = [hit for hit in hits if rejection(rule, hit, found, dialogue) is None]
    return tuple(kept) if enough(rule, kept) else ()


def enough(rule: Rule, hits: Sequence[Hit]) -> bool:
    """True if the rule fired in as many different sentences as `count` asks for."""
    return len({hit.sentence for hit in hits}) >= rule.count


def rejection(rule: Rule, hit: Hit, found: FoundSoFar, dialogue: Dialogue) -> str | None:
    """Name of the first condition that forbids the hit, None if all allow it."""
    speaker = dialogue.sentences[hit.sentence].speaker
    if rule.speaker not in {"any", speaker}:
        return "speaker"
    if rule.within is not None and not _is_within(rule, rule.within, hit, dialogue):
        return "within"
    if rule.after is not None and not any(place(other) < place(hit) for other in found.get(rule.after, ())[:1]):
        return "after"
    if rule.before is not None and any(place(other) <= place(hit) for other in found.get(rule.before, ())[:1]):
        return "before"
    if rule.near is not None:
        near = rule.near
        if not any(abs(other.turn - hit.turn) <= near.turns for other in found.get(near.rule, ())):
            return "near"
    return None


def _is_within(rule: Rule, within: Within, hit: Hit, dialogue: Dialogue) -> bool:
    turn = dialogue.turns[hit.turn]
    anyone = rule.speaker == "any"
    ordinal = turn.index if anyone else turn.ordinal
    turns = len(dialogue.turns) if anyone else dialogue.turns_of_speaker[turn.speaker]
    if within.first_turns is not None and ordinal >= within.first_turns:
        return False
    if within.last_turns is not None and ordinal < turns - within.last_turns:
        return False
    if within.first_seconds is None and within.last_seconds is None:
        return True
    start_s = hit.evidence.start_s
    if start_s is None:
        # Calls that came as text have no seconds: there the turns alone decide.
        return True
    if within.first_seconds is not None and start_s > within.first_seconds:
        return False
    duration_s = dialogue.transcript.duration_s or max((u.end_s or 0.0) for u in dialogue.transcript.utterances)
    return within.last_seconds is None or start_s >= duration_s - within.last_seconds


def place(hit: Hit) -> tuple[int, int, int]:
    """Where a hit stands in the call."""
    return (hit.sentence, hit.first_char, hit.last_char)


def in_order(hits: Sequence[Hit]) -> list[Hit]:
    """Hits in the order in which they were said."""
    return sorted(hits, key=place)
