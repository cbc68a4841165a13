"""What exports have in their columns: calls, and key figures in long form (one row a group and figure)."""

from __future__ import annotations

from collections.abc import Iterator

from service.api.export_formats import Language, Row
from service.api.schemas_kpi import KpiAnswer, KpiFigure, KpiGroup
from service.store.database import Database
from service.store.records import Call, CallFilter, CallPage, GroupBy

#: Calls read at a time: each page is a transaction of its own, so that a long download holds nothing up.
PAGE = 500

CALL_COLUMNS: dict[Language, Row] = {
    "en": (
        "Call",
        "Source",
        "External id",
        "Started (UTC)",
        "Received (UTC)",
        "Status",
        "Rep",
        "Rep's name",
        "Team",
        "Role",
        "Direction",
        "Customer",
        "Script",
        "Language",
        "Seconds",
        "Adherence",
        "Argumentation",
        "Objections",
        "Objections handled",
        "Flags",
        "Scored (UTC)",
        "Error",
    ),
    "ru": (
        "Звонок",
        "Источник",
        "Внешний id",
        "Начат (UTC)",
        "Получен (UTC)",
        "Состояние",
        "Сотрудник",
        "Имя сотрудника",
        "Команда",
        "Роль",
        "Направление",
        "Клиент",
        "Скрипт",
        "Язык",
        "Секунды",
        "Соблюдение скрипта",
        "Аргументация",
        "Возражения",
        "Отработано возражений",
        "Флаги",
        "Оценён (UTC)",
        "Ошибка",
    ),
}
_DIMENSIONS: dict[GroupBy, dict[Language, str]] = {
    "rep": {"en": "Rep", "ru": "Сотрудник"},
    "team": {"en": "Team", "ru": "Команда"},
    "role": {"en": "Role", "ru": "Роль"},
    "script": {"en": "Script", "ru": "Скрипт"},
    "objection_type": {"en": "Objection type", "ru": "Тип возражения"},
    "day": {"en": "Day (UTC)", "ru": "День (UTC)"},
    "week": {"en": "Week from (UTC)", "ru": "Неделя с (UTC)"},
    "month": {"en": "Month from (UTC)", "ru": "Месяц с (UTC)"},
    "all": {"en": "All", "ru": "Все"},
}
_FIGURE_COLUMNS: dict[Language, Row] = {
    "en": (
        "Calls received",
        "Calls scored",
        "Figure",
        "Title",
        "Unit",
        "Value",
        "n",
        "Target",
        "Status",
        "95 % from",
        "95 % to",
        "Previous",
        "Rank",
    ),
    "ru": (
        "Получено звонков",
        "Оценено звонков",
        "Показатель",
        "Название",
        "Единица",
        "Значение",
        "n",
        "Цель",
        "Статус",
        "95 % от",
        "95 % до",
        "Ранее",
        "Место",
    ),
}
STATUS_WORDS: dict[Language, dict[str, str]] = {
    "en": {"met": "met", "missed": "missed", "too_few": "too few"},
    "ru": {"met": "достигнуто", "missed": "не достигнуто", "too_few": "мало данных"},
}


def call_rows(database: Database, wanted: CallFilter, first: CallPage) -> Iterator[Row]:
    """A row a call, beginning with a page that was read already."""
    page = first
    while True:
        yield from map(_call_row, page.calls)
        if page.next_cursor is None:
            return
        with database.read() as tx:
            page = tx.calls.list(wanted, limit=PAGE, cursor=page.next_cursor)


def kpi_header(answer: KpiAnswer, language: Language) -> Row:
    """Two columns a dimension, its key and its name, then the figure's."""
    titles = {"en": "name", "ru": "название"}
    dimensions = [
        text
        for by in answer.dimensions
        for text in (_DIMENSIONS[by][language], f"{_DIMENSIONS[by][language]}, {titles[language]}")
    ]
    return (*dimensions, *_FIGURE_COLUMNS[language])


def kpi_rows(answer: KpiAnswer, language: Language) -> Iterator[Row]:
    for group in answer.groups:
        for figure in group.kpis:
            yield _kpi_row(group, figure, language)


def _kpi_row(group: KpiGroup, figure: KpiFigure, language: Language) -> Row:
    keys = [text for by, key in group.keys.items() for text in (key, group.titles[by][language])]
    low, high = figure.interval or (None, None)
    status = None if figure.status is None else STATUS_WORDS[language][figure.status]
    return (
        *keys,
        group.calls.received,
        group.calls.scored,
        figure.id,
        figure.title[language],
        figure.unit,
        figure.value,
        figure.n,
        figure.target,
        status,
        low,
        high,
        figure.previous,
        figure.rank,
    )


def _call_row(call: Call) -> Row:
    return (
        str(call.id),
        call.source,
        call.external_id,
        call.started_at,
        call.received_at,
        call.status,
        call.rep.external_id,
        call.rep.name,
        None if call.rep.team is None else call.rep.team.name,
        call.rep.role,
        call.direction,
        call.customer_ref,
        call.script,
        call.detected_language or call.language,
        call.audio.duration_s,
        call.adherence,
        call.argumentation,
        call.objections_total,
        call.objections_handled,
        " ".join(call.flags),
        call.scored_at,
        call.error_code,
    )
