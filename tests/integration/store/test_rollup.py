"""The sums behind the KPIs: exact after any history, grouped and filtered as asked."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from service.scoring.errors import CallStateWrong
from service.scoring.kpi_sums import KpiSums
from service.store.database import Database
from service.store.records import Call, KpiFilter, KpiTotals
from service.store.rollup_weeks import WEEK, stretches
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript

WORKERS = 8
CALLS = 40
ROUNDS = 3


def _score(database: Database, call_id: UUID, token: str, points: list[float], adherence: tuple[float, float]) -> bool:
    """Score a call, again if it was scored; False if another worker holds it."""
    with database.transaction() as tx:
        if tx.calls.get(call_id).status == "scored":
            tx.calls.rescore(call_id, now=NOW)
    with database.transaction() as tx:
        if tx.calls.claim(call_id, "score", token=token, now=NOW, lease_s=60) is None:
            return False
    with database.transaction() as tx:
        violations = len(points) % 3
        scorecard = sample_scorecard(points, adherence=adherence, pack_version=token, violations=violations)
        return tx.scorecards.save(call_id, scorecard, token=token, now=NOW)


def _scored(database: Database, external_id: str, points: list[float], **changes: object) -> Call:
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(external_id, **changes), now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
        tx.transcripts.save(call.id, sample_transcript(), token="t", now=NOW)
    assert _score(database, call.id, "s", points, (1.0, 2.0))
    return call


def _groups(totals: tuple[KpiTotals, ...]) -> dict[str, tuple[str, int, int]]:
    return {group.group: (group.title, group.sums.calls_received, group.sums.objections) for group in totals}


@pytest.mark.parametrize("seed", [1, 2])
def test_any_history_of_scores_and_rescores_in_threads_leaves_exact_sums(database: Database, seed: int) -> None:
    """Points that no binary fraction can hold, added and taken away in any order, sum up to what the scorecards say."""
    chance = random.Random(seed)
    ids = []
    for number in range(CALLS):
        day = NOW - timedelta(days=chance.randrange(3))
        rep = f"rep-{chance.randrange(4)}"
        ids.append(_scored(database, str(number), [0.1] * chance.randrange(4), started_at=day, rep_external_id=rep).id)
    work = [
        (
            call_id,
            f"{at}-{number}",
            [round(chance.uniform(0, 5), 3) for _ in range(chance.randrange(5))],
            (chance.uniform(0, 9), chance.uniform(9, 12)),
        )
        for at in range(ROUNDS)
        for number, call_id in enumerate(ids)
    ]
    chance.shuffle(work)

    def attempt(task: tuple[UUID, str, list[float], tuple[float, float]]) -> bool:
        try:
            return _score(database, *task)
        except CallStateWrong:
            # Another thread just asked for the same rescore.
            return False

    with ThreadPoolExecutor(WORKERS) as threads:
        assert sum(threads.map(attempt, work)) > CALLS
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        before = tx.rollup.totals("rep", KpiFilter())
    with database.transaction() as tx:
        tx.rollup.rebuild()
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        assert tx.rollup.totals("rep", KpiFilter()) == before


def test_a_rollup_that_was_tampered_with_is_found_out_and_can_be_rebuilt(database: Database, database_url: str) -> None:
    _scored(database, "1", [4.0, 2.0])
    _scored(database, "2", [1.5], rep_external_id="rep-2")
    with database.read() as tx:
        right = tx.rollup.totals("all", KpiFilter())
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE rep_days SET argumentation_micro = argumentation_micro + 1 WHERE objections = 2")
        )
        connection.execute(text("DELETE FROM rep_days WHERE objections = 1"))
    engine.dispose()
    with database.read() as tx:
        differences = tx.rollup.verify()
    assert len([sentence for sentence in differences if "differs from the scorecards" in sentence]) == 2
    assert any("argumentation_micro +1" in sentence for sentence in differences)
    assert any("calls_received -1" in sentence for sentence in differences)
    with database.transaction() as tx:
        tx.rollup.rebuild()
        assert tx.rollup.verify() == ()
        assert tx.rollup.totals("all", KpiFilter()) == right


def test_a_week_that_was_tampered_with_is_found_out_and_can_be_rebuilt(database: Database, database_url: str) -> None:
    _scored(database, "1", [4.0, 2.0])
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE rep_weeks SET objections = objections + 1"))
    engine.dispose()
    with database.transaction() as tx:
        [difference] = tx.rollup.verify()
        assert "week of 2025-11-03" in difference
        assert difference.endswith("differs from its days by objections +1")
        tx.rollup.rebuild()
        assert tx.rollup.verify() == ()


def test_any_period_is_the_sum_of_its_days(database: Database) -> None:
    """Wherever in the week it begins and ends, and whatever it is narrowed to, a period's figures are those of its days."""
    chance = random.Random(3)
    for number in range(24):
        points = [round(chance.uniform(0, 5), 3) for _ in range(chance.randrange(4))]
        at = NOW - timedelta(days=number)
        _scored(database, str(number), points, started_at=at, rep_external_id=f"rep-{number % 3}")
    end = NOW.date()
    with database.read() as tx:
        for _ in range(40):
            begin = end - timedelta(days=chance.randrange(24))
            wanted = KpiFilter(
                begin if chance.random() < 0.9 else None,
                end - timedelta(days=chance.randrange((end - begin).days + 1)) if chance.random() < 0.9 else None,
                rep=chance.choice((None, "rep-1")),
                script=chance.choice((None, "b2b_sales", "renewal")),
                rules=chance.choice((None, frozenset({("b2b_sales", "ru/s")}), frozenset({("b2b_sales", "ru/9")}))),
            )
            days = [group.sums for group in tx.rollup.totals("day", wanted)]
            for group_by in ("all", "rep", "week"):
                found = [group.sums for group in tx.rollup.totals(group_by, wanted)]  # type: ignore[arg-type]
                for name in ("calls_received", "calls_scored", "objections", "adherence_points", "wait_sum_s"):
                    assert sum(getattr(sums, name) for sums in found) == sum(getattr(sums, name) for sums in days)


