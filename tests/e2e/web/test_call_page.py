"""The call's page: hear the moment, see the words, agree or not, by mouse and by keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.scoring.redaction import REDACTED
from service.scoring.transcript import Mark
from service.settings import Settings
from service.store.audio import AudioStore, outline_key
from service.store.database import Database
from tests.e2e.web.conftest import NOW, Site
from tests.e2e.web.seed import Seeded, dialogues, receive, score_as_worker, scorecards
from workers.process import WorkerProcess
from workers.silencing import silence

Department = tuple[Database, AudioStore, Settings, Seeded]
LANGUAGES = [("ru", "wide"), ("en", "narrow")]


def opened(
    site: Site, dialogue: str = "ru-dev-05", user: str = "qa", *, language: str = "ru", size: str = "wide"
) -> Page:
    page = site.page(user, language=language, size=size)
    page.goto(f"/calls/{site.seeded.calls[dialogue]}")
    page.wait_for_selector(".player.ready")
    return page


def fresh_call(site: Site, number: int) -> UUID:
    """A scored call that no other test reviews."""
    return site.seeded.all[number]


def seconds(page: Page) -> float:
    return float(page.evaluate("document.querySelector('audio').currentTime"))


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_a_quote_of_the_scorecard_jumps_to_its_second(site: Site, language: str, size: str) -> None:
    page = opened(site, language=language, size=size)
    at = page.locator("#item-purpose [data-at]").first
    wanted = float(at.get_attribute("data-at") or 0)
    at.click()
    page.wait_for_function(f"Math.abs(document.querySelector('audio').currentTime - {wanted}) < 3")
    assert page.locator("#clock").inner_text() != "0:00"


def test_the_keys_lead_through_hits_and_rows_and_move_the_sound(site: Site) -> None:
    page = opened(site)
    page.keyboard.press("n")
    expect(page.locator(".hit.current")).to_have_count(1)
    first = page.locator(".hit.current").get_attribute("data-hit")
    page.keyboard.press("n")
    assert page.locator(".hit.current").get_attribute("data-hit") != first
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".row.current")).to_have_attribute("id", "item-self_introduction")
    page.keyboard.press("k")
    expect(page.locator(".row.current")).to_have_attribute("id", "item-greeting")
    before = seconds(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('audio').currentTime > {before + 3}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_a_hit_tells_its_rule_on_hover_and_on_focus(site: Site) -> None:
    page = opened(site, language="en")
    page.locator(".hit").first.hover()
    expect(page.locator("#tip")).to_contain_text("script/greeting")
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_have_count(0)
    page.locator(".hit").nth(2).focus()
    expect(page.locator("#tip")).to_be_visible()


def test_a_link_to_a_second_opens_there(site: Site) -> None:
    page = site.page()
    page.goto(f"/calls/{site.seeded.calls['ru-dev-05']}?t=42")
    page.wait_for_function("Math.abs(document.querySelector('audio').currentTime - 42) < 1")
    assert page.locator("#clock").inner_text() == "0:42"


def test_a_call_is_reviewed_by_keyboard_alone(site: Site) -> None:
    """Decide one row otherwise with a reason, save, and go on to the next call: nothing needs a mouse."""
    call = fresh_call(site, 4)
    page = site.page()
    page.goto(f"/calls/{call}")
    page.wait_for_selector(".player.ready")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Слышно на первой секунде")
    page.keyboard.press("Escape")
    expect(page.locator("#save-review")).to_have_text("Сохранить исправления")
    page.keyboard.press("a")
    page.wait_for_url("**?saved=corrected")
    expect(page.locator("#item-greeting .ruled")).to_contain_text("Слышно на первой секунде")
    expect(page.locator("#item-greeting .ruled")).to_contain_text("Нина Контроль")
    page.keyboard.press("x")
    page.wait_for_url(lambda url: str(call) not in url and "/calls/" in url)


def test_agreeing_takes_one_key(site: Site) -> None:
    page = site.page(language="en")
    page.goto(f"/calls/{fresh_call(site, 5)}")
    page.wait_for_selector(".player.ready")
    page.keyboard.press("a")
    page.wait_for_url("**?saved=confirmed")
    expect(page.locator(".done-note")).to_contain_text("you agree with the scorecard")
    expect(page.locator(".timeline")).to_contain_text("Confirmed")


def test_what_was_decided_and_not_saved_survives_a_reload(site: Site) -> None:
    page = site.page()
    page.goto(f"/calls/{fresh_call(site, 6)}")
    page.wait_for_selector(".player.ready")
    page.locator("#item-closing .ruling summary").click()
    page.select_option("#item-closing-status", index=1)
    page.fill("#item-closing-why", "Попрощался на 2:05")
    page.fill("#comment", "Обсудить с менеджером")
    page.reload()
    expect(page.locator("#item-closing-why")).to_have_value("Попрощался на 2:05")
    expect(page.locator("#comment")).to_have_value("Обсудить с менеджером")
    assert "changed" in (page.locator("#item-closing").get_attribute("class") or "")


def test_a_correction_without_a_reason_is_told_by_name_and_nothing_is_lost(site: Site) -> None:
    page = site.page(language="en")
    page.goto(f"/calls/{fresh_call(site, 6)}")
    page.wait_for_selector(".player.ready")
    page.locator("#item-closing .ruling summary").click()
    page.select_option("#item-closing-status", index=1)
    page.evaluate("document.querySelectorAll('[required]').forEach(field => { field.required = false; })")
    page.click("#save-review")
    expect(page.locator("#notice")).to_contain_text("needs a reason")
    assert page.locator("#item-closing-status").input_value()


def test_an_objection_is_added_by_selecting_words(site: Site) -> None:
    page = site.page()
    page.goto(f"/calls/{fresh_call(site, 7)}")
    page.wait_for_selector(".player.ready")
    number = page.locator(".turn.customer").nth(1).get_attribute("data-n")
    page.evaluate("getSelection().selectAllChildren(document.querySelectorAll('.turn.customer .words')[1])")
    page.locator(".add-here").click()
    expect(page.locator("#added-utterance")).to_have_value(number or "")
    page.select_option("#added-type", "price")
    page.fill("#added-why", "Клиент говорит о цене")
    page.click("#save-review")
    page.wait_for_url("**?saved=corrected")
    expect(page.locator(f"#objection-r{number}-price .ruled")).to_contain_text("Клиент говорит о цене")


def test_an_ended_session_does_not_lose_a_comment(site: Site) -> None:
    page = site.page()
    page.goto(f"/calls/{fresh_call(site, 8)}")
    page.wait_for_selector(".player.ready")
    page.fill("#comment", "Очень длинное замечание")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.click("#save-review")
    expect(page.locator("#notice")).to_contain_text("введённое сохранено")
    page.context.add_cookies(cookies)  # type: ignore[arg-type] - as they came out
    page.reload()
    expect(page.locator("#comment")).to_have_value("Очень длинное замечание")


def test_two_reviewers_on_one_call_see_each_other(site: Site) -> None:
    call = fresh_call(site, 9)
    first = site.page("qa2")
    first.goto(f"/calls/{call}")
    first.wait_for_load_state("networkidle")
    second = site.page("qa")
    second.goto(f"/calls/{call}")
    expect(second.locator(".others")).to_contain_text("Sam Quality")
    first.click("#save-review")
    first.wait_for_url("**?saved=confirmed")
    second.fill("#comment", "Поздно")
    second.click("#save-review")
    expect(second.locator("#notice .failure")).to_be_visible()
    second.reload()
    expect(second.locator("body")).to_contain_text("Подтверждено")


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_a_rep_reads_its_own_call_and_disputes_a_point(site: Site, language: str, size: str) -> None:
    page = site.page("rep", language=language, size=size)
    page.goto(f"/calls/{site.seeded.own_call}")
    expect(page.locator("#review")).to_have_count(0)
    item = "greeting" if language == "ru" else "closing"
    page.locator(f"#item-{item} .ruling summary").click()
    page.fill(f"#d-i-{item}-why", "Это было сказано")
    page.locator(f"#item-{item} form button").click()
    page.wait_for_url("**?saved=dispute")
    expect(page.locator(f"#item-{item} .ruled")).to_contain_text("Это было сказано")


def test_a_rep_does_not_see_the_call_of_another(site: Site) -> None:
    page = site.page("rep")
    page.goto(f"/calls/{site.seeded.calls['en-dev-03']}")
    expect(page.locator("h1")).to_have_text("Такого звонка нет")


def test_a_call_under_way_shows_how_far_it_is(site: Site) -> None:
    page = site.page(language="en")
    page.goto(f"/calls/{site.seeded.unfinished['transcribing']}")
    expect(page.locator("#call-state")).to_contain_text("Transcribing 40%")


def test_redacted_words_are_blocks_for_who_may_not_read_them(site: Site) -> None:
    """The rep reads the page without them, the QA lead with them, marked."""
    labelled, transcript = next(found for found in dialogues() if found[1].language == "ru")
    card, rulings = scorecards()[labelled.id]
    first = transcript.utterances[0]
    marked = replace(first, marks=(Mark(0, len(first.words) - 1, REDACTED),))
    call = receive(site.database, "r-101", at=NOW - timedelta(days=2), number=970_001, script=labelled.pack_id)
    hidden = replace(transcript, utterances=(marked, *transcript.utterances[1:]))
    score_as_worker(site.database, call, hidden, (card, rulings), now=NOW - timedelta(days=2))
    rep = site.page("rep")
    rep.goto(f"/calls/{call}")
    expect(rep.locator("#u0 .redacted").first).to_have_text("скрыто")
    assert first.text not in rep.content()
    assert first.words[1].text not in rep.locator("#u0 .words").inner_text()
    for quote in rep.locator("#item-greeting .quote").all_inner_texts():
        assert quote in ("…", "")
    lead = site.page("qa", language="en")
    lead.goto(f"/calls/{call}")
    assert first.words[0].text in lead.locator("#u0 .redacted").first.inner_text()


@pytest.mark.parametrize(("language", "size"), LANGUAGES)
def test_who_may_not_read_all_words_hears_silence_there(
    site: Site, department: Department, language: str, size: str
) -> None:
    """While the silenced copy is made the page says so; then it plays, and its waveform is flat there."""
    database, audio, settings, seeded = department
    with database.read() as tx:
        call, transcript = tx.calls.get(seeded.calls["ru-dev-05"]), tx.transcripts.get(seeded.calls["ru-dev-05"])
    assert transcript is not None
    second = transcript.utterances[1]
    marked = replace(second, marks=(Mark(0, len(second.words) - 1, REDACTED),))
    hidden = replace(transcript, utterances=(transcript.utterances[0], marked, *transcript.utterances[2:]))
    key = f"calls/seed/silent-{language}.ogg"
    with audio.open(call.audio.key) as file, audio.open(outline_key(call.audio.key)) as outline:
        store(audio, key, file.read())
        store(audio, outline_key(key), outline.read())
    sound = replace(call.audio, key=key, sha256=f"{980_000 + len(size):064x}")
    number = 980_000 + len(size)
    own = receive(database, "r-101", at=NOW - timedelta(days=3), number=number, script=call.script, audio=sound)
    card = next(scorecards()[labelled.id] for labelled, _ in dialogues() if labelled.id == "ru-dev-05")
    score_as_worker(database, own, hidden, card, now=NOW - timedelta(days=3))
    page = site.page("rep", language=language, size=size)
    page.goto(f"/calls/{own}")
    page.wait_for_selector(".player.ready")
    preparing = {"ru": "Готовится копия без неё", "en": "A copy without them is being made"}[language]
    expect(page.locator(".heard")).to_contain_text(preparing)
    expect(page.locator("#play")).to_be_disabled()
    assert not Axe().run(page).response["violations"]
    site.complaints.clear()  # The checker itself tries inline styles, which the policy refuses.
    process = WorkerProcess(settings)
    process.__dict__ |= {"database": database, "audio": audio}
    with ThreadPoolExecutor(1) as outside:
        outside.submit(silence, process, own).result()
    # The page looks again by itself.
    silent = {"ru": "Там, где слова скрыты", "en": "Where words are hidden"}[language]
    expect(page.locator(".heard")).to_contain_text(silent)
    page.wait_for_selector(".player.ready")
    duration = page.evaluate(
        """() => new Promise((done, failed) => {
            const audio = document.querySelector('audio');
            if (audio.readyState) done(audio.duration);
            audio.addEventListener('loadedmetadata', () => done(audio.duration));
            audio.addEventListener('error', failed);
        })"""
    )
    assert abs(duration - (transcript.duration_s or 0)) < 1
    place = page.evaluate(
        """second => new Promise((done, failed) => {
            const audio = document.querySelector('audio');
            audio.addEventListener('seeked', () => done(audio.currentTime));
            audio.addEventListener('error', failed);
            audio.currentTime = second;
        })""",
        second.start_s,
    )
    assert abs(place - (second.start_s or 0)) < 0.5
    assert page.evaluate("document.querySelector('audio').error") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


def store(audio: AudioStore, key: str, content: bytes) -> None:
    with ThreadPoolExecutor(1) as outside:  # Playwright's event loop stands in the way here.
        outside.submit(lambda: asyncio.run(audio.write(key, _chunks(content)))).result()
