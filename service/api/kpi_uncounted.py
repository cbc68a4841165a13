"""Which rules are in no figure, because somebody switched them off: figures with a rule missing must say so."""

from __future__ import annotations

from collections.abc import Sequence

from service.api.kpi_titles import part_titles
from service.api.schemas_kpi import UncountedRule
from service.packs import PackLibrary
from service.scoring.kpi_sums import PartKind
from service.store.switches import RuleSwitch

#: The script item that has a figure of its own.
_DATED = "next_step_dated"
#: What a rule's folder is called as a part of the rollup, and the figures that such rules count in.
_FOLDERS: dict[str, tuple[PartKind, tuple[str, ...]]] = {
    "script": ("item", ("script_adherence",)),
    "objections": ("objection", ("argumentation", "objections_handled")),
    "violations": ("violation", ("violations_per_100",)),
}


def uncounted_rules(
    switches: Sequence[RuleSwitch], packs: PackLibrary, *, script: str | None = None
) -> list[UncountedRule]:
    """Of the switches in force those of one script, or all."""
    off = [switch for switch in switches if script in (None, switch.pack_id)]
    titles = part_titles(packs) if off else {}
    found = []
    for switch in sorted(off, key=lambda switch: (switch.pack_id, switch.rule)):
        folder, _, rule_id = switch.rule.partition("/")
        kind, kpis = _FOLDERS[folder]
        found.append(
            UncountedRule(
                script=switch.pack_id,
                rule=switch.rule,
                title=titles.get((kind, rule_id), {"ru": rule_id, "en": rule_id}),
                kpis=[*kpis, _DATED] if (folder, rule_id) == ("script", _DATED) else list(kpis),
                since=switch.stopped_at,
                recounted=switch.recounted,
            )
        )
    return found
