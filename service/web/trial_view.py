"""A trial's result in the words of the visitor: titles of rules and figures beside their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.api.deps import Services
from service.api.kpi_titles import part_titles
from service.api.schemas_pack_trials import CallFinding, FindingMoved, TrialDetails
from service.scoring.kpi import KpiDefinition
from service.scoring.kpi_sums import PartKind
from service.web.language import said
from service.web.visitor import Visitor
from service.web.words import WORDS

#: Rows that the page shows of each table; `GET /v1/pack-drafts/{id}/trials/{id}` has all.
MOST_ROWS = 25
#: What a change of this kind is a change of.
_PARTS: Mapping[str, PartKind] = {
    "item": "item",
    "objection": "objection",
    "outcome": "objection",
    "points": "objection",
    "violation": "violation",
}
_WORDS = {"item": "item_status", "outcome": "outcome"}
_HANDLED = ", handled"
AGREEMENT: Mapping[str, str] = {
    "items.accuracy": said("Script items: same verdict"),
    "items.kappa": said("Script items: kappa"),
    "objections.f1": said("Objections found: F1"),
    "outcome.accuracy": said("Outcome: same verdict"),
    "handled.agreement": said("Handled or not: same verdict"),
    "argumentation.exact": said("Points: the same"),
    "argumentation.within_one": said("Points: at most one off"),
    "violations.f1": said("Violations found: F1"),
}


def trial_view(services: Services, visitor: Visitor, trial: TrialDetails) -> dict[str, Any]:
    """What the page needs besides the trial."""
    if trial.tests is not None:
        failures = trial.tests.failures
        return {
            "by_rule": [
                (rule, [found for found in failures if found.rule == rule])
                for rule in dict.fromkeys(found.rule for found in failures)
            ],
            "most_rows": MOST_ROWS,
        }
    if trial.backtest is None:
        return {}
    words = _Words(services, visitor)
    result = trial.backtest
    return {
        "kpis": {kpi.id: kpi for kpi in services.packs.kpis()},
        "findings": [(words.of(found), found.calls) for found in result.findings[:MOST_ROWS]],
        "calls": [(call, words.each(call.changes)) for call in result.calls[:MOST_ROWS]],
        "reps": result.reps[:MOST_ROWS],
        "columns": _columns(result.total.figures, services.packs.kpis()),
        "agreement_titles": AGREEMENT,
        "most_rows": MOST_ROWS,
    }


class _Words:
    def __init__(self, services: Services, visitor: Visitor) -> None:
        self._titles = part_titles(services.packs)
        self._visitor = visitor

    def each(self, changes: Iterable[CallFinding]) -> list[tuple[str, str, str, str]]:
        return [self.of(change) for change in changes]

    def of(self, change: CallFinding | FindingMoved) -> tuple[str, str, str, str]:
        """Kind, title, before, after."""
        title = self._titles.get((_PARTS[change.kind], change.id))
        kind = self._visitor.say(WORDS["change_kind"][change.kind])
        return (
            kind,
            self._visitor.text(title) or change.id,
            self._value(change.kind, change.before),
            self._value(change.kind, change.after),
        )

    def _value(self, kind: str, value: str | None) -> str:
        if value is None:
            return self._visitor.say(WORDS["change"]["absent"])
        if kind == "points":
            points = self._visitor.formats.number(float(value.removesuffix(_HANDLED)), 1)
            handled = self._visitor.say(WORDS["change"]["handled"]) if value.endswith(_HANDLED) else ""
            return f"{points} {handled}".strip()
        group = _WORDS.get(kind)
        return self._visitor.say(WORDS[group].get(value, value) if group else WORDS["change"]["found"])


def _columns(figures: Iterable[Any], definitions: Iterable[KpiDefinition]) -> list[KpiDefinition]:
    """Figures that somebody has a value of, in the order of the definitions."""
    there = {figure.id for figure in figures if figure.n_before or figure.n_after}
    return [definition for definition in definitions if definition.id in there]
