"""All tables of the database, for the migrations and for whatever walks every table."""

from __future__ import annotations

from service.store import models_packs, models_people, models_rescore, models_reviews, models_rollup
from service.store.models import metadata

__all__ = ["metadata", "models_packs", "models_people", "models_rescore", "models_reviews", "models_rollup"]
