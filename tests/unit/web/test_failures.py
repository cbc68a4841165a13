"""A failure is told in the visitor's language, whatever it is: a Russian reader meets no English sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from service.api.problem_kinds import KINDS
from service.api.problems import Refused, invalid
from service.api.queries import CallQuery
from service.api.schemas_assignments import Assignment
from service.api.schemas_reviews import NewReview
from service.api.schemas_webhooks import NewWebhook
from service.api.upload_fields import Scripts, check_fields
from service.api.validation import FieldError, from_framework
from service.web.failures import Failure, failure_of
from service.web.formats import Formats
from service.web.language import LANGUAGES, Language
from service.web.problem_details import SENTENCES, detail_in
from service.web.visitor import Visitor

NOW = datetime(2026, 11, 20, tzinfo=UTC)
#: Two English words beside each other; names, codes, formats and addresses may be Latin.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")


def visitor(language: Language) -> Visitor:
    return Visitor(language, Formats(language, UTC), NOW)


def told(failure: Failure) -> str:
    fields = [f"{wrong.label}: {wrong.message}" for wrong in failure.fields]
    return "\n".join([failure.title, failure.detail, failure.next_step, *fields])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", KINDS)
def test_every_problem_has_a_title_and_what_to_do_in_the_visitor_s_language(code: str, language: Language) -> None:
    """With its example as the words of the API, and with a field at fault that nobody has foreseen."""
    example = KINDS[code].example
    errors = [FieldError(KINDS[code].field or "colour", "must be as red as the evening sky", 7.0)]
    failure = failure_of(Refused(code, example, errors=errors), visitor(language))
    assert failure.title
    assert failure.next_step, "nobody is left without a next step"
    if language == "ru":
        assert not ENGLISH.search(told(failure)), told(failure)
        assert "7" in failure.fields[0].message
    else:
        assert failure.fields[0].message == errors[0].message


def _found(model: Any, given: dict[str, Any]) -> tuple[FieldError, ...]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    return from_framework(caught.value.errors())


def _of_upload() -> list[FieldError]:
    values = {
        "source": b"\x07",
        "external_id": b"x" * 201,
        "rep": b" ",
        "started_at": b"yesterday",
        "direction": b"up",
        "script": b"none",
        "language": b"fr",
        "customer_ref": b"\xff",
        "metadata": b"[]",
    }
    found = check_fields(values, Scripts({"b2b_sales": ("ru", "en")}, "b2b_sales"), NOW)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "errors",
    [
        _of_upload(),
        _found(CallQuery, {"from": "yesterday", "to": "1999-01-01", "status": "lost", "adherence_min": "much"}),
        _found(CallQuery, {"adherence_min": 7, "limit": 0, "colour": "red", "text": "!?", "flagged": "perhaps"}),
        _found(NewReview, {"version": -1, "verdict": "fine", "comment": "x" * 3000, "withdraw": ["x"]}),
        _found(NewWebhook, {"name": "", "url": "nowhere", "events": []}),
        _found(Assignment, {"calls": [], "to": "anna"}),
    ],
)
def test_what_the_checks_of_forms_say_is_told_in_russian(errors: list[FieldError]) -> None:
    failure = failure_of(invalid(errors), visitor("ru"))
    assert len(failure.fields) == len(errors)
    assert not ENGLISH.search(told(failure)), told(failure)
    untold = [wrong.message for wrong in failure.fields if wrong.message.startswith("это значение не подходит")]
    assert len(untold) <= 2, (untold, [error.message for error in errors])


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_known_message_is_found_again_with_what_it_names(sentence: str) -> None:
    names = re.findall(r"%\((\w+)\)s", sentence)
    filled = sentence % {name: f"{name.upper()}-1" for name in names}
    shown = detail_in(visitor("ru"), filled)
    assert shown
    assert all(f"{name.upper()}-1" in shown for name in names if name != "error"), shown
    assert detail_in(visitor("en"), filled) == filled


def test_a_message_within_a_message_is_told_too() -> None:
    why = "no delivery succeeded since 2026-11-15; the last error was: the receiver answered 503"
    assert (
        detail_in(visitor("ru"), why) == "с 2026-11-15 ничего не доставлено; последняя ошибка: получатель ответил 503"
    )
