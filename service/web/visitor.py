"""Who looks at a page, and how they read: language, time zone, rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from service.api.access import ACCESS
from service.api.asker import Asker
from service.web.formats import Formats, zone_named
from service.web.language import Language, accepted, catalogue, known

#: The visitor's time zone, as the browser's script found it.
ZONE_COOKIE = "callscore_zone"
#: The language a visitor chose on a page; somebody logged in has one of their own.
LANGUAGE_COOKIE = "callscore_language"


@dataclass(frozen=True, slots=True)
class Visitor:
    """`asker` is None on pages that are open to all."""

    language: Language
    formats: Formats
    now: datetime
    asker: Asker | None = None

    def may(self, operation: str) -> bool:
        """Whether the visitor may do this operation of the API (a name of `service.api.access`)."""
        access = ACCESS.get(operation)
        return self.asker is not None and access is not None and self.asker.may(access)

    def text(self, text: dict[str, str] | None) -> str:
        """A text that is given in several languages."""
        if not text:
            return ""
        return text.get(self.language) or next(iter(text.values()))

    def say(self, sentence: str) -> str:
        """A sentence of the catalogue in the visitor's language."""
        return str(catalogue(self.language).gettext(sentence)) if sentence else ""


def visitor_of(request: Request, asker: Asker | None, now: datetime) -> Visitor:
    """The language is the user's, else the one chosen on a page, else the browser's."""
    user = asker.user if asker is not None else None
    language = (
        known(user.language if user is not None else None)
        or known(request.cookies.get(LANGUAGE_COOKIE))
        or accepted(request.headers.get("accept-language", ""))
    )
    zone = zone_named(request.cookies.get(ZONE_COOKIE), user.time_zone if user is not None else None)
    return Visitor(language=language, formats=Formats(language, zone), now=now, asker=asker)
