"""Hits -> script items: what the rep had to say, what was said, and how much of the script that makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.scoring.dialogue import Dialogue
from service.scoring.hits import Hit, Hits
from service.scoring.matching import near_misses_of_each
from service.scoring.pack import Pack, Rule, ScriptItem
from service.scoring.results import Evidence, ItemResult, ItemStatus, Text
from service.scoring.wording import both, looked_for, number, quoted

#: Share of the points for an item that was said before the one it has to follow.
OUT_OF_ORDER_POINTS = 0.5
#: How many of a missed rule's own examples its reason names.
EXAMPLES_NAMED = 2
#: How many places a met item cites; a question asked ten times needs no ten quotes.
EVIDENCE_CITED = 5


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides whether an item counts: the call's direction, the rep's role (None: unknown), who was heard."""

    direction: str | None
    role: str | None
    agent_heard: bool
    customer_heard: bool
    #: Why nobody could be heard on a side.
    deaf_reason: Text


@dataclass(frozen=True, slots=True)
class Adherence:
    """The script as one figure: `points` / `weight` over applicable, assessable items; `share` is None without any."""

    share: float | None
    points: float
    weight: float


def script_items(
    dialogue: Dialogue, hits: Hits, pack: Pack, circumstances: Circumstances, *, explain: bool
) -> tuple[ItemResult, ...]:
    """Every item of the script, in the pack's order. `explain` adds what came nearest to a missed one."""
    results = tuple(_item(item, dialogue, hits, pack, circumstances) for item in pack.script)
    if not explain:
        return results
    missed = {
        item.id: item.rule.id for item, result in zip(pack.script, results, strict=True) if result.status == "missed"
    }
    nearest = near_misses_of_each(dialogue, pack, missed.values())
    return tuple(
        replace(result, near_misses=nearest[missed[result.id]]) if result.id in missed else result for result in results
    )


def adherence(items: Sequence[ItemResult], critical_cap: float) -> Adherence:
    """Weighted mean of the points; at most `critical_cap` (0..1) if a critical item was missed."""
    counted = [item for item in items if item.points is not None]
    weight = sum(item.weight for item in counted)
    if weight <= 0:
        return Adherence(None, 0.0, 0.0)
    points = sum(item.weight * item.points for item in counted if item.points is not None)
    if any(item.critical and item.status == "missed" for item in counted):
        points = min(points, critical_cap * weight)
    return Adherence(points / weight, points, weight)


def _item(item: ScriptItem, dialogue: Dialogue, hits: Hits, pack: Pack, circumstances: Circumstances) -> ItemResult:
    excluded = _excluded(item, hits, circumstances)
    if excluded is not None:
        return _result(item, excluded[0], None, excluded[1])
    said = hits.of(item.rule.id)
    if said:
        if item.order_after is not None and _came_too_early(said, hits.of(item.order_after)):
            return _out_of_order(item, said, dialogue, pack.rules[item.order_after])
        return _result(item, "met", 1.0, _met(_sentence(dialogue, said[0])), said)
    if item.partial is not None and (half := hits.of(item.partial.rule)):
        return _result(
            item, "partial", item.partial.points, _partly(_sentence(dialogue, half[0]), item.partial.points), half
        )
    return _result(item, "missed", 0.0, _missed(item.rule))


def _excluded(item: ScriptItem, hits: Hits, circumstances: Circumstances) -> tuple[ItemStatus, Text] | None:
    """The status of an item that takes no part in the figure, and why; None for one that does."""
    when = item.applies_when
    for known, allowed, ru, en in (
        (circumstances.direction, when.direction, _DIRECTION_RU, _DIRECTION_EN),
        (circumstances.role, when.role, _ROLE_RU, _ROLE_EN),
    ):
        if allowed and known is None:
            return "not_assessable", both(
                f"Нельзя оценить: неизвестно {ru['?']}.", f"Cannot be assessed: {en['?']} is unknown."
            )
        if allowed and known not in allowed:
            return "not_applicable", both(f"Не требуется: {ru[known or '?']}.", f"Not required: {en[known or '?']}.")
    if not _heard(item.rule, circumstances):
        return "not_assessable", circumstances.deaf_reason
    if when.rule is not None and not hits.of(when.rule):
        return "not_applicable", both(
            "Не требуется: в разговоре не было повода.", "Not required: the call gave no occasion for it."
        )
    return None


