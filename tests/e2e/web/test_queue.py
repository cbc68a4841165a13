"""The review queue: calls are given to colleagues, the filters stay in the address, and the next call is one key away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.web.conftest import Site

LANGUAGES = [("ru", "wide"), ("en", "narrow")]


def choose(page: Page, number: int) -> list[str]:
    """Tick this many calls that nobody has; their ids."""
    boxes = page.locator('input[name="call"]')
    ids = [boxes.nth(at).get_attribute("value") or "" for at in range(number)]
    for at in range(number):
        boxes.nth(at).check()
    return ids


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_several_calls_are_given_to_a_colleague_who_finds_them(site: Site, language: str, size: str) -> None:
    page = site.page("qa", language=language, size=size)
    page.goto("/review?language=ru&holder=nobody")
    ids = choose(page, 2)
    expect(page.locator("#chosen")).to_contain_text("2")
    page.select_option("#to", label="Sam Quality")
    page.locator('button[value="assign"]').click()
    expect(page.locator(".done-note")).to_contain_text("Sam Quality")
    assert "language=ru" in page.url
    assert not {box.get_attribute("value") for box in page.locator('input[name="call"]').all()} & set(ids)
    theirs = site.page("qa2", language=language, size=size)
    theirs.goto("/review?mine=true")
    for call in ids:
        expect(theirs.locator(f'input[value="{call}"]')).to_be_visible()
    theirs.keyboard.press("x")
    theirs.wait_for_url("**/calls/*")
    assert theirs.url.split("/calls/")[1].split("?")[0] in theirs.evaluate("document.body.innerHTML")
    page.goto(f"/calls/{ids[1]}")
    expect(page.locator(".others")).to_contain_text("Sam Quality")


def test_calls_are_given_and_taken_back_without_scripts(site: Site) -> None:
    page = site.page("qa", script=False)
    page.goto("/review?holder=nobody")
    ids = choose(page, 1)
    page.select_option("#to", label="Ольга Админ")
    page.locator('button[value="assign"]').click()
    page.goto("/review?holder=nobody")
    assert page.locator(f'input[value="{ids[0]}"]').count() == 0
    page.goto("/review")
    page.locator(f'input[value="{ids[0]}"]').check()
    page.locator('button[value="free"]').click()
    page.goto("/review?holder=nobody")
    assert page.locator(f'input[value="{ids[0]}"]').count() == 1


def test_the_filters_go_along_to_the_next_call_and_back(site: Site) -> None:
    page = site.page("qa", language="en")
    page.goto("/review?language=en&team=South")
    page.keyboard.press("x")
    page.wait_for_url("**/calls/*queue=*")
    first = page.url.split("/calls/")[1].split("?")[0]
    page.wait_for_selector(".player.ready")
    page.keyboard.press("a")
    page.wait_for_url("**saved=confirmed**")
    page.keyboard.press("x")
    page.wait_for_url(lambda url: first not in url and "queue=" in url)
    expect(page.locator(".facts")).to_contain_text("South")
    page.locator(".crumbs a").click()
    page.wait_for_url("**/review?**")
    assert "language=en" in page.url
    assert "team=South" in page.url


def test_an_empty_queue_says_what_was_done_today(site: Site) -> None:
    page = site.page("qa", language="en")
    page.goto(f"/calls/{site.seeded.all[11]}")
    page.wait_for_selector(".player.ready")
    page.keyboard.press("a")
    page.wait_for_url("**saved=confirmed**")
    page.goto("/review?script=account_renewal&language=en&flagged=false")
    expect(page.locator(".empty")).to_contain_text("No waiting call fits these filters")
    expect(page.locator(".empty")).to_contain_text("reviewed today")
    expect(page.locator(".empty")).to_contain_text("you: ")


def test_who_has_what_is_told_and_leads_to_their_calls(site: Site) -> None:
    page = site.page("admin", language="en")
    page.goto("/review?holder=nobody")
    choose(page, 1)
    page.select_option("#to", label="Нина Контроль")
    page.locator('button[value="assign"]').click()
    page.locator("main a", has_text="Нина Контроль").first.click()
    page.wait_for_url("**holder=**")
    assert page.locator('input[name="call"]').count() >= 1
