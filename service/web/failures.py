"""What went wrong, as a sentence with a next step, in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import HTMLResponse

from service.api.problem_kinds import KINDS
from service.api.problems import Refused, request_id_of
from service.api.validation import FieldError, from_framework
from service.logs import get_logger
from service.pack_archive import ARCHIVE
from service.scoring.errors import CallscoreError, DraftInvalid
from service.web.problem_details import detail_in, field_in, message_in
from service.web.problem_words import OTHERWISE, TITLES, next_step
from service.web.rendering import render
from service.web.rule_problems import rule_problem_in
from service.web.visitor import Visitor

log = get_logger()

_HTMX = "hx-request"
#: Problems of somebody who is not, or no longer, logged in.
NOBODY_CODES = frozenset({"key_missing", "key_invalid", "session_over"})
#: Problems whose own words say more than their title.
_TELLING = frozenset(
    {
        "audio_too_large",
        "audio_too_long",
        "audio_unreadable",
        "call_claimed",
        "call_state_wrong",
        "draft_changed",
        "draft_state_wrong",
        "dispute_state_wrong",
        "login_limited",
        "name_taken",
        "password_unfit",
        "rep_unknown",
        "rescore_state_wrong",
        "scorecard_not_ready",
        "team_unknown",
    }
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field at fault: its name in the form, what it is called, and what is wrong with it."""

    name: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """All of it in the visitor's language. `detail` and `next_step` may be empty."""

    code: str
    status: int
    title: str
    detail: str
    next_step: str
    fields: tuple[Wrong, ...]

    def of(self, name: str) -> str:
        """What is wrong with this field; empty if nothing is."""
        return "; ".join(wrong.message for wrong in self.fields if wrong.name == name)


def failure_of(error: Refused | CallscoreError | RequestValidationError, visitor: Visitor) -> Failure:
    """An error, told. Raises the error itself if nobody has given it a code."""
    code, detail, status, fields = _told(error)
    in_rules = isinstance(error, DraftInvalid)
    ours = status >= 500  # noqa: PLR2004 - our side's fault, so somebody must be able to find out why
    if ours:
        log.warning("page could not be shown", code=code, reason=detail)
    return Failure(
        code=code,
        status=status,
        title=visitor.say(TITLES.get(code, OTHERWISE)),
        detail=detail_in(visitor, detail) if code not in TITLES or code in _TELLING else "",
        next_step=visitor.say(next_step(code, ours=ours)),
        fields=tuple(
            Wrong(
                wrong.field,
                field_in(visitor, wrong.field),
                rule_problem_in(visitor, wrong.message)
                if in_rules
                else message_in(visitor, wrong.message, wrong.limit),
            )
            for wrong in fields
        ),
    )


def failure_page(request: Request, error: Refused | CallscoreError | RequestValidationError) -> HTMLResponse:
    """The page for an error; for a part of a page asked for by script, only the message."""
    failure = failure_of(error, request.state.visitor)
    return render(
        request,
        "failure_part.html" if _HTMX in request.headers else "failure.html",
        status=failure.status,
        failure=failure,
        log_in=failure.code in NOBODY_CODES,
        request_id=request_id_of(request),
    )


def _told(
    error: Refused | CallscoreError | RequestValidationError,
) -> tuple[str, str, int, Sequence[FieldError]]:
    if isinstance(error, Refused):
        return error.code, str(error.detail), error.status_code, error.errors
    if isinstance(error, RequestValidationError):
        return "validation_failed", "", KINDS["validation_failed"].status, from_framework(error.errors())
    if isinstance(error, DraftInvalid):
        places = {problem: f"{problem.file}:{problem.line}" for problem in error.problems}
        found = [
            FieldError(problem.file if problem.file == ARCHIVE else place, problem.message)
            for problem, place in places.items()
        ]
        return error.code, "", KINDS[error.code].status, found
    if error.code in KINDS:
        return error.code, str(error), KINDS[error.code].status, getattr(error, "errors", ())
    raise error
