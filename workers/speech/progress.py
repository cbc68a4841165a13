"""How far a recording's work has come: one figure that never falls, from stages that each know only their own share."""

from __future__ import annotations

from collections.abc import Callable

#: Gets the share of the work that is done, 0..1. What it raises ends the work.
OnProgress = Callable[[float], None]


class Progress:
    """Passes progress on, rising only."""

    def __init__(self, listener: OnProgress | None) -> None:
        self._listener = listener
        self._reached = 0.0

    def between(self, first: float, last: float) -> OnProgress:
        """The listener of a stage that takes the work from `first` to `last`, and itself counts from 0 to 1."""

        def report(share: float) -> None:
            if self._listener is None:
                return
            # A stage that stands still is reported too: a lease is renewed by it.
            self._reached = max(self._reached, min(1.0, first + (last - first) * share))
            self._listener(self._reached)

        return report
