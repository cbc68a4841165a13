"""Templates -> pages: one environment a language, everything escaped, and the headers that keep a page to itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse

from service.scoring.results import STEPS
from service.web import static_files
from service.web.failure_sentences import failure_sentence
from service.web.language import LANGUAGES, Language, catalogue
from service.web.navigation import pages_for
from service.web.problem_details import detail_in
from service.web.rule_problems import rule_problem_in, trial_problem_in
from service.web.visitor import Visitor
from service.web.words import WORDS

TEMPLATES = Path(__file__).parent / "templates"
#: Nothing but the house's own files; no inline script or style, no frame around it, forms only back to it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def headers(nonce: str | None = None) -> dict[str, str]:
    """What every page is sent with. `nonce` admits the one style sheet that the waveform makes for itself."""
    return {
        "Content-Security-Policy": POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else ""),
        "Referrer-Policy": "same-origin",
        "Vary": "Cookie, Accept-Language, HX-Request",
    }


def render(
    request: Request, template: str, *, status: int = 200, nonce: str | None = None, **values: Any
) -> HTMLResponse:
    """A page, or a part of one, in the visitor's language."""
    visitor: Visitor = request.state.visitor
    html = environment(visitor.language).get_template(template)
    text = html.render(
        request=request,
        visitor=visitor,
        asker=visitor.asker,
        may=visitor.may,
        path=request.url.path,
        nonce=nonce,
        **values,
    )
    return HTMLResponse(text, status, headers(nonce) | dict(getattr(request.state, "page_headers", {})))


@cache
def environment(language: Language) -> Environment:
    """Templates of a language."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    found.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    found.filters.update(_filters())
    found.globals.update(
        static=static_files.address,
        languages=LANGUAGES,
        with_query=with_query,
        language=language,
        word=_word(language),
        pages_for=pages_for,
        failure_sentence=failure_sentence,
        steps_in_order=STEPS,
    )
    return found


def with_query(values: Mapping[str, Any], **changes: Any) -> str:
    """A query string of `values` with `changes`; what is None or empty is left out."""
    merged = {**values, **changes}
    return urlencode([(key, value) for key, value in merged.items() if value not in (None, "")])


def _word(language: Language) -> Callable[[str, str], str]:
    """`word('status', 'met')`: what a code of the service is called on a page; the code itself where it is not known."""

    def word(group: str, code: str) -> str:
        found = WORDS[group].get(code)
        return code.replace("_", " ") if found is None else str(catalogue(language).gettext(found))

    return word


def _filters() -> dict[str, Callable[..., Any]]:
    def by_format(name: str) -> Callable[..., str]:
        @pass_context
        def shown(context: Context, value: Any, *arguments: Any) -> str:
            return str(getattr(context["visitor"].formats, name)(value, *arguments))

        return shown

    @pass_context
    def text(context: Context, value: dict[str, str] | None) -> str:
        return str(context["visitor"].text(value))

    @pass_context
    def told(context: Context, message: str | None) -> str:
        """A message of the service; empty where the visitor's language has no words for it."""
        return detail_in(context["visitor"], message) if message else ""

    @pass_context
    def rule_problem(context: Context, message: str) -> str:
        """What is wrong in a rule file."""
        return rule_problem_in(context["visitor"], message)

    @pass_context
    def trial_problem(context: Context, text: str) -> list[str]:
        """Why a trial of rules was not finished, a line for each problem."""
        return trial_problem_in(context["visitor"], text)

    def iso(when: datetime | date) -> str:
        return when.isoformat()

    def own_path(url: str) -> str:
        """Path and query of an address of this site, from where a request came."""
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    names = ("number", "percent", "measured", "clock", "lasting", "moment", "time", "day", "short_day", "month")
    own: dict[str, Callable[..., Any]] = {
        "in_words": text,
        "told": told,
        "rule_problem": rule_problem,
        "trial_problem": trial_problem,
        "iso": iso,
        "own_path": own_path,
    }
    return {name: by_format(name) for name in names} | own
