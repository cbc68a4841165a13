"""How far several people agree who judged the same calls without seeing each other's verdicts.

Krippendorff's alpha ("Content Analysis", 4th ed., ch. 12) takes any number of people and gaps; it is computed by the krippendorff
library. Cohen's kappa compares two at a time. Both are None where they are not defined, never 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import krippendorff
import numpy as np

from service.scoring.agreement import accuracy, cohen_kappa

#: What a verdict is about: a call and a rule of it.
Unit = tuple[str, str]
Verdict = str | float
Level = Literal["nominal", "interval"]
#: Alpha needs two people, and two different answers somewhere.
FEWEST_RATERS, FEWEST_ANSWERS = 2, 2


@dataclass(frozen=True, slots=True)
class PairOfRaters:
    """Two people over the `n` units that both judged. `accuracy` is the share of equal verdicts."""

    first: str
    second: str
    n: int
    accuracy: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A unit on which not all say the same: who says what."""

    unit: Unit
    verdicts: Mapping[str, Verdict]


def alpha(sheets: Mapping[str, Mapping[Unit, Verdict]], *, level: Level = "nominal") -> float | None:
    """Krippendorff's alpha over all units; `level` is "interval" for points."""
    units = sorted({unit for sheet in sheets.values() for unit in sheet})
    answers = sorted({verdict for sheet in sheets.values() for verdict in sheet.values()}, key=str)
    judged = [unit for unit in units if sum(unit in sheet for sheet in sheets.values()) >= FEWEST_RATERS]
    if len(sheets) < FEWEST_RATERS or len(answers) < FEWEST_ANSWERS or not judged:
        return None
    shared = {sheet[unit] for sheet in sheets.values() for unit in judged if unit in sheet}
    if len(shared) < FEWEST_ANSWERS:
        return None
    number = {answer: float(answer if level == "interval" else code) for code, answer in enumerate(answers)}
    table = [[number[sheet[unit]] if unit in sheet else np.nan for unit in judged] for sheet in sheets.values()]
    return float(krippendorff.alpha(reliability_data=np.array(table, dtype=float), level_of_measurement=level))


def pairs(sheets: Mapping[str, Mapping[Unit, Verdict]]) -> tuple[PairOfRaters, ...]:
    """Every two people, by name."""
    found = []
    for first, second in combinations(sorted(sheets), 2):
        both: list[tuple[Hashable, Hashable]] = [
            (sheets[first][unit], sheets[second][unit]) for unit in sorted(sheets[first]) if unit in sheets[second]
        ]
        found.append(PairOfRaters(first, second, len(both), accuracy(both), cohen_kappa(both)))
    return tuple(found)


def disagreements(sheets: Mapping[str, Mapping[Unit, Verdict]]) -> tuple[Disagreement, ...]:
    """The units to talk about."""
    units = sorted({unit for sheet in sheets.values() for unit in sheet})
    said = [(unit, {name: sheet[unit] for name, sheet in sheets.items() if unit in sheet}) for unit in units]
    return tuple(Disagreement(unit, verdicts) for unit, verdicts in said if len(set(verdicts.values())) > 1)


def of_group(sheets: Mapping[str, Mapping[Unit, Verdict]], groups: Sequence[str]) -> dict[str, dict[Unit, Verdict]]:
    """The sheets with the rules of these groups only (`script`, `objections` ...; a rule without a group is its own)."""
    return {
        name: {unit: verdict for unit, verdict in sheet.items() if unit[1].partition("/")[0] in groups}
        for name, sheet in sheets.items()
    }
