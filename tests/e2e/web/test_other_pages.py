"""Each page's main task, in both languages, wide and narrow, with and without the right."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Dialog, expect

from service.scoring.transcript import Transcript
from tests.e2e.web.conftest import NOW, Site
from tests.e2e.web.seed import PASSWORD, SAMPLES, dialogues, receive, score_as_worker, scorecards

LANGUAGES = [("ru", "wide"), ("en", "narrow")]
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.mark.parametrize(("language", "size", "button"), [("ru", "wide", "Войти"), ("en", "narrow", "Log in")])
def test_somebody_logs_in_and_comes_to_the_page_that_was_asked_for(
    site: Site, language: str, size: str, button: str
) -> None:
    page = site.page(None, language=language, size=size)
    page.goto("/calls?status=failed")
    assert "/login?next=" in page.url
    page.fill("#email", "qa@example.com")
    page.fill("#password", "wrong password")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/calls?status=failed")


def test_nobody_sees_anything_without_logging_in(site: Site) -> None:
    with httpx.Client(base_url=site.url, follow_redirects=False) as client:
        for address in ("/today", "/calls", "/review", "/admin", f"/calls/{site.seeded.all[0]}"):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")


@pytest.mark.parametrize(("user", "address"), [("rep", "/review"), ("manager", "/admin/users"), ("qa", "/admin/keys")])
def test_who_lacks_the_right_is_told_so(site: Site, user: str, address: str) -> None:
    page = site.page(user)
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Ваша роль этого не позволяет")


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_calls_are_found_by_filters_that_stand_in_the_address(site: Site, language: str, size: str) -> None:
    page = site.page(language=language, size=size)
    page.goto("/calls")
    page.select_option("#rep", "r-201")
    page.select_option("#status", "failed")
    page.locator("form[role=search] button").click()
    assert "rep=r-201" in page.url
    assert "status=failed" in page.url
    expect(page.locator("#call-rows tbody tr")).to_have_count(1)
    page.goto("/calls?rep=nobody")
    expect(page.locator(".empty")).to_be_visible()


def test_calls_are_found_by_what_was_said_in_any_form_of_the_words(site: Site) -> None:
    page = site.page()
    page.goto("/calls")
    page.fill("#text", "скидки")
    page.locator("form[role=search] button").click()
    found = page.locator("#call-rows tbody tr")
    assert found.count() > 0
    expect(page.locator("#text")).to_have_value("скидки")
    page.fill("#text", "абракадаброй")
    page.locator("form[role=search] button").click()
    expect(page.locator(".empty")).to_be_visible()


def test_a_wrong_filter_gets_a_sentence(site: Site) -> None:
    page = site.page()
    page.goto("/calls?from=yesterday")
    expect(page.locator("main")).to_contain_text("нужен день в виде 2025-11-23")
    expect(page.locator("h1")).to_have_text("В форме что-то не так")


def test_an_admin_uploads_a_recording_and_sees_it_come_in(site: Site) -> None:
    page = site.page("admin", language="en")
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101")
    page.set_input_files("#up-files", SAMPLES / "en-dev-03.wav")
    link = page.locator(".uploads a")
    expect(link).to_be_visible()
    link.click()
    expect(page.locator("#call-state")).to_contain_text("Waiting")


def test_a_file_that_is_no_recording_is_refused_with_a_reason(site: Site) -> None:
    page = site.page("admin")
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101")
    page.set_input_files("#up-files", {"name": "note.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"})
    expect(page.locator(".uploads .failed")).to_be_visible()


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_the_manager_sees_who_needs_help_and_goes_to_the_calls_behind(site: Site, language: str, size: str) -> None:
    page = site.page("manager", language=language, size=size)
    page.goto("/")
    assert page.url.endswith("/today")
    rows = page.locator("table").first.locator("tbody tr")
    assert rows.count() >= 2
    assert "South" not in page.locator("main").inner_text()
    rows.first.locator("td.number a").click()
    page.wait_for_url("**/calls?**rep=r-1**")
    assert page.locator("#call-rows tbody tr").count() >= 1


def test_a_rep_comes_to_its_own_figures_and_to_no_others(site: Site) -> None:
    page = site.page("rep")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Анна Белова")
    page.goto(f"/reps/{site.seeded.reps['r-102']}")
    expect(page.locator("h1")).to_have_text("Такого менеджера нет")


def test_a_rep_s_trend_is_drawn_and_told(site: Site) -> None:
    page = site.page("manager", language="en")
    page.goto(f"/reps/{site.seeded.reps['r-101']}")
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.locator("details.more summary").first.click()
    assert page.locator("details.more table tbody tr").first.is_visible()


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_the_next_call_of_the_queue_is_taken_with_one_key(site: Site, language: str, size: str) -> None:
    page = site.page("qa2", language=language, size=size)
    page.goto("/review")
    page.keyboard.press("x")
    page.wait_for_url("**/calls/*")
    taken = page.url.rsplit("/", 1)[1]
    page.goto("/review?mine=true")
    expect(page.locator(f'a[href^="/calls/{taken}"]')).to_be_visible()


def test_an_empty_queue_says_what_was_done(site: Site) -> None:
    page = site.page("qa", language="en")
    page.goto("/review?script=account_renewal")
    expect(page.locator(".empty")).to_contain_text("No waiting call fits these filters")


@pytest.mark.parametrize(("language", "text"), [("ru", "Это слишком дорого для нас"), ("en", "That is too expensive")])
def test_a_sentence_is_tried_against_the_rules(site: Site, language: str, text: str) -> None:
    page = site.page(language=language)
    page.goto(f"/rules/b2b_sales?language={language}")
    page.fill("#text", text)
    page.locator("main form button").first.click()
    expect(page.locator("main")).to_contain_text("objections/price")


def test_a_key_is_shown_once(site: Site) -> None:
    page = site.page("admin", language="en")
    page.goto("/admin/keys")
    page.locator("details summary").click()
    page.fill("#name", HOSTILE)
    page.locator("details button").click()
    secret = page.locator(".secret").inner_text()
    assert secret.startswith("cs_")
    page.goto("/admin/keys")
    assert secret not in page.content()
    expect(page.locator("tbody")).to_contain_text(HOSTILE)


def test_hostile_text_is_shown_as_text_and_nothing_of_it_runs(site: Site) -> None:
    """Every field of an upload, the names of people and the words themselves."""
    with site.database.transaction() as tx:
        tx.reps.create(HOSTILE[:40], name=HOSTILE, role="sdr", team="South", now=NOW)
    call = receive(
        site.database,
        HOSTILE[:40],
        at=NOW,
        number=990_001,
        external_id=HOSTILE,
        customer_ref=HOSTILE,
        source=HOSTILE[:60],
    )
    labelled, transcript = dialogues()[0]
    words = Transcript("ru", tuple(replace(said, text=HOSTILE, words=()) for said in transcript.utterances[:4]))
    card, rulings = scorecards()[labelled.id]
    score_as_worker(site.database, call, words, (card, rulings), now=NOW)
    page = site.page("admin")
    dialogs: list[str] = []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    for address in (f"/calls/{call}", "/calls", "/reps", "/admin/reps", "/review", "/today"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.locator("main script, main img").count() == 0
    assert not dialogs
    page.goto(f"/calls/{call}")
    expect(page.locator(".turn .words").first).to_have_text(HOSTILE)


def test_pages_are_sent_with_walls_around_them(site: Site) -> None:
    with httpx.Client(base_url=site.url) as client:
        answer = client.get("/login")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    page = site.page("admin")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    with httpx.Client(base_url=site.url, cookies=cookies) as client:
        answer = client.post("/admin/teams", data={"name": "Stolen"})
        assert answer.status_code == 403
        assert (
            client.post("/login", data={"email": "a@b.c"}, headers={"origin": "https://evil.example"}).status_code
            == 403
        )
