"""The manager's first page adds up teams and the whole from the reps: its figures are those of `GET /v1/kpi`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.api.asker import Asker
from service.api.kpi_answer import kpi_answer
from service.api.kpi_query import KpiQuery
from service.web.today_view import MAIN, today
from tests.fixtures.plans import plans_of, statements_of
from tests.integration.api.house import House, recording, scorecard_with, uploaded

pytestmark = pytest.mark.anyio

ADMIN = Asker(role="admin", name="user:test", team_id=None)


async def test_today_s_figures_are_those_of_the_api(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n-1", "n-2")
    house.team("South", "s-1")
    calls = (("n-1", (5.0, 1.0)), ("n-1", (2.0,)), ("n-2", ()), ("s-1", (4.0, 4.5, 3.0)), ("nobody", (1.0,)))
    async with house.client("admin") as admin:
        for number, (rep, points) in enumerate(calls):
            call = await uploaded(admin, recording(1.0 + number / 10), rep=rep, external_id=f"c-{number}")
            house.transcribe(call)
            house.score(call, scorecard_with(*points))
    end = house.clock.now.date()
    begin = end - timedelta(days=27)
    services = house.app.state.services
    shown = today(services, ADMIN, begin=begin, end=end, filters={})

    def asked(group_by: str) -> dict[str, tuple[int, dict[str, tuple[float | None, int, str | None]]]]:
        query = KpiQuery.model_validate({"group_by": group_by, "from": begin.isoformat(), "to": end.isoformat()})
        return {
            group.group: (group.calls.scored, {f.id: (f.value, f.n, f.status) for f in group.kpis})
            for group in kpi_answer(services, query, ADMIN).groups
        }

    whole = asked("all")["all"][1]
    assert {
        entry[0].id: (entry[0].value, entry[0].n, entry[0].status) for entry in (*shown.main, *shown.others)
    } == whole
    for rows, group_by in ((shown.reps, "rep"), (shown.teams, "team")):
        expected = {
            name: (scored, {kpi: figures[kpi] for kpi in MAIN}) for name, (scored, figures) in asked(group_by).items()
        }
        found = {
            row.group.name: (row.group.scored, {kpi: (f.value, f.n, f.status) for kpi, f in row.figures.items()})
            for row in rows
        }
        assert found == expected
    assert all(row.sparks for row in shown.reps)
    assert (shown.received, shown.scored, shown.left_out) == (5, 5, 0)


async def test_more_reps_and_calls_are_not_more_statements(house: House) -> None:
    """The page of a house of five hundred reps asks the database as often as that of two, and never reads through its calls."""
    end = house.clock.now.date()
    counts = []
    for reps in (2, 9):
        async with house.client("admin") as admin:
            for number in range(reps):
                call = await uploaded(admin, recording(1.0), rep=f"r-{number}", external_id=f"{reps}-{number}")
                house.transcribe(call)
                house.score(call, scorecard_with(2.0))
        with plans_of(house.database, "SELECT") as steps, statements_of(house.database) as statements:
            shown = today(house.app.state.services, ADMIN, begin=end - timedelta(days=363), end=end, filters={})
        counts.append(len(statements))
        assert len(shown.reps) == reps
        assert [step for step in steps if step.startswith("SCAN calls")] == []
    assert counts[0] == counts[1]
    assert not [text for text in statements if "FROM calls" in text and "calls.id IN" not in text]
