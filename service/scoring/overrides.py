"""A machine's scorecard and what people decided about it -> the scorecard that counts.

Objections are found again by type and place, so that a decision survives scoring the same transcript by other rules; items
and violations by id. What a decision was about may be gone by then, or the machine may have come round to it: each
override says which (`State`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from service.scoring.flags import Findings, flags
from service.scoring.objections import mean_points
from service.scoring.override import Override
from service.scoring.overrides_objections import apply_to_ledger
from service.scoring.results import Flag, ItemResult, Scorecard, Text, ViolationResult
from service.scoring.rulings import Rulings
from service.scoring.script import adherence
from service.scoring.wording import both

#: applies: it decides the point. agrees: the machine now says the same by itself. lapsed: what it was about is gone.
State = Literal["applies", "agrees", "lapsed"]
#: Decimals of shares and means, as on a machine's scorecard.
DECIMALS = 6
#: Flags that follow from points, and so from what people decide about points; the others are about the recording.
_FLAGS_OF_POINTS = frozenset(
    {"critical_missed", "violation", "objection_unresolved", "low_adherence", "low_argumentation"}
)
POINTS_OF_STATUS = {"met": 1.0, "partial": 0.5, "missed": 0.0, "not_applicable": None}
BY_REVIEWER: Text = both("Решение проверяющего.", "Decided by a reviewer.")
NOT_COUNTED: Text = both(
    "Не учитывается: правило расходится с проверяющими и отключено.",
    "Not counted: the rule disagrees with reviewers and was switched off.",
)


@dataclass(frozen=True, slots=True)
class Effective:
    """`scorecard` is what counts. `states` stand in the order of the overrides given. `not_counted` are full rule ids
    (`script/greeting`) that were switched off and would have had a say here.
    """

    scorecard: Scorecard
    states: tuple[State, ...]
    not_counted: tuple[str, ...]


def effective(
    machine: Scorecard, overrides: Sequence[Override], rulings: Rulings, *, uncounted: Collection[str] = ()
) -> Effective:
    """Apply people's decisions, and leave out the rules (full ids) that do not count.

    Overrides have different keys. A rule that is switched off is left out also where a person decided about it: what it finds
    is not looked at any more, so a person's word on single calls would make a figure of those calls only.
    """
    states: dict[int, State] = {}
    items = _items(machine.items, overrides, states)
    ledger, of_ledger = apply_to_ledger(machine.objections, overrides, rulings)
    broken = _violations(machine.violations, overrides, rulings, states)
    states |= of_ledger
    present = {f"objections/{found.type}" for found in ledger} | {f"violations/{found.id}" for found in broken}
    present |= {f"script/{item.id}" for item in items if item.points is not None}
    ledger = tuple(found for found in ledger if f"objections/{found.type}" not in uncounted)
    broken = tuple(found for found in broken if f"violations/{found.id}" not in uncounted)
    items = tuple(_left_out(item) if f"script/{item.id}" in uncounted else item for item in items)
    script = adherence(items, rulings.critical_cap)
    share, argumentation = script.share, mean_points(ledger)
    findings = Findings(
        items, ledger, broken, share, argumentation, confidence=None, no_speech=False, rep_registered=True
    )
    judged = replace(
        machine,
        adherence=_rounded(share),
        adherence_points=round(script.points, DECIMALS),
        adherence_weight=round(script.weight, DECIMALS),
        passed=None if share is None or rulings.pass_mark is None else share >= rulings.pass_mark,
        items=items,
        objections=ledger,
        objections_total=len(ledger),
        objections_handled=sum(found.handled for found in ledger),
        argumentation=_rounded(argumentation),
        violations=broken,
        flags=_flags(machine.flags, findings, rulings),
    )
    return Effective(
        scorecard=judged,
        states=tuple(states[index] for index in range(len(overrides))),
        not_counted=tuple(sorted(present.intersection(uncounted))),
    )


def _items(
    items: Sequence[ItemResult], overrides: Sequence[Override], states: dict[int, State]
) -> tuple[ItemResult, ...]:
    by_id = {item.id: item for item in items}
    for index, override in enumerate(overrides):
        if override.kind != "item" or override.status is None:
            continue
        item = by_id.get(override.target)
        if item is None:
            states[index] = "lapsed"
            continue
        points = POINTS_OF_STATUS[override.status] if override.points is None else override.points
        same = (item.status, item.points) == (override.status, points)
        states[index] = "agrees" if same else "applies"
        if not same:
            by_id[item.id] = replace(item, status=override.status, points=points, reason=BY_REVIEWER, near_misses=())
    return tuple(by_id[item.id] for item in items)


def _violations(
    found: Sequence[ViolationResult], overrides: Sequence[Override], rulings: Rulings, states: dict[int, State]
) -> tuple[ViolationResult, ...]:
    by_id = {violation.id: violation for violation in found}
    for index, override in enumerate(overrides):
        if override.kind == "violation_removed":
            states[index] = "applies" if by_id.pop(override.target, None) else "agrees"
        elif override.kind == "violation_added":
            if override.target in by_id:
                states[index] = "agrees"
            elif override.target in rulings.violations:
                title, severity = rulings.violations[override.target]
                by_id[override.target] = ViolationResult(override.target, title, severity, BY_REVIEWER, ())
                states[index] = "applies"
            else:
                states[index] = "lapsed"
    return tuple(by_id.values())


def _left_out(item: ItemResult) -> ItemResult:
    """An item whose rule was switched off: neither points nor weight, whatever was found."""
    return replace(item, status="not_counted", points=None, reason=NOT_COUNTED, near_misses=())


def _flags(machine: Sequence[Flag], findings: Findings, rulings: Rulings) -> tuple[Flag, ...]:
    if not rulings.flags:
        return tuple(machine)
    kept = {flag.code: flag for flag in machine if flag.code not in _FLAGS_OF_POINTS}
    raised = kept | {flag.code: flag for flag in flags(rulings.flags, findings) if flag.code in _FLAGS_OF_POINTS}
    order = {rule.code: position for position, rule in enumerate(rulings.flags)}
    return tuple(sorted(raised.values(), key=lambda flag: order.get(flag.code, len(order))))  # type: ignore[call-overload]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
