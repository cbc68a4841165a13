"""Every period that can be asked for: days and moments, and an end before the beginning is refused with a sentence."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from service.api.agreement import AgreementQuery
from service.api.kpi_query import PeriodQuery
from service.api.periods import MAX_PERIOD_DAYS
from service.api.queries import CallFilterQuery
from service.api.schemas_audit import AuditQuery
from service.api.schemas_pack_trials import NewTrial
from service.api.schemas_rescore import NewRescore
from service.api.validation import from_framework

BY_DAYS: list[tuple[type[BaseModel], dict[str, str]]] = [
    (AgreementQuery, {}),
    (NewRescore, {}),
    (NewTrial, {"kind": "backtest"}),
    (PeriodQuery, {}),
]
BY_MOMENTS: list[type[BaseModel]] = [CallFilterQuery, AuditQuery]


def complaints(asked: type[BaseModel], given: dict[str, str]) -> list[tuple[str, str]]:
    """What is said about a query: field and message."""
    with pytest.raises(ValidationError) as refused:
        asked.model_validate(given)
    return [(error.field, error.message) for error in from_framework(refused.value.errors())]


@pytest.mark.parametrize(("asked", "more"), BY_DAYS)
def test_a_last_day_lies_on_the_first_or_later(asked: type[BaseModel], more: dict[str, str]) -> None:
    backwards = more | {"from": "2026-03-02", "to": "2026-03-01"}
    assert complaints(asked, backwards) == [("to", "must not lie before `from`")]
    for fine in ({"from": "2026-03-02", "to": "2026-03-02"}, {"to": "2026-03-01"}, {"from": "2026-03-01"}, {}):
        asked.model_validate(more | fine)


@pytest.mark.parametrize("asked", BY_MOMENTS)
def test_a_period_of_moments_ends_after_it_begins(asked: type[BaseModel]) -> None:
    for backwards in (
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T10:00:00Z"},
        {"from": "2026-03-02T03:00:00+03:00", "to": "2026-03-01"},
    ):
        assert complaints(asked, backwards) == [("to", "must lie after `from`")]
    for fine in ({"from": "2026-03-02", "to": "2026-03-02"}, {"to": "2026-03-01"}, {"from": "2026-03-01"}, {}):
        asked.model_validate(fine)


@pytest.mark.parametrize(("asked", "more"), [*BY_DAYS, *((asked, {}) for asked in BY_MOMENTS)])
def test_a_day_far_from_every_call_is_a_typing_error(asked: type[BaseModel], more: dict[str, str]) -> None:
    for day in ("1999-12-31", "3000-01-01", "2026-02-30", "today"):
        assert [field for field, _ in complaints(asked, more | {"from": day})] == ["from"]


def test_key_figures_span_at_most_ten_years() -> None:
    given = {"from": "2001-01-01", "to": "2026-01-01"}
    assert complaints(PeriodQuery, given) == [("to", f"must not lie more than {MAX_PERIOD_DAYS} days after `from`")]