def test_the_days_of_whole_weeks_are_not_read(database: Database, database_url: str) -> None:
    """A year of five hundred reps is read in weeks: a seventh of the rows, and the manager does not wait for the others."""
    for number in range(20):
        _scored(database, str(number), [4.0], started_at=NOW - timedelta(days=number))
    year = KpiFilter(NOW.date() - timedelta(days=363), NOW.date())
    weeks = stretches(year.date_from, year.date_to)
    with database.read() as tx:
        before = [tx.rollup.totals(group_by, year) for group_by in ("rep", "week", "all")]  # type: ignore[arg-type]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        whole = next(stretch for stretch in weeks if stretch.weeks)
        gone = text("DELETE FROM rep_days WHERE day < :monday")
        assert whole.end is not None
        assert connection.execute(gone, {"monday": (whole.end + WEEK).isoformat()}).rowcount > 12
    engine.dispose()
    with database.read() as tx:
        assert [tx.rollup.totals(group_by, year) for group_by in ("rep", "week", "all")] == before  # type: ignore[arg-type]


def test_totals_come_by_rep_by_team_and_for_all(database: Database) -> None:
    with database.transaction() as tx:
        north = tx.teams.create("Север", now=NOW)
        tx.reps.create("anna", name="Анна", role="sdr", team="Север", now=NOW)
        tx.reps.create("boris", role="sales_manager", team="Север", now=NOW)
    yesterday = NOW - timedelta(days=1)
    _scored(database, "1", [4.0, 3.0], rep_external_id="anna")
    _scored(database, "2", [5.0], rep_external_id="anna", started_at=yesterday)
    _scored(database, "3", [1.0], rep_external_id="boris")
    _scored(database, "4", [], rep_external_id="guest")
    with database.read() as tx:

        def totals(group_by: str, **wanted: object) -> dict[str, tuple[str, int, int]]:
            return _groups(tx.rollup.totals(group_by, KpiFilter(**wanted)))  # type: ignore[arg-type]

        assert totals("rep") == {"anna": ("Анна", 2, 3), "boris": ("boris", 1, 1), "guest": ("guest", 1, 0)}
        assert totals("team") == {"": ("", 1, 0), "Север": ("Север", 3, 4)}
        assert totals("all") == {"all": ("all", 4, 4)}
        assert totals("rep", team="Север", date_from=NOW.date()) == {"anna": ("Анна", 1, 2), "boris": ("boris", 1, 1)}
        assert totals("all", date_to=yesterday.date()) == {"all": ("all", 1, 1)}
        assert totals("rep", role="sdr") == {"anna": ("Анна", 2, 3)}
        assert totals("rep", rep="boris") == {"boris": ("boris", 1, 1)}
        assert totals("team", team_id=north.id) == {"Север": ("Север", 3, 4)}
        assert totals("rep", date_from=date(2030, 1, 1)) == {}
        nothing = tx.rollup.totals("all", KpiFilter(date_from=date(2030, 1, 1)))
    assert nothing == (KpiTotals({"all": "all"}, {}, KpiSums()),)


def test_a_rep_who_changes_the_team_takes_the_history_along(database: Database) -> None:
    with database.transaction() as tx:
        tx.teams.create("A", now=NOW)
        tx.teams.create("B", now=NOW)
        tx.reps.create("anna", team="A", now=NOW)
    _scored(database, "1", [4.0], rep_external_id="anna")
    with database.transaction() as tx:
        tx.reps.update("anna", team="B")
        assert set(_groups(tx.rollup.totals("team", KpiFilter()))) == {"B"}


def test_the_kpis_are_read_from_the_rollup_never_from_calls(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Their cost grows with reps and days, not with calls: a year of calls must not slow the manager's page down."""
    database = Database(database_url, echo=True)
    every = KpiFilter(date(2025, 1, 1), date(2025, 12, 31), "Север", "anna", "sdr", UUID(int=1))
    with caplog.at_level("INFO"), database.read() as tx:
        for group_by in ("rep", "team", "all"):
            tx.rollup.totals(group_by, every)  # type: ignore[arg-type]
    database.close()
    statements = [record.getMessage() for record in caplog.records if "SELECT" in record.getMessage()]
    assert len(statements) == 3
    tables = ("calls ", "scorecards", "objections ", "transcripts", "item_results", "call_figures")
    assert not [
        name
        for statement in statements
        for name in tables
        if f"FROM {name}" in statement or f"JOIN {name}" in statement
    ]
