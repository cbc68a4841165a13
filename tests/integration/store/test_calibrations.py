"""Calibration: nobody sees what others said before all is said."""

from __future__ import annotations

import pytest

from service.scoring.errors import CalibrationStateWrong, CalibrationUnknown, ScorecardNotReady
from service.store.database import Database
from tests.fixtures.samples import NOW
from tests.integration.store.reviewing import COLLEAGUE, REVIEWER, card, reviewable, score
from tests.integration.store.steps import received


def test_sheets_are_told_once_the_calibration_is_closed_and_cannot_be_changed_then(database: Database) -> None:
    calls = [reviewable(database, str(at)) for at in range(2)]
    with database.transaction() as tx:
        created = tx.calibrations.create("Ноябрь", calls, by=REVIEWER, now=NOW)
        assert created.calls == tuple(calls)
        for reviewer, verdict in ((REVIEWER, "met"), (COLLEAGUE, "missed"), (COLLEAGUE, "partial")):
            tx.calibrations.hand_in(
                created.id, calls[0], reviewer=reviewer, verdicts={"script/greeting": verdict}, comment="", now=NOW
            )
        with pytest.raises(CalibrationStateWrong, match="open"):
            tx.calibrations.sheets(created.id)
        assert [sheet.verdicts for sheet in tx.calibrations.own_sheets(created.id, COLLEAGUE)] == [
            {"script/greeting": "partial"}
        ]
        assert set(tx.calibrations.get(created.id).handed_in) == {(calls[0], REVIEWER), (calls[0], COLLEAGUE)}
        closed = tx.calibrations.close(created.id, by=REVIEWER, now=NOW)
        assert closed.closed_by == REVIEWER
        assert {sheet.reviewer for sheet in tx.calibrations.sheets(created.id)} == {REVIEWER, COLLEAGUE}
        with pytest.raises(CalibrationStateWrong, match="closed"):
            tx.calibrations.hand_in(created.id, calls[0], reviewer=REVIEWER, verdicts={}, comment="", now=NOW)
        with pytest.raises(CalibrationStateWrong, match="closed"):
            tx.calibrations.close(created.id, by=REVIEWER, now=NOW)


def test_the_form_stays_that_of_the_scorecard_the_calibration_began_with(database: Database) -> None:
    call_id = reviewable(database)
    with database.transaction() as tx:
        created = tx.calibrations.create("A", [call_id], by=REVIEWER, now=NOW)
    score(database, call_id, card(version="2", items=()))
    with database.read() as tx:
        form = tx.calibrations.form(created.id, call_id)
        assert [one.id for one in form.machine.items] == ["greeting", "company", "closing"]
        assert "overpromise" in form.rulings.violations


def test_what_is_not_there_is_told(database: Database) -> None:
    call_id = reviewable(database)
    waiting = received(database, "waiting")
    with database.transaction() as tx:
        created = tx.calibrations.create("A", [call_id], by=REVIEWER, now=NOW)
        with pytest.raises(ScorecardNotReady, match=str(waiting)):
            tx.calibrations.create("B", [waiting], by=REVIEWER, now=NOW)
        with pytest.raises(CalibrationUnknown):
            tx.calibrations.get(call_id)
        with pytest.raises(CalibrationUnknown):
            tx.calibrations.form(created.id, waiting)
        with pytest.raises(CalibrationUnknown):
            tx.calibrations.hand_in(created.id, waiting, reviewer=REVIEWER, verdicts={}, comment="", now=NOW)
