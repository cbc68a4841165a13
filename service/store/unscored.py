"""Calls set aside: transcribed, but in a language that their script has no rules for.

    transcribed --claim, set_aside--> transcribed, with error_code and a flag --take_up, retry--> transcribed, waiting again

They keep their words, are found as flagged, and wait for no worker until there are rules for them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from service.scoring.wording import both
from service.store.call_work import FRESH, NO_LEASE, SET_ASIDE, held
from service.store.models import calls, flags, transcripts

#: The flag's code; the scorecard's flags replace it.
NO_RULES = "no_rules"


class UnscoredCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_aside(self, call_id: UUID, token: str, *, code: str, message: str, now: datetime) -> bool:
        """End the attempt at scoring: the call is flagged and left alone. False, and nothing changed, if it is not ours.

        `message` is shown to people and must hold no words of the call.
        """
        aside = NO_LEASE | {"attempts": 0, "error_code": code, "error_message": message}
        ours = and_(held(call_id, token), calls.c.status == "transcribed")
        if self._connection.execute(update(calls).where(ours).values(aside)).rowcount != 1:
            return False
        language = self._connection.execute(select(transcripts.c.language).where(transcripts.c.call_id == call_id))
        self._flag(call_id, language.scalar_one(), now)
        return True

    def languages(self) -> dict[tuple[str, str], int]:
        """How many calls are set aside, by (script, language)."""
        statement = (
            select(calls.c.script, transcripts.c.language, func.count().label("number"))
            .join(transcripts, transcripts.c.call_id == calls.c.id)
            .where(SET_ASIDE)
            .group_by(calls.c.script, transcripts.c.language)
            .order_by(calls.c.script, transcripts.c.language)
        )
        return {(row.script, row.language): row.number for row in self._connection.execute(statement)}

    def take_up(self, script: str, language: str) -> int:
        """Let the calls of a script and language wait for scoring again; the sweeper announces them. Returns how many."""
        spoken = select(transcripts.c.call_id).where(transcripts.c.language == language)
        found: ColumnElement[bool] = and_(SET_ASIDE, calls.c.script == script, calls.c.id.in_(spoken))
        waiting: dict[str, Any] = FRESH | {"hinted_at": None}
        return self._connection.execute(update(calls).where(found).values(waiting)).rowcount

    def _flag(self, call_id: UUID, language: str, now: datetime) -> None:
        self._connection.execute(delete(flags).where(flags.c.call_id == call_id, flags.c.code == NO_RULES))
        others = select(flags.c.position).where(flags.c.call_id == call_id).order_by(flags.c.position.desc()).limit(1)
        last = self._connection.execute(others).scalar_one_or_none()
        flag = {
            "call_id": call_id,
            "code": NO_RULES,
            "position": 0 if last is None else last + 1,
            "severity": "medium",
            "reason": both(
                f"Для языка звонка ({language}) нет правил: добавьте пакет правил или укажите язык и обработайте звонок снова.",
                f"There are no rules for the call's language ({language}): add a rule pack, or set the language and run it again.",
            ),
            "raised_at": now,
        }
        self._connection.execute(insert(flags).values(flag))
