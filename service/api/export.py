"""GET /v1/export/...: calls and key figures for a spreadsheet, with the filters of the lists they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import StreamingResponse

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.export_formats import MOST_XLSX_ROWS, Language, Row, TooManyRows, csv_pieces, file_pieces, xlsx_file
from service.api.export_tables import CALL_COLUMNS, PAGE, call_rows, kpi_header, kpi_rows
from service.api.kpi_answer import kpi_answer
from service.api.kpi_query import KpiQuery
from service.api.problems import invalid
from service.api.queries import CallFilterQuery
from service.api.routing import guarded_router, problems
from service.api.validation import FieldError

router = guarded_router("export")

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LANGUAGE = (
    "Of titles. In CSV `ru` also means semicolons between cells and decimal commas, as a Russian Excel expects them."
)


class CallExportQuery(CallFilterQuery):
    """Which calls."""

    ui: Language = Query("en", description=_LANGUAGE)


class KpiExportQuery(KpiQuery):
    """Which figures."""

    ui: Language = Query("en", description=_LANGUAGE)


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "contentMediaType": media_type}
    return {200: {"description": "The file", "content": {media_type: {"schema": schema}}}}


@router.get(
    "/export/calls.csv",
    operation_id="export_calls_csv",
    summary="Calls as CSV",
    response_class=StreamingResponse,
    responses=_file(CSV) | problems(),
)
def export_calls_csv(
    query: Annotated[CallExportQuery, Query()], services: ServicesDep, asker: AskerDep
) -> StreamingResponse:
    """All calls that fit, newest first. UTF-8 with a mark that Excel knows; texts that begin like formulas are made harmless."""
    rows = _calls(query, services, asker)
    return _answer(services, csv_pieces(CALL_COLUMNS[query.ui], rows, query.ui), CSV, "calls.csv")


@router.get(
    "/export/calls.xlsx",
    operation_id="export_calls_xlsx",
    summary="Calls as XLSX",
    response_class=StreamingResponse,
    responses=_file(XLSX) | problems(),
)
def export_calls_xlsx(
    query: Annotated[CallExportQuery, Query()], services: ServicesDep, asker: AskerDep
) -> StreamingResponse:
    """The same as a workbook of at most 200,000 rows."""
    return _workbook(services, CALL_COLUMNS[query.ui], _calls(query, services, asker), "calls")


@router.get(
    "/export/kpi.csv",
    operation_id="export_kpi_csv",
    summary="Key figures as CSV",
    response_class=StreamingResponse,
    responses=_file(CSV) | problems("pack_invalid"),
)
def export_kpi_csv(
    query: Annotated[KpiExportQuery, Query()], services: ServicesDep, asker: AskerDep
) -> StreamingResponse:
    """The figures of `GET /v1/kpi`, one row a group and figure."""
    answer = kpi_answer(services, query, asker)
    pieces = csv_pieces(kpi_header(answer, query.ui), kpi_rows(answer, query.ui), query.ui)
    return _answer(services, pieces, CSV, "kpi.csv")


@router.get(
    "/export/kpi.xlsx",
    operation_id="export_kpi_xlsx",
    summary="Key figures as XLSX",
    response_class=StreamingResponse,
    responses=_file(XLSX) | problems("pack_invalid"),
)
def export_kpi_xlsx(
    query: Annotated[KpiExportQuery, Query()], services: ServicesDep, asker: AskerDep
) -> StreamingResponse:
    """The same as a workbook."""
    answer = kpi_answer(services, query, asker)
    return _workbook(services, kpi_header(answer, query.ui), kpi_rows(answer, query.ui), "kpi")


def _calls(query: CallFilterQuery, services: Services, asker: Asker) -> Iterator[Row]:
    """The first page is read at once: a database that is away is a problem document then, not a file that breaks off."""
    wanted = query.filter(team_id=asker.team_id, rep_id=asker.rep_id)
    with services.database.read() as tx:
        first = tx.calls.list(wanted, limit=PAGE)
    return call_rows(services.database, wanted, first)


def _workbook(services: Services, header: Row, rows: Iterator[Row], name: str) -> StreamingResponse:
    try:
        file = xlsx_file(header, rows, name)
    except TooManyRows:
        message = f"gives more than {MOST_XLSX_ROWS} rows; give a shorter period, or take CSV, which has no limit"
        raise invalid([FieldError("from", message)]) from None
    return _answer(services, file_pieces(file), XLSX, f"{name}.xlsx")


def _answer(services: Services, pieces: Iterator[bytes], media_type: str, name: str) -> StreamingResponse:
    stem, _, ending = name.partition(".")
    file_name = f"callscore-{stem}-{services.now():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
