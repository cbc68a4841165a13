"""Who looks at a call right now, so that two reviewers see each other before they save over one another.

A hint and nothing more, kept in the memory of one API process; what a reviewer has claimed and what was saved is in the database, and the store refuses a review that was
written on top of another.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

#: A page says that it is open this often (htmx's `every 15s`); who has not for twice as long has left.
HERE_FOR = timedelta(seconds=35)


class Presence:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._seen: dict[UUID, dict[str, datetime]] = {}
        self._lock = Lock()

    def others(self, call_id: UUID, actor: str, now: datetime) -> tuple[str, ...]:
        """Note that `actor` has the call open; who else has."""
        with self._lock:
            here = {who: at for who, at in self._seen.get(call_id, {}).items() if at > now - HERE_FOR}
            here[actor] = now
            self._seen[call_id] = here
            if len(self._seen) > 1000:  # noqa: PLR2004 - more calls than people can have open
                self._seen = {
                    call: people for call, people in self._seen.items() if max(people.values()) > now - HERE_FOR
                }
        return tuple(sorted(who for who in here if who != actor))
