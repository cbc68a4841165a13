"""Exports: the same calls and figures as the lists, for those who may see them."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import openpyxl
import pytest

from service.api import export, export_tables
from tests.integration.api.house import House, problem, scorecard_with, uploaded

pytestmark = pytest.mark.anyio


async def scored(house: House, client: httpx.AsyncClient, name: str, rep: str, *points: float) -> None:
    call_id = await uploaded(client, external_id=name, rep=rep)
    house.transcribe(call_id)
    house.score(call_id, scorecard_with(*points))


def table(answer: httpx.Response, delimiter: str = ",") -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=delimiter))


def sheet(answer: httpx.Response) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200, answer.text
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    return [tuple(cell.value for cell in row) for row in page.iter_rows()]


async def test_calls_come_with_the_filters_of_the_list(house_on_both: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also over several pages of reading."""
    monkeypatch.setattr(export_tables, "PAGE", 2)
    monkeypatch.setattr(export, "PAGE", 2)
    house = house_on_both
    async with house.client("admin") as client:
        for number in range(5):
            await scored(house, client, f"c{number}", "=cmd", 5.0, 1.0)
            house.clock.forward(minutes=1)
        await scored(house, client, "other", "boris", 4.0)
        answer = await client.get("/v1/export/calls.csv", params={"rep": "=cmd"})
        rows = table(answer)
        russian = table(await client.get("/v1/export/calls.csv", params={"ui": "ru", "rep": "boris"}), ";")
        book = sheet(await client.get("/v1/export/calls.xlsx", params={"text": "долго", "argumentation_min": 4}))
    assert "attachment" in answer.headers["content-disposition"]
    assert [row["External id"] for row in rows] == ["c4", "c3", "c2", "c1", "c0"]
    assert rows[0]["Rep"] == "'=cmd"
    assert (rows[0]["Argumentation"], rows[0]["Objections"], rows[0]["Objections handled"]) == ("3.0", "2", "1")
    assert russian[0]["Аргументация"] == "4,0"
    assert [row[2] for row in book[1:]] == ["other"]


async def test_figures_come_one_a_row(house: House) -> None:
    house.team("North", "n1")
    async with house.client("admin") as client:
        await scored(house, client, "1", "n1", 5.0, 1.0)
        params = {"group_by": "team,month"}
        rows = table(await client.get("/v1/export/kpi.csv", params=params))
        book = sheet(await client.get("/v1/export/kpi.xlsx", params=params))
    handled = next(row for row in rows if row["Figure"] == "objections_handled")
    assert (handled["Team"], handled["Month from (UTC)"], handled["Value"], handled["n"]) == (
        "North",
        "2025-11-01",
        "0.5",
        "2",
    )
    pauses = next(row for row in rows if row["Figure"] == "pauses")
    assert (pauses["Value"], pauses["n"]) == ("", "0"), "no data is no zero"
    assert len(book) == len(rows) + 1


async def test_an_export_shows_no_more_than_the_list(house: House) -> None:
    house.team("North", "n1")
    async with house.client("admin") as admin:
        await scored(house, admin, "1", "n1", 5.0)
        await scored(house, admin, "2", "s1", 5.0)
    async with house.client("manager", team="North") as client:
        assert [row["Rep"] for row in table(await client.get("/v1/export/calls.csv"))] == ["n1"]
        figures = table(await client.get("/v1/export/kpi.csv", params={"group_by": "rep"}))
    assert {row["Rep"] for row in figures} == {"n1"}


@pytest.mark.parametrize(
    ("address", "query", "field"),
    [
        ("calls.csv", {"limit": "3"}, "limit"),
        ("calls.xlsx", {"adherence_min": "0.9", "adherence_max": "0.1"}, "adherence_max"),
        ("calls.csv", {"adherence_min": "2"}, "adherence_min"),
        ("calls.csv", {"text": "  !? "}, "text"),
        ("calls.csv", {"argumentation_min": "nan"}, "argumentation_min"),
        ("kpi.csv", {"group_by": "moon"}, "group_by"),
        ("kpi.xlsx", {"ui": "fr"}, "ui"),
    ],
)
async def test_a_bad_filter_is_named(house: House, address: str, query: dict[str, str], field: str) -> None:
    async with house.client("admin") as client:
        body = problem(await client.get(f"/v1/export/{address}", params=query), 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == [field]


async def test_a_workbook_that_would_be_too_long_is_refused_in_words(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.export_formats.MOST_XLSX_ROWS", 1)
    async with house.client("admin") as client:
        for name in ("1", "2"):
            await uploaded(client, external_id=name)
        body = problem(await client.get("/v1/export/calls.xlsx"), 422, "validation_failed")
    assert "shorter period" in body["errors"][0]["message"]
