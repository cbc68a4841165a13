"""An upgrade of a database that has scored calls: their figures, details and words are there as if they had been scored since."""

from __future__ import annotations

from dataclasses import replace

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from service.store.database import Database
from service.store.records import CallFilter, KpiFilter, KpiTotals
from service.store.schema import MIGRATIONS
from tests.fixtures.samples import NOW, sample_scorecard
from tests.integration.store.steps import claim, received, scored, transcribed


def test_an_upgrade_keeps_every_figure(database: Database, database_url: str) -> None:
    scored(database)
    second = transcribed(database, "call-2")
    claim(database, second, "s", step="score")
    with database.transaction() as tx:
        card = sample_scorecard((4.1, 1.0), adherence=(0.3, 0.7), violations=2, flags=("low_score",))
        assert tx.scorecards.save(second, card, token="s", now=NOW)
    received(database, "call-3")
    with database.read() as tx:
        before = tx.rollup.totals("rep", KpiFilter()), tx.rollup.parts(KpiFilter()), tx.rollup.spans(KpiFilter())
    _down_and_up(database, database_url)
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        assert (tx.rollup.totals("rep", KpiFilter()), tx.rollup.parts(KpiFilter()), tx.rollup.spans(KpiFilter())) == (
            _without_waits(before[0]),
            *before[1:],
        )
        assert len(tx.calls.list(CallFilter(text="дорого"), limit=5).calls) == 2


def _without_waits(totals: tuple[KpiTotals, ...]) -> tuple[KpiTotals, ...]:
    """How long a call waited for its first score was written nowhere before."""
    return tuple(replace(t, sums=replace(t.sums, wait_calls=0, wait_sum_s=0, wait_sum_sq_s=0)) for t in totals)


def _down_and_up(database: Database, url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    engine.dispose()
    database.migrate()
