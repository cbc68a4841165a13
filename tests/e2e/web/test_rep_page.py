"""A rep's page: what was disputed and decided, where the rules changed, and the calls to listen to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.web.conftest import NOW, Site
from tests.e2e.web.seed import dialogues, receive, score_as_worker, scorecards

LANGUAGES = [("ru", "wide"), ("en", "narrow")]


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_a_rep_s_disputes_and_what_came_of_them_stand_on_its_page(site: Site, language: str, size: str) -> None:
    rep = site.page("rep", language=language, size=size)
    item = "purpose" if language == "ru" else "next_step"
    rep.goto(f"/calls/{site.seeded.own_call}")
    rep.locator(f"#item-{item} .ruling summary").click()
    rep.fill(f"#d-i-{item}-why", f"Сказано, {language}")
    rep.locator(f"#item-{item} form button").click()
    rep.wait_for_url("**?saved=dispute")
    lead = site.page("qa", language=language, size=size)
    lead.goto("/disputes?rep=r-101")
    row = lead.locator(".row", has_text=f"Сказано, {language}")
    assert item not in row.inner_text(), "the point's title, not its code"
    row.locator("input[name=answer]").fill("Верно, слышно")
    row.locator("button[value=yes]" if language == "ru" else "button[value=no]").click()
    lead.wait_for_url("**saved=decided**")
    rep.goto("/")
    shown = rep.locator(".row", has_text=f"Сказано, {language}")
    expect(shown.locator(".chip")).to_have_text("Принят" if language == "ru" else "Rejected")
    expect(shown).to_contain_text("Верно, слышно")
    shown.locator("a").click()
    expect(rep.locator(f"#item-{item}")).to_contain_text(f"Сказано, {language}")


def test_where_the_rules_changed_is_marked_in_the_trend(site: Site) -> None:
    labelled, transcript = next(found for found in dialogues() if found[1].language == "ru")
    card, rulings = scorecards()[labelled.id]
    call = receive(site.database, "r-104", at=NOW - timedelta(days=1), number=980_001, script=labelled.pack_id)
    changed = replace(card, pack_version="9.9.9", pack_sha256="9" * 64)
    score_as_worker(site.database, call, transcript, (changed, rulings), now=NOW - timedelta(hours=20))
    page = site.page("manager", language="en")
    page.goto(f"/reps/{site.seeded.reps['r-104']}")
    expect(page.locator(".chart canvas").first).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"{labelled.pack_id} 9.9.9 (RU)")
    assert "9.9.9" in (page.locator(".chart").first.get_attribute("data-chart") or "")


def test_findings_lead_to_the_rep_s_own_calls_and_to_colleagues_who_do_it_well(site: Site) -> None:
    page = site.page("manager", language="en")
    page.goto(f"/reps/{site.seeded.reps['r-101']}?days=364")
    finding = page.locator(".row.missed", has=page.get_by_text("Colleagues who do it well")).first
    own, others = finding.locator(".panel a").first, finding.locator(".panel").nth(1).locator("li").first
    assert "Анна Белова" not in others.inner_text()
    own.click()
    expect(page.locator("h1")).to_contain_text("Анна Белова")
    anchor = page.evaluate("location.hash.slice(1)")
    assert not anchor or page.locator(f"#{anchor}").count() == 1
    rep = site.page("rep", language="en")
    rep.goto("/")
    expect(rep.locator("main")).to_contain_text("Own calls that show it")
    assert rep.get_by_text("Colleagues who do it well").count() == 0
