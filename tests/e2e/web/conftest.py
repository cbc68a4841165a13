"""A department with some weeks of calls, served with its pages, and the system's own Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.api.app import create_app
from service.packs import PackLibrary
from service.queue import NullQueue
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.web.site import add_site
from tests.e2e.web.seed import PASSWORD, RULES, Seeded, seed
from tests.integration.api.serving import served

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WIDE, NARROW = (1440, 900), (360, 780)
SIZES = {"wide": WIDE, "narrow": NARROW}


@dataclass
class Site:
    """The pages under an address, what is in them, and a browser to look at them."""

    url: str
    seeded: Seeded
    browser: Browser
    database: Database
    _signed_in: dict[str, Any] = field(default_factory=dict)

    def page(self, user: str | None = "qa", *, language: str = "ru", size: str = "wide", script: bool = True) -> Page:
        """A fresh window of somebody who is logged in (None: nobody is). Errors of scripts and of the policy fail the test."""
        locale = {"ru": "ru-RU", "en": "en-GB"}[language]
        width, height = SIZES[size]
        context = self.browser.new_context(
            base_url=self.url,
            locale=locale,
            timezone_id="Europe/Moscow",
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            storage_state=self._state(user),
        )
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "callscore_zone", "value": "Europe/Moscow", "url": self.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        if user is not None:
            page.goto(f"/language?to={language}&next=/language")
        return page

    complaints: list[str] = field(default_factory=list)

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # What a test provokes on purpose is an answer with a status, which browsers write down as an error too.
        if kind == "error" and "Failed to load resource" not in text and "Response Status Error" not in text:
            self.complaints.append(f"{page.url}: {text}")

    def _state(self, user: str | None) -> Any:
        if user is None:
            return None
        if user not in self._signed_in:
            context = self.browser.new_context(base_url=self.url)
            page = context.new_page()
            page.goto("/login")
            page.fill("#email", f"{user}@example.com")
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url(lambda url: "/login" not in url)
            self._signed_in[user] = context.storage_state()
            context.close()
        return self._signed_in[user]


@pytest.fixture(scope="session")
def department(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Database, AudioStore, Settings, Seeded]]:
    folder = tmp_path_factory.mktemp("department")
    shutil.copy(sqlite_template, folder / "callscore.db")
    database = Database(f"sqlite:///{folder / 'callscore.db'}")
    audio = AudioStore((folder / "audio").as_uri())
    seeded = seed(database, audio, now=NOW, weeks=3, calls_a_day=3)
    yield database, audio, Settings.model_validate({"data_dir": folder}), seeded
    database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module at a time: while Playwright runs, its event loop stands in the way of every test with one of its own."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    assert found, "the tests of the pages need Chromium; on Debian: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def whole_site(department: tuple[Database, AudioStore, Settings, Seeded], browser: Browser) -> Iterator[Site]:
    database, audio, settings, seeded = department
    app = create_app(
        settings=settings,
        database=database,
        audio=audio,
        queue=NullQueue(),
        packs=PackLibrary(RULES),
        now=lambda: NOW,
    )
    with served(add_site(app)) as url:
        yield Site(url, seeded, browser, database)


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """The same site for every test; windows are closed, and what the browser complained of fails the test."""
    whole_site.complaints.clear()
    yield whole_site
    complaints = list(whole_site.complaints)
    for context in whole_site.browser.contexts:
        context.close()
    assert not complaints, complaints
