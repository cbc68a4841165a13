"""The process that `callscore api` runs: the API and the pages."""

from __future__ import annotations

from fastapi import FastAPI

from service.api import main
from service.web.site import add_site


def app_from_environment() -> FastAPI:
    """As `service.api.main.app_from_environment`, with the pages. Raises StoreUnavailable."""
    return add_site(main.app_from_environment())
