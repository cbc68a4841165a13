"""A scorecard and a monthly report on paper: the figures are there, whole, and nothing that can only be clicked."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.e2e.web.conftest import Site

#: Pixels between the margins of an A4 page.
A4 = 695
LANGUAGES = ["ru", "en"]


def printed(page: Page) -> str:
    """The words of the page's PDF, blanks all alike and ligatures taken apart."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    return plain(" ".join(sheet.extract_text() for sheet in reader.pages))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def cut_off(page: Page) -> list[str]:
    """What reaches beyond the edge of the paper."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4, "height": 1000})
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(one => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1 && !one.closest('.visually-hidden');
        }).map(one => one.outerHTML.slice(0, 80))"""
    )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scorecard_on_paper(site: Site, language: str) -> None:
    page = site.page("qa", language=language)
    page.goto(f"/calls/{site.seeded.calls['ru-dev-05']}")
    page.wait_for_load_state("networkidle")
    marks = page.locator(".marks dd").all_inner_texts()
    titles = page.locator(".row .title").all_inner_texts()
    paper = printed(page)
    for text in (*marks, *titles):
        assert plain(text) in paper, text
    assert "сто процентов, я вам лично гарантирую" in paper, "the quotes and the conversation"
    for control in (
        ("Решить иначе", "Согласиться", "Выйти", "Очередь проверки", "Скорость")
        if language == "ru"
        else ("Decide otherwise", "Agree with all", "Log out", "Review queue", "Speed")
    ):
        assert control not in paper, control
    assert cut_off(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_monthly_report_on_paper(site: Site, language: str) -> None:
    page = site.page("manager", language=language)
    page.goto(f"/reps/{site.seeded.reps['r-101']}/month?month=2026-11")
    values = page.locator(".figure p.value").all_inner_texts()
    paper = printed(page)
    assert ("ноябрь 2026" if language == "ru" else "November 2026") in paper
    for value in values:
        assert plain(value) in paper, value
    for control in ("Выйти", "Месяц раньше", "Сегодня ") if language == "ru" else ("Log out", "Month before", "Today "):
        assert control not in paper, control
    assert cut_off(page) == []


@pytest.mark.parametrize("address", ["/today", "/reps/{rep}"])
def test_pages_of_figures_fit_on_paper(site: Site, address: str) -> None:
    page = site.page("qa")
    page.goto(address.format(rep=site.seeded.reps["r-101"]))
    page.wait_for_load_state("networkidle")
    assert cut_off(page) == []


def test_paper_is_white_also_for_who_reads_in_the_dark(site: Site) -> None:
    page = site.page("qa")
    page.emulate_media(media="print", color_scheme="dark")
    page.goto("/today")
    colours = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.status')).color]"
    )
    assert colours[0] == "rgb(255, 255, 255)"
    assert colours[1] in ("rgb(173, 34, 27)", "rgb(18, 101, 42)", "rgb(125, 76, 0)"), "the dark tones of a light page"
