"""What a spreadsheet makes of an export: texts stay texts, numbers numbers, and nothing runs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from service.api import export_formats
from service.api.export_formats import Row, TooManyRows, csv_pieces, file_pieces, xlsx_file

ROW: Row = ('Анна; "Белова"', 0.75, 3, None, datetime(2025, 11, 23, 7, 15, tzinfo=UTC), date(2025, 11, 1), True)
HEADER: Row = tuple("abcdefg")


def csv_text(rows: list[Row], language: Any = "en") -> str:
    return b"".join(csv_pieces(HEADER, rows, language)).decode("utf-8")


def cells(rows: list[Row]) -> list[tuple[Any, ...]]:
    with xlsx_file(HEADER, rows, "calls") as file:
        book = openpyxl.load_workbook(file)
        return [tuple(cell.value for cell in row) for row in book.active.iter_rows(min_row=2)]  # type: ignore[union-attr]


def test_csv_is_utf8_that_excel_knows_by_its_mark() -> None:
    text = csv_text([ROW])
    assert text.startswith("\ufeffa,b,c")
    assert text.splitlines()[1] == '"Анна; ""Белова""",0.75,3,,2025-11-23 07:15:00,2025-11-01,1'


def test_a_russian_excel_gets_semicolons_and_decimal_commas() -> None:
    assert csv_text([ROW], "ru").splitlines()[1] == '"Анна; ""Белова""";0,75;3;;2025-11-23 07:15:00;2025-11-01;1'


@pytest.mark.parametrize("text", ["=1+1", "+7 999", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_a_text_that_looks_like_a_formula_is_no_formula(text: str) -> None:
    """A rep's name, or a customer's number, comes from outside: opening the list must not run it."""
    (row,) = cells([(text, *ROW[1:])])
    assert row[0].strip() == text.strip()
    with xlsx_file(HEADER, [(text, *ROW[1:])], "calls") as file:
        sheet = openpyxl.load_workbook(file).active
        assert sheet is not None
        assert sheet["A2"].data_type == "s"
    line = csv_text([(text, *ROW[1:])]).split("\n", 1)[1]
    assert line.lstrip('"').startswith("'")


def test_a_negative_number_stays_a_number() -> None:
    assert csv_text([(-0.5, *ROW[1:])]).splitlines()[1].startswith("-0.5,")


def test_a_workbook_has_typed_cells() -> None:
    (row,) = cells([ROW])
    assert row[:4] == ('Анна; "Белова"', 0.75, 3, None)
    assert row[4] == datetime(2025, 11, 23, 7, 15)  # noqa: DTZ001 - spreadsheets know no zones
    assert row[6] is True


def test_characters_that_no_file_can_hold_are_replaced() -> None:
    (row,) = cells([("a\x00b\x1f", *ROW[1:])])
    assert row[0] == "a\ufffdb\ufffd"
    assert "\ufffd" not in csv_text([("привет", *ROW[1:])])
    assert b"".join(csv_pieces(HEADER, [("\ud800", *ROW[1:])], "en"))


def test_memory_does_not_grow_with_the_rows() -> None:
    """A year of calls must not take the service down with it."""

    def rows(number: int) -> Iterator[Row]:
        for at in range(number):
            yield (f"call {at}", *ROW[1:])

    def peak(number: int) -> int:
        tracemalloc.start()
        for _ in csv_pieces(HEADER, rows(number), "en"):
            pass
        for _ in file_pieces(xlsx_file(HEADER, rows(number), "calls")):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    assert peak(6000) < peak(1000) + 2_000_000


def test_a_workbook_ends_before_excel_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_formats, "MOST_XLSX_ROWS", 3)
    xlsx_file(HEADER, [ROW] * 3, "calls").close()
    with pytest.raises(TooManyRows):
        xlsx_file(HEADER, [ROW] * 4, "calls")
