"""Rules are drafted, tried and published on pages: in both languages, wide and narrow, with and without scripts and rights."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from service.api.app import create_app
from service.packs import PackLibrary
from service.published import PublishedPacks
from service.queue import NullQueue
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.trials import BuiltPacks
from service.web.site import add_site
from tests.e2e.web.conftest import NOW, Site
from tests.e2e.web.seed import RULES, Seeded, people
from tests.fixtures.samples import sample_call
from tests.integration.api.serving import served
from tests.unit.scoring.minipack import write_minipack
from workers.judging import Process
from workers.trials import work_on

PACK, PRICE = "ru/mini/pack.yaml", "ru/mini/objections/price.yaml"
PHRASE = "  - кусается ..2.. ценник\n"
HOSTILE = "<script>alert(1)</script>"
SAID = (
    Utterance("agent", "Добрый день, меня зовут Анна, компания Ромашка."),
    Utterance("customer", "Кусается у вас ценник."),
)
#: What is clicked and read, by language.
WORDS = {
    "ru": {
        "begin": "Начать",
        "save": "Сохранить",
        "tests": "Запустить тесты",
        "backtest": "Проверить на сохранённых звонках",
        "pass": "Все тесты пройдены",
        "moved": "Иначе оценено звонков: 4 из 4",
        "publish": "Опубликовать версию",
        "error": "1 ошибка",
        "expected": "ожидалось одно из agent, customer, any; найдено: 'client'",
        "clash": "сохранил кто-то другой",
        "taken out": "Кто-то убрал этот файл из черновика",
        "not saved": "Этот файл не сохранён",
        "back": "Вернуться к 1.2.3",
        "restore": "Снова ввести в действие",
    },
    "en": {
        "begin": "Begin",
        "save": "Save",
        "tests": "Run its tests",
        "backtest": "Try it on stored calls",
        "pass": "All tests pass",
        "moved": "4 of 4 calls say something else",
        "publish": "Publish version",
        "error": "1 error",
        "expected": "expected one of agent, customer, any; found 'client'",
        "clash": "Somebody else saved this file",
        "taken out": "Somebody took this file out of the draft",
        "not saved": "This file was not saved",
        "back": "Go back to 1.2.3",
        "restore": "Put it to use again",
    },
}


class Announced(NullQueue):
    """Keeps the trials that a worker would be told of."""

    def __init__(self) -> None:
        self.trials: list[UUID] = []

    def send_trial(self, trial_id: UUID) -> None:
        self.trials.append(trial_id)


@dataclass
class Office:
    """The pages, and a worker that works when it is told to."""

    site: Site
    queue: Announced
    settings: Settings

    def work(self) -> None:
        process = Process(self.settings)
        built = BuiltPacks(process.database, process.packs)
        while self.queue.trials:
            trial = self.queue.trials.pop()
            while work_on(process, built, trial, for_s=60):
                pass
        process.close()


@pytest.fixture(scope="module")
def whole_office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, browser: Browser) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(sqlite_template, folder / "callscore.db")
    rules = write_minipack(folder / "rules")
    shutil.copy(RULES / "kpi.yaml", rules)
    settings = Settings.model_validate({"data_dir": folder, "rules_dir": rules, "default_script": "mini"})
    database = Database(settings.effective_database_url)
    seeded = Seeded()
    people(database, now=NOW - timedelta(days=7), seeded=seeded)
    packs = PackLibrary(rules, published=PublishedPacks(database, look_every_s=0))
    for number in range(4):
        _call(database, packs, f"r-10{number % 2 + 1}", number)
    queue = Announced()
    app = create_app(
        settings=settings,
        database=database,
        audio=AudioStore((folder / "audio").as_uri()),
        queue=queue,
        packs=packs,
        now=lambda: NOW,
    )
    with served(add_site(app)) as url:
        yield Office(Site(url, seeded, browser, database), queue, settings)
    database.close()


@pytest.fixture
def office(whole_office: Office) -> Iterator[Office]:
    whole_office.site.complaints.clear()
    yield whole_office
    for context in whole_office.site.browser.contexts:
        context.close()
    assert not whole_office.site.complaints, whole_office.site.complaints


def _call(database: Database, packs: PackLibrary, rep: str, number: int) -> None:
    transcript = Transcript("ru", SAID)
    with database.transaction() as tx:
        new = replace(sample_call(f"call-{number}"), script="mini", rep_external_id=rep)
        call_id = tx.calls.create(new, now=NOW, allow_unknown_rep=True)[0].id
        tx.calls.claim(call_id, "transcribe", token="t", now=NOW, lease_s=60)
        tx.transcripts.save(call_id, transcript, token="t", now=NOW)
        tx.calls.claim(call_id, "score", token="s", now=NOW, lease_s=60)
        card = score(transcript, packs.load("mini", "ru"), CallContext(None, None))
        assert tx.scorecards.save(call_id, card, token="s", now=NOW)


def begin(page: Page, note: str, words: dict[str, str]) -> str:
    """A draft; its address."""
    page.goto("/rules/mini/drafts?language=ru")
    page.fill("#note", note)
    page.get_by_role("button", name=words["begin"], exact=True).click()
    page.wait_for_url("**/rules/drafts/*")
    return page.url


def edit(page: Page, file: str, words: dict[str, str], old: str, new: str) -> None:
    """Replace the first `old` (a regular expression) in a file, by its address, and save."""
    page.goto(file)
    text = page.input_value("#text")
    assert re.search(old, text), text
    page.fill("#text", re.sub(old, new, text, count=1))
    page.get_by_role("button", name=words["save"]).click()


def better(page: Page, draft: str, words: dict[str, str], version: str) -> None:
    edit(page, f"{draft}/file?path={PRICE}", words, "phrases:\n", "phrases:\n" + PHRASE)
    page.wait_for_url("**saved=**")
    edit(page, f"{draft}/file?path={PACK}", words, "version: .*", f"version: {version}")
    page.wait_for_url("**saved=**")


def check(office: Office, page: Page) -> None:
    """Nothing cut off, nothing that a reader with other means could not use."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is wider than the window"
    complaints = list(office.site.complaints)
    found = Axe().run(page)
    # The checker itself tries inline styles, which the policy refuses.
    office.site.complaints[:] = complaints
    assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize(("language", "size", "version"), [("ru", "wide", "2.0.0"), ("en", "narrow", "3.0.0")])
