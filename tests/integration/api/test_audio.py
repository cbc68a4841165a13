"""The recording as players fetch it: whole, in pieces, from a cache."""

from __future__ import annotations

import pytest

from tests.integration.api.house import House, problem, recording, uploaded

pytestmark = pytest.mark.anyio


async def test_the_whole_recording_comes_back_byte_for_byte(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        answer = await client.get(f"/v1/calls/{call_id}/audio")
        head = await client.head(f"/v1/calls/{call_id}/audio")
    assert answer.status_code == 200
    assert answer.content == recording()
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-length", "content-type", "etag", "accept-ranges"):
        assert head.headers[name] == answer.headers[name]


SIZE = len(recording())


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, SIZE),
        ("bytes=-50", SIZE - 50, SIZE),
        (f"bytes=10-{SIZE * 2}", 10, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes={SIZE - 1}-{SIZE - 1}", SIZE - 1, SIZE),
    ],
)
async def test_a_player_gets_the_piece_it_asks_for(house: House, wanted: str, start: int, end: int) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        answer = await client.get(f"/v1/calls/{call_id}/audio", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == recording()[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
async def test_a_piece_behind_the_end_is_refused_with_the_size(house: House, wanted: str) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        answer = await client.get(f"/v1/calls/{call_id}/audio", headers={"Range": wanted})
    problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,5-9", "bytes=9-5", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=" + "9" * 500 + "-"]
)
async def test_what_is_no_single_range_gets_the_whole(house: House, wanted: str) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        answer = await client.get(f"/v1/calls/{call_id}/audio", headers={"Range": wanted})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


async def test_a_player_need_not_fetch_what_it_has(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        address = f"/v1/calls/{call_id}/audio"
        etag = (await client.head(address)).headers["etag"]
        assert (await client.get(address, headers={"If-None-Match": etag})).status_code == 304
        assert (await client.get(address, headers={"If-None-Match": f'"x", W/{etag}'})).status_code == 304
        assert (await client.get(address, headers={"If-None-Match": '"x"'})).status_code == 200
        fresh = await client.get(address, headers={"Range": "bytes=0-9", "If-Range": etag})
        stale = await client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"x"'})
    assert (fresh.status_code, stale.status_code) == (206, 200)


async def test_a_recording_that_was_lost_is_a_problem_not_a_broken_answer(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.audio.delete(house.objects()[0])
        body = problem(await client.get(f"/v1/calls/{call_id}/audio"), 404, "audio_missing")
        assert (await client.head(f"/v1/calls/{call_id}/audio")).status_code == 404
    assert "lost" in body["detail"]
