"""What pages load is what was published, and nothing in a template asks for more."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from service.web.access import OPEN_PAGES, PAGES
from service.web.rendering import TEMPLATES
from service.web.routing import own_address
from service.web.static_files import FOLDER

VENDOR = FOLDER / "vendor"
ROW = re.compile(r"^\| (\S+) \| .* \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_vendored_files_are_the_published_ones() -> None:
    listed = dict(ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8")))
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.suffix in (".js", ".css")
    }
    assert listed == there


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_has_script_or_style_of_its_own(path: Path) -> None:
    """The content security policy would refuse it, and the page would be broken."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(src|href|action)=\"(https?:)?//", text), "pages load nothing from elsewhere"
    assert "|safe" not in text, "nothing is exempt from escaping"


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_the_csrf_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf.html" in form or 'action="/login"' in form, form[:120]


def test_no_page_is_both_open_and_guarded() -> None:
    assert not OPEN_PAGES & set(PAGES)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("/calls?status=failed", "/calls?status=failed"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (None, "/"),
    ],
)
def test_after_logging_in_nobody_is_led_to_another_site(address: str | None, where: str) -> None:
    assert own_address(address) == where
