"""Findings in words, in every language of the product. Numbers and names only from the data; no advice."""

from __future__ import annotations

from service.scoring.kpi import KpiUnit
from service.scoring.kpi_findings import Against, PartFinding
from service.scoring.results import Text

_FIGURES: dict[str, tuple[str, str]] = {
    "argumentation": ("аргументации", "argumentation"),
    "objections_handled": ("доли отработанных возражений", "objections handled"),
    "script_adherence": ("соблюдения скрипта", "script adherence"),
    "violations_per_100": ("числа нарушений на 100 звонков", "violations per 100 calls"),
}
#: A pull smaller than this is not worth a clause: it rounds to nothing.
_NOTHING = {"share": 0.0005, "points": 0.005, "count": 0.05, "seconds": 0.5}


def number(value: float, unit: KpiUnit, language: str) -> str:
    """A value as people write it in this language: shares in per cent, points with two decimals, counts with one."""
    text = {"share": f"{value * 100:.0f}", "points": f"{value:.2f}", "count": f"{value:.1f}"}.get(unit, f"{value:.0f}")
    if language == "ru":
        text = text.replace(".", ",")
    if unit == "share":
        return f"{text}\u00a0%" if language == "ru" else f"{text}%"
    return text


def sentence(finding: PartFinding, title: Text, unit: KpiUnit) -> Text:
    """What the part is, what it costs, and how it is with others and was before."""
    return {language: _sentence(finding, title.get(language, finding.id), unit, language) for language in ("ru", "en")}


def _sentence(finding: PartFinding, title: str, unit: KpiUnit, language: str) -> str:
    own, russian = finding.own, language == "ru"
    value = number(own.value, unit, language)
    if finding.kind == "violation":
        said = f"{value} на 100 звонков" if russian else f"{value} per 100 calls"
        said = f"{title}: {said}"
    else:
        over = "звонков" if finding.kind == "item" else "возражений"
        counted = f"{over}: {own.n}" if russian else f"n = {own.n}"
        said = f"{title}: {value} ({counted})"
        cost = points(finding.lost, unit, language)
        what = _FIGURES[finding.kpi][0 if russian else 1]
        said += f", стоит {cost} {what}" if russian else f", costs {cost} of {what}"
    for against, ru, en in ((finding.team, "у команды", "the team"), (finding.past, "раньше", "before")):
        if against is not None and against.other is not None:
            said += f"; {ru if russian else en} {_compared(against, unit, language)}"
    return said + "."


def _compared(against: Against, unit: KpiUnit, language: str) -> str:
    if against.other is None:
        return ""
    text = number(against.other.value, unit, language)
    if abs(against.pull) >= _NOTHING[unit]:
        text += f" ({'+' if against.pull > 0 else '−'}{points(abs(against.pull), unit, language)})"
    if not against.sure:
        text += ", разница может быть случайной" if language == "ru" else ", which may be chance"
    return text


def points(value: float, unit: KpiUnit, language: str) -> str:
    """A difference: of shares in percentage points with one decimal."""
    if unit != "share":
        return number(value, unit, language)
    text = f"{value * 100:.1f}"
    return f"{text.replace('.', ',')}\u00a0п.\u00a0п." if language == "ru" else f"{text} points"
