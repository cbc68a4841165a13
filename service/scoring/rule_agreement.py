"""Machine against people, rule by rule: n, accuracy and kappa with 95 % intervals, month by month.

Sources: the interval for a share is Wilson's, as everywhere (`service.scoring.kpi`); kappa's standard error is that of Fleiss, Cohen
and Everitt, "Large sample standard errors of kappa and weighted kappa", Psychological Bulletin 72 (1969).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from service.scoring.gate import Gate, GateStatus
from service.scoring.kpi_intervals import Z, wilson_interval

#: How often the machine said the first and people the second.
Confusion = Mapping[tuple[str, str], int]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n` verdicts; None where there are none, or where kappa is not defined (one and the same answer throughout)."""

    n: int
    accuracy: float | None
    accuracy_interval: Interval | None
    kappa: float | None
    kappa_interval: Interval | None


@dataclass(frozen=True, slots=True)
class MonthOfRule:
    """One month of reviews (its first day, UTC)."""

    month: date
    n: int
    accuracy: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """One rule. `differing` counts (machine, people) where they differ, most frequent first; `gate` None without one."""

    rule: str
    agreement: Agreement
    months: tuple[MonthOfRule, ...]
    differing: tuple[tuple[str, str, int], ...]
    gate: GateStatus | None


def by_rule(rows: Iterable[tuple[str, date, str, str, int]], gate: Gate | None) -> tuple[RuleAgreement, ...]:
    """From counted rows (rule, month, machine, people, number), by rule."""
    counted: dict[str, dict[date, Counter[tuple[str, str]]]] = {}
    for rule, month, machine, people, number in rows:
        counted.setdefault(rule, {}).setdefault(month, Counter())[machine, people] += number
    return tuple(_rule(rule, months, gate) for rule, months in sorted(counted.items()))


def agreement(confusion: Confusion) -> Agreement:
    """The figures of one table of counts."""
    n = sum(confusion.values())
    same = sum(number for (machine, people), number in confusion.items() if machine == people)
    kappa, interval = _kappa(confusion, n)
    return Agreement(n, same / n if n else None, wilson_interval(same, n), kappa, interval)


def _rule(rule: str, months: Mapping[date, Counter[tuple[str, str]]], gate: Gate | None) -> RuleAgreement:
    total: Counter[tuple[str, str]] = sum(months.values(), Counter())
    whole = agreement(total)
    differing = [(machine, people, number) for (machine, people), number in total.items() if machine != people]
    trend = []
    for month, confusion in sorted(months.items()):
        of_month = agreement(confusion)
        trend.append(MonthOfRule(month, of_month.n, of_month.accuracy, of_month.accuracy_interval))
    return RuleAgreement(
        rule=rule,
        agreement=whole,
        months=tuple(trend),
        differing=tuple(sorted(differing, key=lambda row: (-row[2], row[:2]))),
        gate=None if gate is None else gate.status(whole.accuracy, whole.accuracy_interval, whole.n),
    )


def _kappa(confusion: Confusion, n: int) -> tuple[float | None, Interval | None]:
    if n == 0:
        return None, None
    answers = sorted({answer for pair in confusion for answer in pair})
    share = {pair: number / n for pair, number in confusion.items()}
    row = {a: sum(share.get((a, b), 0.0) for b in answers) for a in answers}
    column = {b: sum(share.get((a, b), 0.0) for a in answers) for b in answers}
    observed = sum(share.get((a, a), 0.0) for a in answers)
    chance = sum(row[a] * column[a] for a in answers)
    if math.isclose(chance, 1.0):
        return None, None
    kappa = (observed - chance) / (1 - chance)
    on_diagonal = sum(share.get((a, a), 0.0) * (1 - (row[a] + column[a]) * (1 - kappa)) ** 2 for a in answers)
    off_diagonal = sum(
        number / n * (column[machine] + row[people]) ** 2
        for (machine, people), number in confusion.items()
        if machine != people
    )
    variance = on_diagonal + (1 - kappa) ** 2 * off_diagonal - (kappa - chance * (1 - kappa)) ** 2
    half = Z * math.sqrt(max(variance, 0.0) / n) / (1 - chance)
    return kappa, (max(kappa - half, -1.0), min(kappa + half, 1.0))
