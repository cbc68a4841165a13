"""One objection while a call is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.scoring.answers import Steps
from service.scoring.hits import Hit
from service.scoring.pack import ObjectionType
from service.scoring.results import Outcome, Step

#: All that a rep did who gave in politely.
MERE_COURTESY: frozenset[Step] = frozenset({"acknowledge"})


@dataclass(slots=True, eq=False)
class Episode:
    """From the turn that voices an objection to the customer's last reaction to it. Turns are indices; -1: never.

    `argued` is the rep's last turn with a reason or proof, `voiced_after` counts the rep's turns before it was last
    voiced. `outcome` is None until the customer reacts.
    """

    type: ObjectionType
    turn: int
    opening: tuple[Hit, ...]
    last_voiced: int
    voiced_after: int
    repeats: list[Hit] = field(default_factory=list)
    steps: Steps = field(default_factory=dict)
    argued: int = -1
    outcome: Outcome | None = None
    outcome_turn: int = -1
    outcome_hits: tuple[Hit, ...] = ()

    @property
    def settled(self) -> bool:
        """True once the customer accepted an answer that had an argument."""
        return self.outcome == "accepted" and "argument" in self.steps

    @property
    def open(self) -> bool:
        """True until the customer accepted or refused."""
        return self.outcome in (None, "neutral")

    @property
    def unanswered(self) -> bool:
        """True while the rep has done no more than acknowledge it."""
        return self.steps.keys() <= MERE_COURTESY

    def react(self, outcome: Outcome, turn: int, hits: tuple[Hit, ...]) -> None:
        """Take the customer's newest reaction; the last one stands."""
        self.outcome, self.outcome_turn, self.outcome_hits = outcome, turn, hits
