"""The columns of the rollup, and the whole numbers that stand in them."""

from __future__ import annotations

from collections import Counter

from service.scoring.kpi_sums import PartKind
from service.store.models_rollup import call_figures

#: Points, shares and weights are summed in whole millionths.
MICRO = 1_000_000
#: The rules of a call that is not scored yet.
UNSCORED = ""
#: The summed columns that a scored call brings with it.
CALL_SUMS = tuple(column.name for column in call_figures.columns if column.name not in ("call_id", "rules"))
#: The summed columns of a rollup row.
SUMS = ("calls_received", "calls_scored", *CALL_SUMS)
#: The summed columns of a part's row.
PART_SUMS = ("calls", "n", "good", "points_micro", "points_sq_micro", "weight_micro")
#: Kind and id of a part, and its sums by PART_SUMS names.
Part = tuple[PartKind, str]
PartSums = Counter[str]


def micro(value: float) -> int:
    """`value` in whole millionths."""
    return round(value * MICRO)
