"""KPIs per rep or team as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.rendering import terminal_language

STATUS_STYLE = {"met": "green", "missed": "red", "too_few": "yellow"}
STATUS_WORD = {
    "met": {"en": "met", "ru": "достигнуто"},
    "missed": {"en": "not met", "ru": "не достигнуто"},
    "too_few": {"en": "too few", "ru": "мало данных"},
}
SHOWN_FOR = "head_of_sales"
HEADINGS = {
    "rep": {"en": "rep", "ru": "менеджер"},
    "calls": {"en": "calls", "ru": "звонки"},
    "target": {"en": "target", "ru": "цель"},
}


def print_kpis(console: Console, answer: Mapping[str, Any]) -> None:
    """Print the answer of `GET /v1/kpi`: a line a group; value, what it rests on, target, met or not.

    Only points and shares that a head of sales is steered by: a terminal is not wide enough for more.
    """
    ui = terminal_language().value
    groups = answer["groups"]
    if not groups:
        return
    table = Table(HEADINGS["rep"][ui], HEADINGS["calls"][ui], box=box.SIMPLE_HEAD, show_lines=True)
    for kpi in _shown(groups[0]):
        target = f"\n{HEADINGS['target'][ui]} {number(kpi['target'], kpi['unit'])}" if kpi["target"] is not None else ""
        longest_word = max(len(word) for word in kpi["title"][ui].split())
        table.add_column(f"{kpi['title'][ui]}{target}", min_width=longest_word)
    for group in groups:
        cells: list[str | Text] = [str(group["title"]), str(group["calls"]["scored"])]
        cells += [_cell(kpi, ui) for kpi in _shown(group)]
        table.add_row(*cells)
    console.print(table)


def _shown(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [kpi for kpi in group["kpis"] if SHOWN_FOR in kpi["roles"] and kpi["unit"] in ("points", "share")]


def _cell(kpi: Mapping[str, Any], ui: str) -> Text:
    if kpi["value"] is None:
        return Text("–", style="dim")
    text = Text(number(kpi["value"], kpi["unit"]))
    text.append(f" (n={kpi['n']})", style="dim")
    if kpi["status"]:
        text.append(f"\n{STATUS_WORD[kpi['status']][ui]}", style=STATUS_STYLE[kpi["status"]])
    return text


def number(value: float, unit: str) -> str:
    """A KPI's value as people write it: shares in per cent, points with two decimals, seconds whole."""
    if unit == "share":
        return f"{value:.0%}"
    if unit == "seconds":
        return f"{value:.0f} s"
    return f"{value:.2f}" if unit == "points" else f"{value:.4g}"
