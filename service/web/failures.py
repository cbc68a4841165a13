"""What went wrong, as a sentence with a next step."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import HTMLResponse

from service.api.problem_kinds import KINDS
from service.api.problems import Refused, request_id_of
from service.api.validation import from_framework
from service.logs import get_logger
from service.scoring.errors import CallscoreError
from service.web.language import said
from service.web.rendering import render

log = get_logger()

_AGAIN = said("Try again in a moment. If it stays like this, tell an administrator the number below.")
_LOG_IN = said("Log in again and repeat it; what you typed is kept in this browser.")
#: What to do next, by the code of the problem.
NEXT_STEPS: Mapping[str, str] = {
    "call_not_found": said("It may have been erased, or belong to another team. Look for it in the list of calls."),
    "rep_not_found": said("Look for the rep in the list of reps."),
    "role_insufficient": said("Ask an administrator if you need this, or log in as somebody else."),
    "key_missing": _LOG_IN,
    "key_invalid": _LOG_IN,
    "session_over": _LOG_IN,
    "csrf_failed": said("Load the page again and repeat it; what you typed is kept in this browser."),
    "login_failed": said("Check both, or ask an administrator for a new password."),
    "login_limited": said("Wait, then try again."),
    "password_unfit": said("Choose another one."),
    "password_wrong": said("Check it, or ask an administrator."),
    "body_too_large": said("Send less at once."),
    "audio_missing": said("The scorecard and the words are kept; the sound was deleted or lost."),
    "scorecard_not_ready": said("Wait until the call is scored; this page shows how far it is."),
    "call_state_wrong": said("Reload the page: somebody else or a worker was quicker."),
    "validation_failed": said("Correct what is named here and send it again."),
    "not_found": said("Check the address, or start from the list of calls."),
    "store_unavailable": _AGAIN,
    "pack_invalid": said("An administrator finds the errors on the page of rules."),
    "internal": _AGAIN,
}
#: Titles of problems that pages meet; the others say only that it did not work.
TITLES: Mapping[str, str] = {
    "call_not_found": said("There is no such call"),
    "rep_not_found": said("There is no such rep"),
    "role_insufficient": said("Your role does not allow this"),
    "key_missing": said("You are not logged in"),
    "key_invalid": said("You are not logged in"),
    "session_over": said("Your login has ended"),
    "csrf_failed": said("This page is out of date"),
    "login_failed": said("E-mail and password do not fit"),
    "login_limited": said("Too many tries to log in"),
    "password_unfit": said("This password cannot be used"),
    "password_wrong": said("The present password is not right"),
    "body_too_large": said("That is too much at once"),
    "audio_missing": said("The recording is not there"),
    "scorecard_not_ready": said("Not scored yet"),
    "call_state_wrong": said("Not possible any more"),
    "validation_failed": said("Something in the form is not right"),
    "not_found": said("There is no such page"),
    "store_unavailable": said("The storage does not answer"),
    "pack_invalid": said("The rules cannot be read"),
    "internal": said("Something went wrong here"),
}
_OTHERWISE = said("That did not work")
_HTMX = "hx-request"
#: Problems of somebody who is not, or no longer, logged in.
NOBODY_CODES = frozenset({"key_missing", "key_invalid", "session_over"})


def failure_page(request: Request, error: Refused | CallscoreError | RequestValidationError) -> HTMLResponse:
    """The page for an error; for a part of a page asked for by script, only the message."""
    code, detail, status = _told(error)
    kind = KINDS.get(code)
    if status >= 500:  # noqa: PLR2004 - our side's fault, so somebody must be able to find out why
        log.warning("page could not be shown", code=code, reason=detail)
    template = "failure_part.html" if _HTMX in request.headers else "failure.html"
    return render(
        request,
        template,
        status=status,
        title=TITLES.get(code, _OTHERWISE),
        detail=detail if code not in TITLES or code in _TELLING else None,
        next_step=NEXT_STEPS.get(code, _AGAIN if kind is None or status >= 500 else ""),  # noqa: PLR2004
        fields=_fields(error),
        code=code,
        log_in=code in NOBODY_CODES,
        request_id=request_id_of(request),
    )


#: Problems whose own words say more than their title.
_TELLING = frozenset(
    {"validation_failed", "call_state_wrong", "scorecard_not_ready", "login_limited", "password_unfit"}
)


def _told(error: Refused | CallscoreError | RequestValidationError) -> tuple[str, str, int]:
    if isinstance(error, Refused):
        return error.code, str(error.detail), error.status_code
    if isinstance(error, RequestValidationError):
        return "validation_failed", "", KINDS["validation_failed"].status
    if error.code in KINDS:
        return error.code, str(error), KINDS[error.code].status
    raise error


def _fields(error: Exception) -> list[tuple[str, str]]:
    found = (
        from_framework(error.errors()) if isinstance(error, RequestValidationError) else getattr(error, "errors", ())
    )
    return [(field.field, field.message) for field in found]
