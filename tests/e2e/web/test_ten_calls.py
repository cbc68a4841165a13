"""A QA lead works through ten calls of the queue by keyboard alone: how many keys and seconds a call takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.e2e.web.conftest import Site

CALLS = 10
#: Calls in which a point is decided otherwise.
CORRECTED = {2, 5, 8}
REASON = "Сказано в начале"
#: What a call may take, without listening and without the letters of a reason.
MOST_KEYS = 9
MOST_SECONDS = 8.0


@dataclass
class Hands:
    """A keyboard that counts."""

    page: Page
    keys: list[int] = field(default_factory=list)
    letters: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        if self.keys:
            self.keys[-1] += len(keys)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)


def test_ten_calls_are_reviewed_by_keyboard_alone(site: Site, record_property: Callable[[str, object], None]) -> None:
    """`--junitxml=FILE` writes the figures down."""
    page = site.page("qa")
    hands, seconds, seen = Hands(page), [], []
    page.goto("/review?language=ru")
    hands.press("x")
    page.wait_for_url("**/calls/**")
    for number in range(CALLS):
        began = time.monotonic()
        hands.keys.append(0)
        page.wait_for_selector(".player.ready")
        call = page.url.split("/calls/")[1].split("?")[0]
        seen.append(call)
        hands.press("n", "n", "n")
        expect(page.locator(".hit.current")).to_have_count(1)
        if number in CORRECTED:
            hands.press("j", "o", "ArrowDown", "Tab")
            hands.write(REASON)
            hands.press("Escape")
        hands.press("A")
        page.wait_for_url(lambda url, call=call: call not in url)  # type: ignore[misc]
        expect(page.locator(".done-note")).to_contain_text("Это следующий звонок")
        seconds.append(time.monotonic() - began)
    assert len(set(seen)) == CALLS
    record_property("keys a call", f"{min(hands.keys)} to {max(hands.keys)}, mean {sum(hands.keys) / CALLS:.1f}")
    record_property("letters of reasons", hands.letters)
    record_property("seconds a call", f"{min(seconds):.1f} to {max(seconds):.1f}, mean {sum(seconds) / CALLS:.1f}")
    assert max(hands.keys) <= MOST_KEYS
    assert sum(seconds) / CALLS < MOST_SECONDS
    with site.database.read() as tx:
        reviews = {entry.subject for entry in tx.audit.list(action="call.review", limit=200)}
    assert {f"call:{call}" for call in seen} <= reviews
    corrected = site.page("qa")
    corrected.goto(f"/calls/{seen[2]}")
    expect(corrected.locator(".ruled").first).to_contain_text(REASON)
