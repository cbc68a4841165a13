"""kpi.yaml -> definitions of the key figures."""

from __future__ import annotations

from typing import get_args

from service.scoring.fields import Fields, open_file
from service.scoring.kpi import KPI_IDS, KpiDefinition, KpiDirection, KpiRole, KpiUnit
from service.scoring.source import Problems, RawFile

_KEYS = ("id", "title", "unit", "target", "direction", "minimum_n", "roles")
_UNITS: tuple[KpiUnit, ...] = get_args(KpiUnit)
_DIRECTIONS: tuple[KpiDirection, ...] = get_args(KpiDirection)
_ROLES: tuple[KpiRole, ...] = get_args(KpiRole)
LARGEST_SHARE = 1.0
MOST_POINTS = 5.0
LARGEST_MINIMUM = 1_000_000


def parse_kpis(file: RawFile, problems: Problems) -> tuple[KpiDefinition, ...]:
    """Read kpi.yaml; what is wrong is noted."""
    fields = open_file(problems, file, ("kpis",), "KPI file")
    if fields is None:
        return ()
    fields.require("kpis")
    definitions = [_kpi(entry) for entry in fields.each("kpis", _KEYS)]
    seen: set[str] = set()
    for definition in definitions:
        if definition.id in seen:
            fields.problem(fields.node("kpis"), f"'kpis': {definition.id} stands there twice")
        seen.add(definition.id)
    return tuple(definitions)


def _kpi(entry: Fields) -> KpiDefinition:
    unit = entry.one_of("unit", _UNITS, default="share", required=True)
    most = {"points": MOST_POINTS, "share": LARGEST_SHARE}.get(unit)
    return KpiDefinition(
        id=entry.one_of("id", KPI_IDS, default=KPI_IDS[0], required=True),
        title=entry.titles("title"),
        unit=unit,
        target=entry.number("target", default=0.0, least=0, most=most) if "target" in entry else None,
        direction=entry.one_of("direction", _DIRECTIONS, default="up", required=True),
        minimum_n=entry.whole("minimum_n", default=0, least=0, most=LARGEST_MINIMUM),
        roles=entry.choices("roles", _ROLES),
    )