def test_a_lead_drafts_and_tries_rules_and_an_admin_publishes_them(
    office: Office, language: str, size: str, version: str
) -> None:
    words = WORDS[language]
    page = office.site.page("qa", language=language, size=size)
    page.goto("/rules")
    check(office, page)
    draft = begin(page, f"dear {HOSTILE}", words)
    expect(page.locator("h1")).to_contain_text(HOSTILE)
    check(office, page)

    edit(page, f"{draft}/file?path={PRICE}", words, "speaker: customer", "speaker: client")
    expect(page.locator(".failure")).to_contain_text(words["error"])
    expect(page.locator(".failure")).to_contain_text(words["expected"])
    check(office, page)
    page.goto(draft)
    expect(page.locator(".failure")).to_contain_text(words["expected"])
    page.locator(".failure a", has_text="price.yaml").click()
    page.wait_for_url("**price.yaml**")
    edit(page, f"{draft}/file?path={PRICE}", words, "speaker: client", "speaker: customer")
    page.wait_for_url("**saved=**")
    better(page, draft, words, version)
    page.goto(f"{draft}/changes")
    expect(page.locator(".diff ins", has_text="кусается")).to_be_visible()
    check(office, page)

    page.goto(draft)
    page.get_by_role("button", name=words["tests"]).click()
    expect(page.locator("#trial-state progress")).to_be_visible()
    check(office, page)
    office.work()
    expect(page.locator("#tests-title")).to_contain_text(words["pass"], timeout=30_000)
    check(office, page)
    page.goto(draft)
    page.get_by_role("button", name=words["backtest"]).click()
    office.work()
    expect(page.locator("#total-title")).to_have_text(words["moved"], timeout=30_000)
    expect(page.locator("section", has=page.locator("#reps-title")).locator("tbody tr")).to_have_count(2)
    check(office, page)
    page.goto(draft)
    expect(page.locator("#reason")).to_have_count(0)
    check(office, page)

    publish_and_go_back(office, office.site.page("admin", language=language, size=size), draft, version)


