"""Recordings are uploaded from the list of calls, with scripts and without; what is wrong is said beside its field, in the reader's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect

from service.store.records import CallFilter
from tests.e2e.web.conftest import Site
from tests.e2e.web.seed import SAMPLES
from tests.e2e.web.test_every_page import ENGLISH
from tests.integration.api.house import recording

NOTE = {"name": "note.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_recording_is_uploaded_without_scripts(site: Site, language: str) -> None:
    page = site.page("admin", language=language, script=False)
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101" if language == "ru" else "r-201")
    page.set_input_files("#up-files", SAMPLES / "en-dev-03.wav")
    page.locator("#up-send button").click()
    page.wait_for_url("**/calls/*saved=received*")
    expect(page.locator(".done-note")).to_contain_text("Принято" if language == "ru" else "Received")
    expect(page.locator("#call-state")).to_be_visible()


def test_what_is_wrong_with_an_upload_stands_beside_the_field_and_nothing_is_typed_twice(site: Site) -> None:
    page = site.page("admin", script=False)
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-102")
    page.select_option("#up-direction", "inbound")
    page.set_input_files("#up-files", NOTE)  # type: ignore[arg-type]
    page.locator("#up-send button").click()
    expect(page.locator("#upload .failure")).to_contain_text("Это не целая звукозапись")
    expect(page.locator("#up-rep")).to_have_value("r-102")
    expect(page.locator("#up-direction")).to_have_value("inbound")
    assert page.locator("#call-rows tbody tr").count() > 0
    page.fill("#up-rep", "x" * 300)
    page.set_input_files("#up-files", {"name": "call.wav", "mimeType": "audio/wav", "buffer": recording(2.0)})
    page.locator("#up-send button").click()
    expect(page.locator("#up-rep-wrong")).to_have_text("не больше 200 символов, сейчас 300")
    expect(page.locator("#up-rep")).to_have_attribute("aria-invalid", "true")
    assert not ENGLISH.findall(page.locator("#upload .failure").inner_text())


def test_the_script_tells_failures_in_the_reader_s_language_too(site: Site) -> None:
    page = site.page("admin")
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101")
    page.set_input_files("#up-files", NOTE)  # type: ignore[arg-type]
    shown = page.locator(".uploads .failed")
    expect(shown).to_contain_text("Это не целая звукозапись")
    assert not ENGLISH.findall(shown.inner_text())


WHEN = {
    "ru": (
        "Когда начался звонок",
        "Europe/Moscow",
        "19 нояб. 2026",
        "10:15",
        "больше чем на день в будущем",
        "относится к одной записи",
    ),
    "en": (
        "When the call began",
        "Europe/Moscow",
        "19 Nov 2026",
        "10:15",
        "more than a day in the future",
        "holds for one recording",
    ),
}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("script", [True, False])
def test_when_a_call_began_is_taken_in_the_visitor_s_time_zone(site: Site, language: str, *, script: bool) -> None:
    label, zone, day, time, _, _ = WHEN[language]
    page = site.page("admin", language=language, script=script)
    page.goto("/calls")
    page.locator("#upload summary").click()
    field = page.get_by_label(label)
    expect(field).to_have_accessible_description(re.compile(zone))
    page.fill("#up-rep", "r-101")
    field.fill("2026-11-19T10:15")
    sound = {
        "name": "call.wav",
        "mimeType": "audio/wav",
        "buffer": recording(2.0 + 0.1 * script + 0.2 * (language == "ru")),
    }
    page.set_input_files("#up-files", sound)  # type: ignore[arg-type]
    if script:
        page.locator(".uploads a").click()
        expect(field).to_have_count(0)
    else:
        page.locator("#up-send button").click()
        page.wait_for_url("**/calls/*saved=received*")
    expect(page.locator("main")).to_contain_text(f"{day}, {time}" if language == "en" else day)
    expect(page.locator("main")).to_contain_text(time)
    with site.database.read() as tx:
        call = tx.calls.get(UUID(page.url.split("?")[0].rsplit("/", 1)[1]))
    assert call.started_at == datetime(2026, 11, 19, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_time_that_cannot_be_is_named_beside_its_field(site: Site, language: str) -> None:
    label, _, _, _, future, one = WHEN[language]
    page = site.page("admin", language=language, script=False)
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101")
    page.get_by_label(label).fill("2027-11-19T10:15")
    page.set_input_files("#up-files", {"name": "call.wav", "mimeType": "audio/wav", "buffer": recording(2.0)})
    page.locator("#up-send button").click()
    expect(page.locator("#up-started_at-wrong")).to_contain_text(future)
    expect(page.get_by_label(label)).to_have_value("2027-11-19T10:15")
    expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    # One time for several recordings is most likely wrong for all but one.
    page = site.page("admin", language=language)
    page.goto("/calls")
    page.locator("#upload summary").click()
    page.fill("#up-rep", "r-101")
    page.get_by_label(label).fill("2026-11-19T10:15")
    page.set_input_files("#up-files", [SAMPLES / "en-dev-03.wav", SAMPLES / "ru-dev-05.ogg"])
    expect(page.locator("[role=alert], [role=status]").filter(has_text=one).first).to_be_visible()
    assert page.locator(".uploads li").count() == 0


def test_an_upload_of_another_site_or_of_who_may_not_is_refused_before_it_is_read(site: Site) -> None:
    page = site.page("admin")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    files = {"audio": ("call.wav", recording())}
    fields = {"source": "web", "external_id": "stolen", "rep": "r-101"}
    with httpx.Client(base_url=site.url, cookies=cookies) as client:
        for given in (fields, {"csrf_token": "0" * 64, **fields}):
            answer = client.post("/calls/upload", data=given, files=files)
            assert answer.status_code == 403
    lead = site.page("qa")
    lead.goto("/calls")
    assert lead.locator("#upload").count() == 0
    cookies = {cookie["name"]: cookie["value"] for cookie in lead.context.cookies()}
    with httpx.Client(base_url=site.url, cookies=cookies) as client:
        assert client.post("/calls/upload", data=fields, files=files).status_code == 403
    with site.database.read() as tx:
        assert "stolen" not in {call.external_id for call in tx.calls.list(CallFilter(), limit=200).calls}
