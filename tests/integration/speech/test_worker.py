"""A real worker: calls that have no rules, calls that somebody watches, calls that somebody cancels."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.encoding import EN_SHORT
from tests.fixtures.installation import SAMPLES, Installation, cut, until

pytestmark = [pytest.mark.processes, pytest.mark.speech, pytest.mark.timeout(600)]

SHORT_S, LONG_TIMES = 12.0, 12
#: On a machine that does other things too.
WITHIN_S = 240.0
#: 13 s were seen on such a machine: the worker finishes the batch it has in hand.
LET_GO_S = 60.0


class Asker:
    """Somebody with a key who asks over HTTP."""

    def __init__(self, here: Installation, role: str) -> None:
        self._url = here.url
        self._headers = {"Authorization": f"Bearer {here.key(role)}"}

    def get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path)

    def post(self, path: str, json: dict[str, str] | None = None) -> dict[str, Any]:
        return self._ask("POST", path, json=json)

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = httpx.request(method, self._url + path, headers=self._headers, timeout=30, trust_env=False, **more)
        return dict(answer.raise_for_status().json())


def two_channels(target: Path) -> Path:
    """The short English call as 16-bit WAV."""
    return cut(EN_SHORT, target, start_s=0.0, seconds=SHORT_S)


def test_a_call_without_rules_is_kept_and_scored_once_there_are_some(tmp_path: Path) -> None:
    with Installation(tmp_path) as here:
        here.start_api()
        here.start_beat()
        here.start_worker("transcribe")
        here.start_worker("score")
        lead = Asker(here, "qa_lead")
        english = here.add_call(two_channels(tmp_path / "en.wav"), "english", language=None)
        wrong = here.add_call(two_channels(tmp_path / "en.wav"), "wrong", language=None)
        for call in (english, wrong):
            until(lambda call=call: here.call(call.id).error_code, "no rules", within_s=WITHIN_S)  # type: ignore[misc]
        shown = lead.get(f"/v1/calls/{english.id}")
        assert (shown["status"], shown["detected_language"]) == ("transcribed", "en")
        assert shown["error"]["code"] == "language_unsupported"
        assert "exists in ru" in shown["error"]["message"]
        assert "Add a rule pack" in shown["error"]["message"]
        words = lead.get(f"/v1/calls/{english.id}/transcript")["utterances"]
        assert any("phone bill" in item["text"] for item in words)
        assert {item["id"] for item in lead.get("/v1/calls?flagged=true")["items"]} == {str(english.id), str(wrong.id)}

        # Told its language, a call is heard anew in it, and scored.
        lead.post(f"/v1/calls/{wrong.id}/retry", {"language": "ru"})
        (scored,) = here.until_status([wrong.id], "scored", "failed", within_s=WITHIN_S)
        assert (scored.status, scored.detected_language) == ("scored", "ru")

        rules = here.settings.effective_rules_dir
        shutil.copytree(rules / "ru", rules / "en")
        (scored,) = here.until_status([english.id], "scored", "failed", within_s=WITHIN_S)
        assert scored.status == "scored", scored.error_message
        assert "no_rules" not in scored.flags
        here.assert_scored_once([english.id, wrong.id])


def test_a_long_call_shows_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    with Installation(tmp_path) as here:
        here.start_api()
        worker = here.start_worker("transcribe")
        lead = Asker(here, "qa_lead")
        short = cut(SAMPLES / "ru-dev-10.wav", tmp_path / "short.wav", start_s=0.0, seconds=SHORT_S)
        long = here.add_call(_again_and_again(SAMPLES / "ru-dev-10.wav", tmp_path / "long.wav"), "long")
        here.queue.send_transcribe(long.id, 1000.0)
        seen: list[float] = []

        def far_enough() -> bool:
            progress = lead.get(f"/v1/calls/{long.id}")["progress"]
            if progress is not None and (not seen or progress != seen[-1]):
                seen.append(progress)
            return bool(seen) and seen[-1] > 0.2

        until(far_enough, "a fifth of the call", within_s=WITHIN_S)
        assert seen == sorted(seen)
        assert len(seen) > 3

        cancelled = lead.post(f"/v1/calls/{long.id}/cancel")
        assert (cancelled["status"], cancelled["error"]["code"]) == ("failed", "cancelled")
        until(lambda: "lease lost" in worker.log.read_text(), "the worker lets go", within_s=LET_GO_S)
        # The worker is free for others, and the call can be had after all.
        behind = here.add_call(short, "behind")
        here.queue.send_transcribe(behind.id, SHORT_S)
        here.until_status([behind.id], "transcribed", within_s=WITHIN_S)
        assert here.call(long.id).error_code == "cancelled"
        assert lead.post(f"/v1/calls/{long.id}/retry")["status"] == "received"
        here.until_status([long.id], "transcribing", within_s=WITHIN_S)


def _again_and_again(source: Path, target: Path) -> Path:
    """A recording as long as many: what it holds, over and over."""
    once = cut(source, target, start_s=0.0, seconds=90.0)
    with wave.open(str(once)) as read:
        shape, sound = read.getparams(), read.readframes(read.getnframes())
    with wave.open(str(target), "wb") as out:
        out.setparams(shape)
        out.writeframes(sound * LONG_TIMES)
    return target