def publish_and_go_back(office: Office, admin: Page, draft: str, version: str) -> None:
    admin.goto(draft)
    words = WORDS[admin.locator("html").get_attribute("lang") or ""]
    admin.fill("#reason", f"sales asked {HOSTILE}")
    check(office, admin)
    admin.get_by_role("button", name=f"{words['publish']} {version}").click()
    expect(admin.locator(".done-note")).to_contain_text(version)
    check(office, admin)
    admin.goto("/rules/mini?language=ru")
    expect(admin.locator("h1")).to_contain_text(version)

    admin.goto("/rules/mini/drafts?language=ru")
    expect(admin.locator("main")).to_contain_text(f"sales asked {HOSTILE}")
    row = admin.locator("tr", has=admin.locator("summary", has_text=words["back"])).last
    row.locator("summary").click()
    row.locator("input[name=reason]").fill("not yet")
    check(office, admin)
    row.get_by_role("button", name=words["restore"]).click()
    expect(admin.locator("tbody tr").filter(has_text="not yet").first).to_contain_text("1.2.3")
    admin.goto("/rules/mini?language=ru")
    expect(admin.locator("h1")).to_contain_text("1.2.3")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_second_editor_is_told_and_keeps_what_was_typed(office: Office, language: str) -> None:
    words = WORDS[language]
    one, two = (office.site.page(user, language=language) for user in ("qa", "qa2"))
    draft = begin(one, "two of us", words)
    for page in (one, two):
        page.goto(f"{draft}/file?path={PRICE}")
    for page, mine in ((one, "# one\n"), (two, "# two\n")):
        page.fill("#text", page.input_value("#text") + mine)
        page.get_by_role("button", name=words["save"]).click()
    expect(two.get_by_role("alert")).to_contain_text(words["clash"])
    assert two.input_value("#text").endswith("# two\n")
    expect(two.locator(".diff del", has_text="# one")).to_be_visible()
    two.locator("details.more summary").last.click()
    assert two.input_value("#theirs").endswith("# one\n")
    check(office, two)
    two.get_by_role("button", name=words["save"]).click()
    two.wait_for_url("**saved=**")
    assert two.input_value("#text").endswith("# two\n")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_was_typed_is_there_when_the_file_or_the_draft_has_gone(office: Office, language: str) -> None:
    words = WORDS[language]
    one, two = (office.site.page(user, language=language) for user in ("qa", "qa2"))
    draft = begin(one, "gone", words)
    for page in (one, two):
        page.goto(f"{draft}/file?path={PRICE}")
    one.on("dialog", lambda dialog: dialog.accept())
    one.locator("form[action$=remove] button").click()
    one.wait_for_url(f"**{draft}")
    two.fill("#text", two.input_value("#text") + "# two\n")
    two.get_by_role("button", name=words["save"]).click()
    expect(two.get_by_role("alert")).to_contain_text(words["taken out"])
    two.get_by_role("button", name=words["save"]).click()
    two.wait_for_url("**saved=**")
    assert two.input_value("#text").endswith("# two\n")
    one.locator("form[action$=discard] button").click()
    one.wait_for_url("**/drafts?language=ru")
    two.fill("#text", two.input_value("#text") + "# three\n")
    two.get_by_role("button", name=words["save"]).click()
    expect(two.get_by_role("alert")).to_contain_text(words["not saved"])
    assert two.input_value("#text").endswith("# three\n")
    check(office, two)


def test_a_draft_is_edited_and_tried_without_scripts(office: Office) -> None:
    words = WORDS["en"]
    page = office.site.page("qa", language="en", script=False)
    draft = begin(page, "no scripts", words)
    better(page, draft, words, "8.0.0")
    page.goto(draft)
    page.get_by_role("button", name=words["tests"]).click()
    expect(page.locator("#trial-state")).to_be_visible()
    office.work()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#tests-title")).to_contain_text(words["pass"])


@pytest.mark.parametrize(
    ("language", "sentence"), [("ru", "в архиве нет pack.yaml"), ("en", "the archive has no pack.yaml")]
)
def test_a_zip_that_is_no_pack_gets_a_sentence_and_one_that_is_becomes_a_draft(
    office: Office, language: str, sentence: str
) -> None:
    page = office.site.page("qa", language=language)
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("mini/readme.yaml", "x")
    for data, good in ((bad.getvalue(), False), (_zipped(office), True)):
        page.goto("/rules/mini/drafts?language=ru")
        page.set_input_files("#archive", {"name": "mini.zip", "mimeType": "application/zip", "buffer": data})
        page.locator("form[action$=upload] button").click()
        if good:
            page.wait_for_url("**/rules/drafts/*")
        else:
            expect(page.locator("main")).to_contain_text(sentence)
            check(office, page)


def _zipped(office: Office) -> bytes:
    out, folder = io.BytesIO(), office.settings.effective_rules_dir / "ru"
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted((folder / "mini").rglob("*.yaml")):
            archive.write(path, path.relative_to(folder).as_posix())
    return out.getvalue()


def test_who_may_not_draft_sees_no_drafts(office: Office) -> None:
    page = office.site.page("manager")
    page.goto("/rules")
    expect(page.locator("main a[href*=drafts]")).to_have_count(0)
    page.goto("/rules/mini/drafts?language=ru")
    expect(page.locator("h1")).to_have_text("Ваша роль этого не позволяет")
