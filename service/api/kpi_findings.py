"""From the rollup's parts to findings: sentences, and the calls that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.api.kpi_titles import Titles
from service.api.schemas_kpi_quality import FigureWhy, Finding, FindingCall, FindingSide
from service.scoring import kpi_findings
from service.scoring.kpi import KpiDefinition, KpiValue
from service.scoring.kpi_findings import PARTS_OF, Against, PartFinding, Side
from service.scoring.kpi_sentences import sentence
from service.store.example_calls import ExampleCall
from service.store.records import KpiFilter
from service.store.transaction import Transaction

#: Findings for one figure, and calls of each kind for one finding: what somebody can listen to in an hour.
FINDINGS_EACH = 3
CALLS_EACH = 3


@dataclass(frozen=True, slots=True)
class Sides:
    """The rep's own parts, those of the period before, and those of the colleagues; None where there is nothing."""

    own: Side
    past: Side | None
    team: Side | None


def all_parts(definition: KpiDefinition, sides: Sides, titles: Titles) -> list[Finding]:
    """Every part of a figure, the one that hurts most first, without calls."""
    found = kpi_findings.findings(definition.id, sides.own, sides.past, sides.team)
    return [_finding(part, definition, titles, (), ()) for part in found]


def of_missed(
    tx: Transaction,
    judged: Sequence[tuple[KpiDefinition, KpiValue]],
    sides: Sides,
    titles: Titles,
    *,
    own: KpiFilter,
    colleagues: KpiFilter | None,
) -> list[Finding]:
    """For every figure on the wrong side of its target the parts that cost most, with calls.

    `own` and `colleagues` say whose calls of which days may be shown; None: no colleague's.
    """
    found: list[Finding] = []
    for definition, value in judged:
        if definition.id not in PARTS_OF or not below_target(definition, value):
            continue
        parts = kpi_findings.findings(definition.id, sides.own, sides.past, sides.team)
        for part in [part for part in parts if part.lost > 0][:FINDINGS_EACH]:
            wrong = tx.examples.where_it_went_wrong(part.kind, part.id, own, CALLS_EACH)
            well = (
                () if colleagues is None else tx.examples.where_it_went_well(part.kind, part.id, colleagues, CALLS_EACH)
            )
            found.append(_finding(part, definition, titles, wrong, well))
    return found


def why(definitions: Sequence[KpiDefinition], sides: Sides) -> list[FigureWhy]:
    """The figures that have parts, taken apart against the past and against the colleagues."""
    found = []
    for definition in definitions:
        for against, other in (("past", sides.past), ("team", sides.team)):
            # Violations have no mix: any of them may occur in any call.
            if definition.id not in PARTS_OF or definition.id == "violations_per_100" or other is None:
                continue
            compared = kpi_findings.compare(definition.id, sides.own, other)
            if compared is not None:
                found.append(
                    FigureWhy(
                        kpi=definition.id,
                        against="past" if against == "past" else "team",
                        own=compared.own,
                        other=compared.other,
                        by_parts=compared.rates,
                        by_mix=compared.mix,
                    )
                )
    return found


def below_target(definition: KpiDefinition, value: KpiValue) -> bool:
    """On the wrong side of the target, surely or not."""
    if value.value is None or definition.target is None:
        return False
    return value.value < definition.target if definition.direction == "up" else value.value > definition.target


def _finding(
    part: PartFinding,
    definition: KpiDefinition,
    titles: Titles,
    wrong: Sequence[ExampleCall],
    well: Sequence[ExampleCall],
) -> Finding:
    title = titles.get((part.kind, part.id), {"ru": part.id, "en": part.id})
    return Finding(
        kpi=part.kpi,
        kind=part.kind,
        id=part.id,
        title=title,
        value=part.own.value,
        n=part.own.n,
        share=part.own.share,
        interval=part.own.interval,
        lost=part.lost,
        past=_side(part.past),
        team=_side(part.team),
        sentence=sentence(part, title, definition.unit),
        calls=[_call(call) for call in wrong],
        done_well=[_call(call) for call in well],
    )


def _side(against: Against | None) -> FindingSide | None:
    if against is None:
        return None
    other = against.other
    return FindingSide(
        value=None if other is None else other.value,
        n=0 if other is None else other.n,
        pull=against.pull,
        sure=against.sure,
    )


def _call(call: ExampleCall) -> FindingCall:
    return FindingCall(call_id=call.call_id, day=call.day, rep=call.rep, rep_name=call.rep_name, points=call.points)
