"""The language of the pages: the user's, else the one chosen on a page, else the browser's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request

from service.api.asker import Asker
from service.store.records_people import Language, Session, User
from service.store.types import new_id
from service.web.visitor import visitor_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def request(cookie: str, browser: str) -> Request:
    headers = [(b"accept-language", browser.encode()), (b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers})


def somebody(language: Language | None) -> Asker:
    user = User(
        id=new_id(),
        email="a@example.com",
        name=None,
        role="qa_lead",
        rep=None,
        team=None,
        language=language,
        time_zone="UTC",
        password_must_change=False,
        created_at=NOW,
        last_login_at=None,
        disabled_at=None,
    )
    later = NOW + timedelta(hours=1)
    session = Session(id=new_id(), user_id=user.id, created_at=NOW, seen_at=NOW, expires_at=later, ends_at=later)
    return Asker.of_user(user, session, "token")


@pytest.mark.parametrize(
    ("own", "cookie", "browser", "shown"),
    [
        (None, "", "ru-RU,en;q=0.5", "ru"),
        (None, "callscore_language=en", "ru-RU", "en"),
        ("en", "callscore_language=ru", "ru-RU", "en"),
        (None, "", "fr-FR", "en"),
    ],
)
def test_the_language_of_the_pages(own: Language | None, cookie: str, browser: str, shown: str) -> None:
    assert visitor_of(request(cookie, browser), somebody(own), NOW).language == shown
