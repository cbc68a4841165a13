"""Tables as CSV and XLSX: what a spreadsheet opens without asking, and without running anything that a cell holds."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Literal

import xlsxwriter

Cell = str | int | float | bool | datetime | date | None
Row = Sequence[Cell]
Language = Literal["ru", "en"]

#: By this mark Excel knows that a CSV file is UTF-8.
BOM = "\ufeff"
#: A text that begins like this is a formula to a spreadsheet (OWASP, "CSV injection"); an apostrophe before it makes it text.
FORMULA = re.compile(r"^\s*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]")
#: Characters that XML 1.0 cannot hold.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Longest text of an XLSX cell.
LONGEST_CELL = 32_767
#: Rows of an XLSX file: a sheet ends at 1,048,576, and nobody waits for more than this to be packed.
MOST_XLSX_ROWS = 200_000
#: Rows joined into one piece of a CSV answer.
ROWS_AT_ONCE = 500
#: Bytes read at a time from a finished XLSX file.
CHUNK_BYTES = 64 * 1024
#: Bytes of a finished XLSX file that stay in memory before it goes to the disk.
IN_MEMORY_BYTES = 1024 * 1024
COLUMN_WIDTH = 18


class TooManyRows(Exception):
    """The table is longer than an XLSX file may be."""


def csv_pieces(header: Row, rows: Iterable[Row], language: Language) -> Iterator[bytes]:
    """A CSV file piece by piece, in constant memory.

    A Russian Excel expects semicolons between cells and commas in numbers, an English one commas and points; neither asks.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if language == "ru" else ",")
    buffer.write(BOM)
    writer.writerow([_csv_cell(cell, language) for cell in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(cell, language) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def xlsx_file(header: Row, rows: Iterable[Row], sheet: str) -> IO[bytes]:
    """A finished XLSX file, at its beginning. Memory does not grow with the rows. Raises TooManyRows."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    try:
        with xlsxwriter.Workbook(file, options) as book:
            _fill(book, book.add_worksheet(sheet), header, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, header: Row, rows: Iterable[Row]) -> None:
    page.freeze_panes(1, 0)
    page.set_column(0, len(header) - 1, COLUMN_WIDTH)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page.write_row(0, 0, [_xlsx_text(str(cell)) for cell in header], book.add_format({"bold": True}))
    for number, row in enumerate(rows, start=1):
        if number > MOST_XLSX_ROWS:
            raise TooManyRows
        for column, cell in enumerate(row):
            _write(page, number, column, cell, day)


def file_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file piece by piece; it is closed at the end."""
    with file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _csv_cell(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, int | float):
        text = repr(cell)
        return text.replace(".", ",") if language == "ru" else text
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return f"'{cell}" if FORMULA.match(cell) else cell


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, day: object) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, datetime):
        # Spreadsheets know no time zones; the column's title names it.
        page.write_datetime(row, column, cell.replace(tzinfo=None))
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, day)
    else:
        # As a string it is never evaluated, whatever it begins with.
        page.write_string(row, column, _xlsx_text(cell))


def _xlsx_text(text: str) -> str:
    return NOT_XML.sub("\ufffd", text.replace("\r", "\n"))[:LONGEST_CELL]
