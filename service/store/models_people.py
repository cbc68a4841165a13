"""The tables of users, sessions, webhooks; see `service.store.models` for the others and for what holds for all."""

from __future__ import annotations

from service.store.models import metadata

__all__ = ["metadata"]
