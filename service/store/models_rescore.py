"""The tables of jobs that score stored calls again; see `service.store.models` for the others and for what holds for all."""

from __future__ import annotations

from service.store.models import metadata

__all__ = ["metadata"]
