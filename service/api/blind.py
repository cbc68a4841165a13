"""Who judges a call blind sees neither its scorecard nor what others decided, until the own sheet is handed in.

It holds for people who may hand in sheets, as long as the calibration is open: keys fetch scorecards for other systems, and reps and managers
hand in none.
"""

from __future__ import annotations

from uuid import UUID

from service.api.asker import Asker
from service.scoring.errors import CalibrationStateWrong
from service.store.transaction import Transaction


def blind_calls(tx: Transaction, asker: Asker) -> frozenset[UUID]:
    """Calls of open calibrations that the asker has still to judge."""
    if asker.user is None or not asker.may_do("hand_in_calibration_sheet"):
        return frozenset()
    return tx.calibrations.unjudged_by(asker.name)


def refuse_blind(tx: Transaction, call_id: UUID, asker: Asker) -> None:
    """Raises CalibrationStateWrong where the asker has still to judge the call."""
    if call_id in blind_calls(tx, asker):
        raise CalibrationStateWrong(
            f"call {call_id} is being calibrated: its scorecard and its reviews are shown once your own sheet is handed in, "
            "or the calibration is closed"
        )
