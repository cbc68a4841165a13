"""Calls that were set aside for want of rules wait for scoring again once there are some; a part of the sweep."""

from __future__ import annotations

from service.logs import get_logger
from workers.judging import Process

log = get_logger()


def take_up(process: Process) -> None:
    """Let calls wait again whose script has rules for their language by now.

    Raises:
        StoreUnavailable: the database is away; the next sweep finds the same.
    """
    with process.database.read() as tx:
        lacking = tx.unscored.languages()
    for script, language in lacking:
        if language in process.packs.languages(script):
            with process.database.transaction() as tx:
                taken = tx.unscored.take_up(script, language)
            log.info("calls have rules now", script=script, language=language, calls=taken)
