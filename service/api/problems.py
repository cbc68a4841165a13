"""Errors -> RFC 9457 problem documents. Nothing leaves the service in any other form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as FrameworkHTTPException
from starlette.routing import compile_path

from service.api.problem_kinds import KINDS, kind_of_status
from service.api.validation import FieldError, from_framework
from service.logs import get_logger
from service.scoring.errors import CallscoreError, DraftInvalid, PackError

PROBLEM_TYPE = "application/problem+json"

log = get_logger()


class Refused(HTTPException):
    """A request that is answered with a problem. `code` is a row of `KINDS`, `more` goes into the document as it is."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(KINDS[code].status, detail, dict(headers or {}))
        self.code = code
        self.errors = tuple(errors)
        self.more = more


def invalid(errors: Sequence[FieldError]) -> Refused:
    """Input whose fields are at fault; all of them are named at once."""
    names = ", ".join(dict.fromkeys(error.field for error in errors))
    some = "1 field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return Refused("validation_failed", f"{some} not valid: {names}", errors=errors)


def problem_response(
    request_id: str,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem document with what its kind adds: status, title, Retry-After."""
    kind = KINDS[code]
    body: dict[str, Any] = {
        "type": f"urn:callscore:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        **(more or {}),
    }
    if not errors and kind.field:
        errors = (FieldError(kind.field, detail),)
    if errors:
        body["errors"] = [error.to_dict() for error in errors]
    all_headers = dict(headers or {})
    if kind.retry_after_s is not None:
        all_headers.setdefault("Retry-After", str(kind.retry_after_s))
    if kind.status == 401:  # noqa: PLR2004 - RFC 9110 demands this header with it
        all_headers["WWW-Authenticate"] = 'Bearer realm="callscore"'
    return JSONResponse(body, kind.status, all_headers, PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error that a route may raise; what is not known here is `internal` (see middleware.py)."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(CallscoreError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(FrameworkHTTPException, _framework)


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """All methods of an address; the framework itself names those of one route only."""
    found = [
        method.upper()
        for template, methods in app.openapi()["paths"].items()
        if compile_path(template)[0].fullmatch(path)
        for method in methods
    ]
    return sorted(set(found))


def request_id_of(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - registered for this class only
    return problem_response(
        request_id_of(request), error.code, error.detail, errors=error.errors, headers=error.headers, more=error.more
    )


async def _domain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CallscoreError)  # noqa: S101 - registered for this class only
    if error.code not in KINDS:  # no error that a request may meet: middleware.py logs it and answers `internal`
        raise error
    kind = KINDS[error.code]
    if kind.status >= 500:  # noqa: PLR2004 - our side's fault, so somebody must be able to find out why
        log.warning("request could not be served", code=error.code, reason=str(error))
    detail = kind.example if isinstance(error, PackError) else str(error)
    found = error.problems if isinstance(error, DraftInvalid) else ()
    errors = [FieldError(f"{problem.file}:{problem.line}", problem.message) for problem in found]
    return problem_response(request_id_of(request), error.code, detail, errors=errors)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    return await _refused(request, invalid(from_framework(error.errors())))


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FrameworkHTTPException)  # noqa: S101 - registered for this class only
    code = kind_of_status(error.status_code)
    if code == "method_not_allowed":
        allowed = ", ".join(allowed_methods(request.app, request.url.path))
        detail, headers = f"this address answers to {allowed} only", {"Allow": allowed}
    else:
        detail, headers = _framework_detail(code), dict(error.headers or {})
    return problem_response(request_id_of(request), code, detail, headers=headers)


def _framework_detail(code: str) -> str:
    return KINDS[code].example if code in ("not_found", "internal") else "the body cannot be read; send JSON in UTF-8"
