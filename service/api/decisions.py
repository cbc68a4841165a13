"""Decisions that cannot be applied, named field by field."""

from __future__ import annotations

from service.api.problems import Refused, invalid
from service.api.validation import FieldError
from service.scoring.errors import DecisionsInvalid

#: Problems of a review as a whole stand on these fields of it, not on one of its decisions.
OF_THE_WHOLE = frozenset({"verdict", "withdraw"})


def refused(error: DecisionsInvalid, field: str, *, several: bool = True) -> Refused:
    """The problem document. `field` is where the decisions stand in the request; `several` is False where it holds one."""

    def place(index: int, name: str) -> str:
        if name in OF_THE_WHOLE:
            return name
        return f"{field}.{index}.{name}" if several else f"{field}.{name}"

    return invalid([FieldError(place(found.index, found.field), found.message) for found in error.problems])
