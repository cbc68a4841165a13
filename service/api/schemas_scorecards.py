"""Scorecards as they go over the wire, with what is added on demand."""

from __future__ import annotations

from dataclasses import dataclass

from service.api.schemas_reviews import CallReview
from service.scoring.results import Scorecard


@dataclass(frozen=True, slots=True)
class Explanation:
    """The rules by which near misses were looked for. `same_rules`: they are those that the call was scored with."""

    pack_version: str
    pack_sha256: str
    engine_version: str
    same_rules: bool


@dataclass(frozen=True, slots=True)
class ExplainedScorecard(Scorecard):
    """A scorecard; with `explain=true` missed items have near misses, and `explained_by` names the rules that found them."""

    explained_by: Explanation | None = None
    #: What people decided, and the scorecard that counts.
    review: CallReview | None = None
