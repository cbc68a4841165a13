"""What a person decided about one point of a scorecard."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from service.scoring.results import ItemStatus, Outcome, Step

OverrideKind = Literal[
    "item", "objection_changed", "objection_added", "objection_removed", "violation_added", "violation_removed"
]
OVERRIDE_KINDS: tuple[OverrideKind, ...] = (
    "item",
    "objection_changed",
    "objection_added",
    "objection_removed",
    "violation_added",
    "violation_removed",
)
#: What an override is about, the same for every override that would decide the same point.
Key = tuple[str, str, int]
#: Stands for "no place" in a key, so that keys sort.
ANYWHERE = -1


@dataclass(frozen=True, slots=True)
class Override:
    """One decision. Fields that its kind does not use are None.

    `target` is the script item's id, the objection's type as the machine said it (for an added one: as it is), or the
    violation's id. `utterance` is the 0-based place where the objection was voiced or the violation happened.

    - item: `status` (met, partial, missed, not_applicable), and `points` (0..1) for partial.
    - objection_changed: any of `type`, `steps`, `outcome`, `handled`, `points` (0..5); what is None stays the machine's, and
      handled and points follow the pack's policy where steps or outcome are given and they are not.
    - objection_added: `steps` and `outcome`; handled and points follow the policy unless given.
    """

    kind: OverrideKind
    target: str
    utterance: int | None = None
    status: ItemStatus | None = None
    type: str | None = None
    steps: tuple[Step, ...] | None = None
    outcome: Outcome | None = None
    handled: bool | None = None
    points: float | None = None

    @property
    def key(self) -> Key:
        """Two overrides with one key decide the same point: the later one replaces the earlier."""
        if self.kind == "item":
            return ("item", self.target, ANYWHERE)
        if self.kind.startswith("violation"):
            return ("violation", self.target, ANYWHERE)
        about = "added" if self.kind == "objection_added" else "objection"
        return (about, self.target, ANYWHERE if self.utterance is None else self.utterance)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON without the fields that are None."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def override_from_dict(data: dict[str, Any]) -> Override:
    """The inverse of `Override.to_dict`."""
    steps = data.get("steps")
    return Override(**data | {"steps": None if steps is None else tuple(steps)})
