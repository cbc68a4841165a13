"""Every page: no accessibility violation, nothing cut off, nothing untranslated, small, and readable without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.web.conftest import Site

#: Address (with `{call}` and `{rep}`) by name, and who looks at it.
PAGES: Mapping[str, tuple[str, str]] = {
    "today": ("/today", "manager"),
    "calls": ("/calls", "admin"),
    "call": ("/calls/{call}", "qa"),
    "call of a rep": ("/calls/{own}", "rep"),
    "failed call": ("/calls/{failed}", "qa"),
    "review": ("/review", "qa"),
    "disputes": ("/disputes", "qa"),
    "reps": ("/reps", "manager"),
    "rep": ("/reps/{rep}", "manager"),
    "month": ("/reps/{rep}/month?month=2026-11", "manager"),
    "rules": ("/rules", "qa"),
    "pack": ("/rules/b2b_sales?language=ru&text=Это+слишком+дорого&speaker=customer", "qa"),
    "password": ("/password", "qa"),
    "admin": ("/admin", "admin"),
    "users": ("/admin/users", "admin"),
    "reps and teams": ("/admin/reps", "admin"),
    "keys": ("/admin/keys", "admin"),
    "webhooks": ("/admin/webhooks", "admin"),
    "retention": ("/admin/retention", "admin"),
    "log": ("/admin/audit", "admin"),
    "nothing": ("/nowhere", "qa"),
}
#: Bytes of a page with all that it loads, without the recording.
LARGEST = 300_000
#: English words that no Russian page says; codes, names of rules and people may be Latin.
ENGLISH = re.compile(r"\b(the|of|and|calls?|from|with|this|your)\b", re.IGNORECASE)


def address_of(site: Site, template: str) -> str:
    return template.format(
        call=site.seeded.calls["ru-dev-05"],
        own=site.seeded.own_call,
        failed=site.seeded.unfinished["failed"],
        rep=site.seeded.reps["r-101"],
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_whole_and_translated(site: Site, name: str) -> None:
    template, user = PAGES[name]
    address = address_of(site, template)
    for language, size in (("ru", "wide"), ("en", "narrow")):
        page = site.page(user, language=language, size=size)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{size}: the page is wider than the window"
        )
        sizes = "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        loaded = page.evaluate(
            f"{sizes}.filter(e => !e.name.includes('/audio')).reduce((n, e) => n + e.decodedBodySize, 0)"
        )
        assert loaded < LARGEST, f"{loaded} bytes"
        if language == "ru":
            said = page.evaluate("""() => {
                const main = document.querySelector('main').cloneNode(true);
                main.querySelectorAll('code, [lang=en], select, datalist, .quotes, .reason').forEach(e => e.remove());
                return main.textContent;
            }""")
            assert not ENGLISH.findall(said), ENGLISH.findall(said)
        complaints = list(site.complaints)
        found = Axe().run(page)
        # The checker itself tries inline styles, which the policy refuses.
        site.complaints[:] = complaints
        assert not found.response["violations"], found.generate_report()
        page.context.close()


@pytest.mark.parametrize("name", ["today", "calls", "call", "review", "rep", "pack", "admin"])
def test_a_page_can_be_read_without_scripts(site: Site, name: str) -> None:
    template, user = PAGES[name]
    page = site.page(user, script=False)
    page.goto(address_of(site, template))
    assert page.locator("main h1").inner_text()
    assert len(page.locator("main").inner_text()) > 150


@pytest.mark.parametrize("language", ["ru", "en"])
def test_dark_pages_have_enough_contrast(site: Site, language: str) -> None:
    page = site.page("qa", language=language)
    page.emulate_media(color_scheme="dark")
    for name in ("call", "review"):
        page.goto(address_of(site, PAGES[name][0]))
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options={"runOnly": ["color-contrast"]})
        assert not found.response["violations"], found.generate_report()
