"""What a reviewer filled in becomes the review that the API takes; what was left empty stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from starlette.datastructures import FormData

from service.api.problems import Refused
from service.scoring.rulings import Rulings
from service.web.formats import Formats
from service.web.review_form import review_of
from service.web.visitor import Visitor
from tests.fixtures.samples import sample_scorecard

VISITOR = Visitor("en", Formats("en", UTC), datetime(2026, 11, 20, tzinfo=UTC))
RULINGS = Rulings(types={"price": {"en": "Price"}})
BASE = [("scorecard_id", str(uuid4())), ("version", "0")]


def form(*fields: tuple[str, str]) -> FormData:
    return FormData([*BASE, *fields])


def test_an_untouched_form_agrees() -> None:
    review = review_of(form(("verdict", "confirmed"), ("comment", " Good call ")), sample_scorecard(), RULINGS, VISITOR)
    assert (review.verdict, review.decisions, review.comment) == ("confirmed", [], "Good call")


def test_a_decision_makes_it_a_correction_whatever_button_was_pressed() -> None:
    fields = (("item.greeting.status", "met"), ("item.greeting.reason", "At 0:01"), ("verdict", "confirmed"))
    review = review_of(form(*fields), sample_scorecard(), RULINGS, VISITOR)
    assert review.verdict == "corrected"
    assert [(found.kind, found.target, found.status) for found in review.decisions] == [("item", "greeting", "met")]


def test_an_objection_is_changed_with_all_its_steps() -> None:
    fields = (
        ("objection.0.do", "change"),
        ("objection.0.outcome", "accepted"),
        ("objection.0.steps", "argument"),
        ("objection.0.steps", "confirm"),
        ("objection.0.reason", "Settled at 2:40"),
    )
    (decision,) = review_of(form(*fields), sample_scorecard(), RULINGS, VISITOR).decisions
    assert (decision.kind, decision.outcome, decision.steps) == (
        "objection_changed",
        "accepted",
        ["argument", "confirm"],
    )


def test_a_decision_without_a_reason_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        review_of(form(("item.greeting.status", "met")), sample_scorecard(), RULINGS, VISITOR)
    assert [(error.field, error.message) for error in refused.value.errors] == [
        ("Greeting", "needs a reason: the rep will read it")
    ]


def test_an_added_objection_needs_its_place() -> None:
    fields = (("added.type", "price"), ("added.reason", "He says so"), ("added.utterance", "²"))
    with pytest.raises(Refused) as refused:
        review_of(form(*fields), sample_scorecard(), RULINGS, VISITOR)
    assert "select them" in refused.value.errors[0].message
