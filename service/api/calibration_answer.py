"""What a closed calibration showed: sheets -> agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from service.api.schemas_calibration import CalibrationAgreement, Differing, GroupAgreement, Pair
from service.scoring.raters import Unit, Verdict, alpha, disagreements, of_group, pairs
from service.scoring.sheets import ARGUMENTATION, machines_sheet
from service.store.calibrations import Form
from service.store.calibrations import Sheet as StoredSheet

Group = Literal["all", "script", "objections", "violations", "argumentation"]
GROUPS: dict[Group, tuple[str, ...]] = {
    "all": ("script", "objections", "violations"),
    "script": ("script",),
    "objections": ("objections",),
    "violations": ("violations",),
    "argumentation": (ARGUMENTATION,),
}
#: How pairs name the machine; no reviewer is called so.
MACHINE = "machine"


def agreement_of(sheets: Sequence[StoredSheet], forms: Sequence[Form]) -> CalibrationAgreement:
    """Units are a call and a rule; whoever left a rule out is left out of its units."""
    by_reviewer: dict[str, dict[Unit, Verdict]] = {}
    for sheet in sheets:
        own = by_reviewer.setdefault(sheet.reviewer, {})
        own |= {(str(sheet.call_id), rule): verdict for rule, verdict in sheet.verdicts.items()}
    machine: dict[Unit, Verdict] = {}
    for form in forms:
        answers = machines_sheet(form.machine, form.rulings)
        machine |= {(str(form.call_id), rule): verdict for rule, verdict in answers.items()}
    return CalibrationAgreement(
        reviewers=sorted(by_reviewer),
        groups=[_group(group, of_group(by_reviewer, rules)) for group, rules in GROUPS.items()],
        machine=_against_machine(of_group(by_reviewer, GROUPS["all"]), machine),
        differing=[
            Differing.model_validate(
                {"call_id": found.unit[0], "rule": found.unit[1], "verdicts": dict(found.verdicts)}
                | {"machine": machine.get(found.unit)}
            )
            for found in disagreements(by_reviewer)
        ],
    )


def _group(group: Group, sheets: dict[str, dict[Unit, Verdict]]) -> GroupAgreement:
    level: Literal["nominal", "interval"] = "interval" if group == "argumentation" else "nominal"
    shown = [] if group == "argumentation" else [Pair.model_validate(p, from_attributes=True) for p in pairs(sheets)]
    return GroupAgreement(group=group, alpha=alpha(sheets, level=level), pairs=shown)


def _against_machine(sheets: dict[str, dict[Unit, Verdict]], machine: dict[Unit, Verdict]) -> list[Pair]:
    found = [pairs({reviewer: sheet, MACHINE: machine})[0] for reviewer, sheet in sorted(sheets.items())]
    return [
        Pair(first=reviewer, second=MACHINE, n=pair.n, accuracy=pair.accuracy, kappa=pair.kappa)
        for reviewer, pair in zip(sorted(sheets), found, strict=True)
    ]
