"""The figures of `callscore evaluate` as tables for people, in Russian or English."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from service.scoring.results import Text

WORDS: dict[str, Text] = {
    "calls": {"ru": "Размеченных звонков", "en": "Labelled calls"},
    "summary": {"ru": "Согласие машины с людьми", "en": "Agreement of machine and people"},
    "figure": {"ru": "Показатель", "en": "Figure"},
    "value": {"ru": "Значение", "en": "Value"},
    "items_accuracy": {"ru": "Пункты скрипта: верных вердиктов", "en": "Script items: accuracy"},
    "items_kappa": {"ru": "Пункты скрипта: каппа Коэна", "en": "Script items: Cohen's kappa"},
    "items_f1": {"ru": "Пункты скрипта: F1 по выполненным", "en": "Script items: F1 of met ones"},
    "objections": {"ru": "Возражения: точность / полнота / F1", "en": "Objections: precision / recall / F1"},
    "steps": {"ru": "Шаги ответа: F1", "en": "Steps of the answer: F1"},
    "outcome": {"ru": "Итог возражения: совпало", "en": "Outcome: same"},
    "handled": {"ru": "Отработано или нет: совпало", "en": "Handled or not: same"},
    "argumentation": {
        "ru": "Баллы: совпали / не дальше 1 / средняя ошибка",
        "en": "Points: exact / within one / mean error",
    },
    "violations": {"ru": "Нарушения: точность / полнота / F1", "en": "Violations: precision / recall / F1"},
    "kpi_argumentation": {"ru": "KPI аргументации: машина / люди", "en": "KPI argumentation: machine / people"},
    "kpi_handled": {"ru": "KPI отработки: машина / люди", "en": "KPI handled: machine / people"},
    "per_item": {"ru": "Пункты скрипта", "en": "Script items"},
    "item": {"ru": "Пункт", "en": "Item"},
    "accuracy": {"ru": "Верных", "en": "Accuracy"},
    "kappa": {"ru": "Каппа", "en": "Kappa"},
    "by_type": {"ru": "Возражения по типам", "en": "Objections by type"},
    "type": {"ru": "Тип", "en": "Type"},
    "per_step": {"ru": "Шаги ответа на возражение", "en": "Steps in answer to an objection"},
    "step": {"ru": "Шаг", "en": "Step"},
    "marked": {"ru": "У людей", "en": "People"},
    "found": {"ru": "У машины", "en": "Machine"},
    "precision": {"ru": "Точность", "en": "Precision"},
    "recall": {"ru": "Полнота", "en": "Recall"},
}
#: Shown where a figure has no data.
NO_DATA = "–"


def print_evaluation(console: Console, figures: dict[str, Any], language: str) -> None:
    """Print a summary, then script items, objections by type and steps."""
    console.print(f"{WORDS['calls'][language]}: {figures['calls']}", highlight=False)
    console.print(_summary(figures, language))
    items = _table(language, "per_item", "item", "n", "accuracy", "kappa", "F1")
    for name, row in figures["items"]["per_item"].items():
        items.add_row(name, str(row["n"]), _share(row["accuracy"]), _decimal(row["kappa"]), _decimal(row["f1"]))
    console.print(items)
    for title, first, rows in (
        ("by_type", "type", figures["objections"]["by_type"]),
        ("per_step", "step", figures["steps"]["per_step"]),
    ):
        table = _table(language, title, first, "marked", "found", "precision", "recall", "F1")
        for name, row in rows.items():
            rates = (_share(row["precision"]), _share(row["recall"]), _decimal(row["f1"]))
            table.add_row(name, str(row["marked"]), str(row["found"]), *rates)
        console.print(table)


def _summary(figures: dict[str, Any], language: str) -> Table:
    table = _table(language, "summary", "figure", "value")
    items, points, kpi = figures["items"], figures["argumentation"], figures["kpi"]
    for label, values in (
        ("items_accuracy", [_share(items["accuracy"])]),
        ("items_kappa", [_decimal(items["kappa"])]),
        ("items_f1", [_decimal(items["f1"])]),
        ("objections", _rates(figures["objections"])),
        ("steps", [_decimal(figures["steps"]["f1"])]),
        ("outcome", [_share(figures["outcome"]["accuracy"])]),
        ("handled", [_share(figures["handled"]["agreement"])]),
        ("argumentation", [_share(points["exact"]), _share(points["within_one"]), _decimal(points["mae"])]),
        ("violations", _rates(figures["violations"])),
        ("kpi_argumentation", [_decimal(kpi["argumentation"][side]) for side in ("machine", "people")]),
        ("kpi_handled", [_share(kpi["objections_handled"][side]) for side in ("machine", "people")]),
    ):
        table.add_row(WORDS[label][language], " / ".join(values))
    return table


def _table(language: str, title: str, first: str, *columns: str) -> Table:
    table = Table(title=WORDS[title][language], title_justify="left")
    table.add_column(WORDS[first][language])
    for column in columns:
        table.add_column(WORDS[column][language] if column in WORDS else column, justify="right")
    return table


def _rates(row: dict[str, Any]) -> list[str]:
    return [_share(row["precision"]), _share(row["recall"]), _decimal(row["f1"])]


def _share(value: float | None) -> str:
    return NO_DATA if value is None else f"{value * 100:.1f} %"


def _decimal(value: float | None) -> str:
    return NO_DATA if value is None else f"{value:.2f}"
