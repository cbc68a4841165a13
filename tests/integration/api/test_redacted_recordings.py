"""Who may not read redacted words does not hear them either: not in the recording, not in a piece of it, not in its waveform."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import numpy as np
import pytest
from sqlalchemy import update

from service.scoring.errors import AudioMissing
from service.scoring.redaction import REDACTED
from service.scoring.transcript import Mark, Transcript, Utterance, Word
from service.store import content
from service.store.audio import outline_key, silenced_key
from service.store.forgetting import finish, forget_call
from service.store.models import transcripts
from service.web.site import add_site
from tests.fixtures.installation import SAMPLES
from tests.integration.api.house import House, problem, uploaded
from workers.process import WorkerProcess
from workers.silencing import silence
from workers.speech.audio import decode
from workers.speech.spans import SAMPLE_RATE_HZ, Span

pytestmark = pytest.mark.anyio

CALL = (SAMPLES / "ru-dev-05.ogg").read_bytes()
SECRET_S = (5.0, 7.5)
OUTLINE = {"version": 1, "channels": [[100] * 1200, [50] * 1200]}


def transcript(*, timed: bool = True, first: int = 1) -> Transcript:
    """Two words of which the second, said from 5 to 7.5 s, is redacted; `first` 0: both are."""
    words = (Word("карта", 3.0, 3.5, 0.9), Word("4276", *SECRET_S, 0.9)) if timed else ()
    from_s, to_s = (3.0, 7.5) if timed else (None, None)
    said = Utterance("customer", "карта 4276", from_s, to_s, 0.9, words, (Mark(first, 1, REDACTED),))
    return Transcript("ru", (said,), "channels", 61.0, {"agent": 0.0, "customer": 3.0})


def worker(house: House) -> WorkerProcess:
    process = WorkerProcess(house.settings)
    # The house's own, instead of those that the settings name.
    process.__dict__ |= {"database": house.database, "audio": house.audio, "queue": house.queue}
    return process


async def work(house: House) -> int:
    """What the worker does about what was announced; how many messages that were."""
    waiting, house.queue.silence = house.queue.silence, []
    for call_id in waiting:
        await asyncio.to_thread(silence, worker(house), call_id)
    return len(waiting)


def loudness(sound: bytes, start_s: float, end_s: float) -> float:
    with decode(io.BytesIO(sound), max_duration_s=600) as heard:
        span = Span(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))
        return max(float(np.abs(heard.read(channel, span)).max()) for channel in range(heard.channels))


def address(call: UUID) -> str:
    return f"/v1/calls/{call}/audio"


async def test_redacted_seconds_are_silent_for_who_may_not_read_them(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as admin, house.client("reader") as reader:
        call = await uploaded(admin, CALL)
        house.transcribe(call, transcript())
        problem(await reader.get(address(call)), 503, "audio_preparing")
        assert (await reader.head(address(call))).status_code == 503
        assert await work(house) == 2
        heard = await reader.get(address(call))
        assert heard.status_code == 200
        assert heard.headers["Content-Type"] == "audio/mpeg"
        assert loudness(CALL, *SECRET_S) > 0.02
        assert loudness(heard.content, SECRET_S[0] - 0.2, SECRET_S[1] + 0.2) < 0.002
        assert loudness(heard.content, 10.0, 20.0) > 0.02
        whole = await admin.get(address(call))
        assert whole.content == CALL
        assert whole.headers["ETag"] != heard.headers["ETag"]


async def test_a_player_jumps_in_the_silenced_copy(house: House) -> None:
    async with house.client("admin") as admin, house.client("reader") as reader:
        call = await uploaded(admin, CALL)
        house.transcribe(call, transcript())
        await reader.get(address(call))
        await work(house)
        heard = await reader.get(address(call))
        size = len(heard.content)
        head = await reader.head(address(call))
        assert (int(head.headers["Content-Length"]), head.headers["ETag"]) == (size, heard.headers["ETag"])
        for wanted, start, end in (
            ("0-99", 0, 100),
            ("1000-1999", 1000, 2000),
            ("-500", size - 500, size),
            (f"{size - 1}-", size - 1, size),
        ):
            piece = await reader.get(address(call), headers={"Range": f"bytes={wanted}"})
            assert (piece.status_code, piece.headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{size}")
            assert piece.content == heard.content[start:end]
        problem(await reader.get(address(call), headers={"Range": f"bytes={size}-"}), 416, "range_not_satisfiable")
        seen = await reader.get(address(call), headers={"If-None-Match": heard.headers["ETag"]})
        assert seen.status_code == 304
        # What somebody else's player kept of the whole recording is no answer for this one.
        whole = (await admin.get(address(call))).headers["ETag"]
        assert (await reader.get(address(call), headers={"If-None-Match": whole})).content == heard.content


async def test_a_copy_is_made_once_and_anew_when_more_is_redacted(house: House) -> None:
    async with house.client("admin") as admin, house.client("reader") as reader:
        call = await uploaded(admin, CALL)
        house.transcribe(call, transcript())
        for _ in range(3):
            problem(await reader.get(address(call)), 503, "audio_preparing")
        await work(house)
        first = await reader.get(address(call))
        await asyncio.to_thread(silence, worker(house), call)
        assert (await reader.get(address(call))).content == first.content
        mark_more(house, call)
        problem(await reader.get(address(call)), 503, "audio_preparing")
        await work(house)
        second = await reader.get(address(call))
        assert second.headers["ETag"] != first.headers["ETag"]
        assert loudness(second.content, 3.1, 3.4) < 0.002


def mark_more(house: House, call: UUID) -> None:
    """The first word is redacted too: the transcript is stored anew, as by whoever marks spans."""
    more = transcript(first=0)
    sha256, packed = content.pack(more.canonical_json())
    with house.database.transaction() as tx:
        changed = update(transcripts).where(transcripts.c.call_id == call).values(sha256=sha256, content=packed)
        tx.transcripts._connection.execute(changed)


async def test_where_nothing_tells_when_it_was_said_the_recording_is_withheld(house: House) -> None:
    async with house.client("admin") as admin, house.client("reader") as reader:
        call = await uploaded(admin, CALL)
        house.transcribe(call, transcript(timed=False))
        refused = problem(await reader.get(address(call)), 403, "audio_withheld")
        assert "ask a QA lead" in refused["detail"]
        assert house.queue.silence == []
        assert (await admin.get(address(call))).content == CALL


async def test_the_copy_goes_with_the_recording_and_the_recording_with_the_text(house: House) -> None:
    async with house.client("admin") as admin, house.client("reader") as reader:
        calls = [await uploaded(admin, CALL + bytes([n]), external_id=f"c-{n}") for n in range(2)]
        keys = []
        for call in calls:
            house.transcribe(call, transcript())
            with house.database.read() as tx:
                keys.append(tx.calls.get(call).audio.key)
            await reader.get(address(call))
        await work(house)
        assert all(house.audio.size(silenced_key(key)) > 1000 for key in keys)
        assert sorted(house.objects()) == sorted(keys), "no search for orphans takes a copy"
        forget_call(house.database, house.audio, calls[0], by="test", now=house.clock.now)
        with house.database.transaction() as tx:
            tx.erasure.erase_text(calls[1], now=house.clock.now)
        problem(await reader.get(address(calls[1])), 410, "audio_erased")
        finish(house.database, house.audio)
        for key in keys:
            with pytest.raises(AudioMissing):
                house.audio.size(silenced_key(key))
        # A worker that was still at it leaves nothing behind.
        await asyncio.to_thread(silence, worker(house), calls[0])
        await asyncio.to_thread(silence, worker(house), calls[1])
        assert house.objects() == []


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_the_waveform_is_flat_and_the_page_tells_why_it_is_silent(house: House) -> None:
    site = add_site(house.app)
    house.team("North", "r-17")
    rep, lead = house.user("rep", rep="r-17", language="ru"), house.user("qa_lead", language="en")
    async with house.client("admin") as admin:
        call = await uploaded(admin, CALL)
    house.transcribe(call, transcript())
    with house.database.read() as tx:
        key = tx.calls.get(call).audio.key
    await house.audio.write(outline_key(key), _chunks(json.dumps(OUTLINE).encode()))

    def visitor(user: object) -> httpx.AsyncClient:
        client = house.visitor(user)  # type: ignore[arg-type]
        client._transport = httpx.ASGITransport(site)  # type: ignore[attr-defined]
        return client  # type: ignore[return-value]

    async with visitor(rep) as asker:
        levels = (await asker.get(f"/calls/{call}/peaks")).json()["channels"][0]
        at = [round(second / 61.0 * 1200) for second in (2.0, 4.9, 6.0, 7.7, 9.0)]
        assert [levels[place] for place in at] == [100, 0, 0, 0, 100]
        page = (await asker.get(f"/calls/{call}")).text
        assert "Готовится копия без неё" in page
        assert f'src="/v1/calls/{call}/audio' not in page
        assert "HX-Refresh" not in (await asker.get(f"/calls/{call}/recording")).headers
        assert await work(house)
        assert (await asker.get(f"/calls/{call}/recording")).headers["HX-Refresh"] == "true"
        page = (await asker.get(f"/calls/{call}")).text
        assert f'src="/v1/calls/{call}/audio' in page
        assert "Там, где слова скрыты, вместо них тишина." in page
    async with visitor(lead) as asker:
        assert (await asker.get(f"/calls/{call}/peaks")).json() == OUTLINE
        page = (await asker.get(f"/calls/{call}")).text
        assert f'src="/v1/calls/{call}/audio' in page
        assert "you hear silence" not in page
    house.clock.now += timedelta(days=1)
    with house.database.transaction() as tx:
        tx.erasure.erase_audio(call, now=house.clock.now)
    async with visitor(lead) as asker:
        assert "The recording was erased on" in (await asker.get(f"/calls/{call}")).text
