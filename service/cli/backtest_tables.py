"""The result of a backtest as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.kpi_table import number
from service.scoring.backtest import Agreement, Backtest, Change, Moved, MovedCall
from service.scoring.evaluation import Figures
from service.scoring.kpi import KpiValue

#: Rows of each table; `--json` has all.
MOST_ROWS = 15
WORDS = {
    "moved": {"en": "{} of {} calls say something else", "ru": "иначе: {} из {} звонков"},
    "figures": {"en": "Key figures", "ru": "Показатели"},
    "figure": {"en": "figure", "ru": "показатель"},
    "before": {"en": "in use", "ru": "сейчас"},
    "after": {"en": "changed", "ru": "после"},
    "difference": {"en": "difference", "ru": "разница"},
    "reps": {"en": "Reps", "ru": "Менеджеры"},
    "rep": {"en": "rep", "ru": "менеджер"},
    "calls": {"en": "calls", "ru": "звонки"},
    "changes": {"en": "What changes", "ru": "Что меняется"},
    "what": {"en": "what", "ru": "что"},
    "most": {"en": "Calls that move most", "ru": "Сильнее всего меняются"},
    "call": {"en": "call", "ru": "звонок"},
    "adherence": {"en": "script", "ru": "скрипт"},
    "argumentation": {"en": "argumentation", "ru": "аргументация"},
    "agreement": {"en": "Agreement with people, {} calls", "ru": "Согласие с людьми, звонков: {}"},
    "nobody": {
        "en": "no reviewed or labelled calls: nobody can say which side is closer to people",
        "ru": "нет проверенных или размеченных звонков: неизвестно, кто ближе к людям",
    },
}
#: Rows of the agreement table: where in the figures, and their names.
AGREEMENT = (
    (("items", "accuracy"), {"en": "script items: accuracy", "ru": "пункты скрипта: точность"}),
    (("items", "kappa"), {"en": "script items: kappa", "ru": "пункты скрипта: каппа"}),
    (("objections", "f1"), {"en": "objections: F1", "ru": "возражения: F1"}),
    (("outcome", "accuracy"), {"en": "outcome: accuracy", "ru": "исход: точность"}),
    (("handled", "agreement"), {"en": "handled: agreement", "ru": "отработано: согласие"}),
    (("argumentation", "exact"), {"en": "points: exact", "ru": "баллы: точно"}),
    (("argumentation", "within_one"), {"en": "points: within one", "ru": "баллы: ±1"}),
    (("violations", "f1"), {"en": "violations: F1", "ru": "нарушения: F1"}),
)


def print_backtest(console: Console, result: Backtest, ui: str) -> None:
    """Print what moves: figures, reps, findings, calls, and the agreement with people."""
    total = result.total
    console.print(WORDS["moved"][ui].format(total.calls_moved, total.calls))
    _figures(console, total, ui)
    _reps(console, result.reps, ui)
    _changes(console, result.changes, ui)
    _calls(console, result.calls, ui)
    _agreement(console, result.agreement, ui)


def _table(word: str, ui: str, *columns: str) -> Table:
    return Table(
        *(WORDS[column][ui] for column in columns), box=box.SIMPLE_HEAD, title=WORDS[word][ui], title_justify="left"
    )


def _figures(console: Console, total: Moved, ui: str) -> None:
    table = _table("figures", ui, "figure", "before", "after", "difference")
    for before, after in zip(total.before, total.after, strict=True):
        table.add_row(before.id, _value(before), _value(after), _difference(before.value, after.value))
    console.print(table)


def _reps(console: Console, reps: Sequence[Moved], ui: str) -> None:
    moved = [rep for rep in reps if rep.calls_moved][:MOST_ROWS]
    if not moved:
        return
    table = _table("reps", ui, "rep", "calls")
    for value in moved[0].before:
        table.add_column(value.id)
    for rep in moved:
        pairs = zip(rep.before, rep.after, strict=True)
        cells = (
            f"{_value(before)} → {_value(after)}" if before != after else _value(before) for before, after in pairs
        )
        table.add_row(rep.title, f"{rep.calls_moved}/{rep.calls}", *cells)
    console.print(table)


def _changes(console: Console, changes: Sequence[tuple[Change, int]], ui: str) -> None:
    if not changes:
        return
    table = _table("changes", ui, "what", "before", "after", "calls")
    for change, count in changes[:MOST_ROWS]:
        table.add_row(f"{change.kind} {change.id}", change.before or "–", change.after or "–", str(count))
    console.print(table)


def _calls(console: Console, calls: Sequence[MovedCall], ui: str) -> None:
    if not calls:
        return
    table = _table("most", ui, "call", "rep", "adherence", "argumentation", "changes")
    for call in calls[:MOST_ROWS]:
        changes = "; ".join(f"{c.kind} {c.id}: {c.before or '–'} → {c.after or '–'}" for c in call.changes)
        row = (call.title, call.rep, _pair(call.adherence, "share"), _pair(call.argumentation, "points"), changes)
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _agreement(console: Console, agreement: Agreement | None, ui: str) -> None:
    if agreement is None:
        console.print(WORDS["nobody"][ui], style="dim")
        return
    table = _table("agreement", ui, "figure", "before", "after", "difference")
    table.title = WORDS["agreement"][ui].format(agreement.calls)
    for path, title in AGREEMENT:
        before, after = _at(agreement.before, path), _at(agreement.after, path)
        table.add_row(title[ui], _share(before), _share(after), _difference(before, after))
    console.print(table)


def _at(figures: Figures, path: tuple[str, str]) -> float | None:
    value: float | None = figures[path[0]][path[1]]
    return value


def _value(value: KpiValue) -> str:
    return "–" if value.value is None else f"{value.value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _difference(before: float | None, after: float | None) -> Text:
    if before is None or after is None or before == after:
        return Text("")
    return Text(f"{after - before:+.3f}")


def _pair(pair: tuple[float | None, float | None], unit: str) -> str:
    shown = ["–" if value is None else number(value, unit) for value in pair]
    return shown[0] if shown[0] == shown[1] else " → ".join(shown)