_DIRECTION_RU = {"?": "направление звонка", "inbound": "звонок входящий", "outbound": "звонок исходящий"}
_DIRECTION_EN = {
    "?": "the call's direction",
    "inbound": "this is an inbound call",
    "outbound": "this is an outbound call",
}
_ROLE_RU = {
    "?": "роль менеджера",
    "sdr": "у менеджера роль SDR",
    "sales_manager": "у менеджера роль менеджера по продажам",
    "account_manager": "у менеджера роль аккаунт-менеджера",
}
_ROLE_EN = {
    "?": "the rep's role",
    "sdr": "the rep is an SDR",
    "sales_manager": "the rep is a sales manager",
    "account_manager": "the rep is an account manager",
}


def _heard(rule: Rule, circumstances: Circumstances) -> bool:
    if rule.speaker == "any":
        return circumstances.agent_heard or circumstances.customer_heard
    return circumstances.agent_heard if rule.speaker == "agent" else circumstances.customer_heard


def _came_too_early(said: Sequence[Hit], first: Sequence[Hit]) -> bool:
    """True if the item was said only before the one it follows; in one turn the order does not matter."""
    return bool(first) and said[-1].turn < first[0].turn


def _sentence(dialogue: Dialogue, hit: Hit) -> str:
    """The whole sentence: a reason reads better with it than with the two words that fired."""
    return dialogue.sentences[hit.sentence].text


def _met(quote: str) -> Text:
    return both(f"Сказано: {quoted(quote, 'ru')}.", f"Said: {quoted(quote, 'en')}.")


def _partly(quote: str, points: float) -> Text:
    return both(
        f"Выполнено частично ({number(points, 'ru')} балла): {quoted(quote, 'ru')}.",
        f"Partly done ({number(points, 'en')} of a point): {quoted(quote, 'en')}.",
    )


def _out_of_order(item: ScriptItem, said: Sequence[Hit], dialogue: Dialogue, first: Rule) -> ItemResult:
    quote = _sentence(dialogue, said[0])
    reason = both(
        f"Сказано раньше, чем «{first.title['ru']}», а должно быть после: {quoted(quote, 'ru')}.",
        f"Said before “{first.title['en']}” although it has to follow it: {quoted(quote, 'en')}.",
    )
    return _result(item, "partial", OUT_OF_ORDER_POINTS, reason, said)


def _missed(rule: Rule) -> Text:
    examples = looked_for((rule.like or tuple(phrase.text for phrase in rule.phrases))[:EXAMPLES_NAMED])
    place = _place(rule)
    return both(
        f"Не прозвучало{place['ru']}." + examples["ru"],
        f"Not heard{place['en']}." + examples["en"],
    )


def _place(rule: Rule) -> Text:
    within = rule.within
    if within is None:
        return both(" в речи менеджера", " in anything the rep said") if rule.speaker == "agent" else both("", "")
    if within.first_turns or within.first_seconds:
        return both(" в начале разговора", " at the beginning of the call")
    return both(" в конце разговора", " at the end of the call")


def _result(
    item: ScriptItem, status: ItemStatus, points: float | None, reason: Text, hits: Sequence[Hit] = ()
) -> ItemResult:
    return ItemResult(
        id=item.id,
        title=item.rule.title,
        status=status,
        points=points,
        weight=item.weight,
        critical=item.critical,
        reason=reason,
        evidence=_evidence(hits),
    )


def _evidence(hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    return tuple(hit.evidence for hit in hits[:EVIDENCE_CITED])
