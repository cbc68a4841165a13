"""Uploads over real connections: many at once, cut off, too large, in the way of a full disk or a killed process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from service.store.audio import AudioStore
from service.store.database import Database
from tests.integration.api.house import FIELDS, House, problem, recording
from tests.integration.api.serving import ServerProcess, served, server_process, wait_until
from tests.unit.audio_header import made

AT_ONCE = 20
MEGABYTE = 1024 * 1024
BOUNDARY = "x" * 30


def form(audio: bytes = b"", *, size: int | None = None, **fields: str) -> Iterator[bytes]:
    """An upload's body in chunks; with `size` the recording is a WAV of that many bytes of silence."""
    for name, value in {**FIELDS, **fields}.items():
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'.encode()
    if size is None:
        yield audio
    else:
        yield made.wav(b"", rate_hz=48_000, promised=size)
        for _ in range(size // MEGABYTE):
            yield bytes(MEGABYTE)
        yield bytes(size % MEGABYTE)
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def test_twenty_uploads_of_one_call_at_once_are_one_call(house_on_both: House) -> None:
    house = house_on_both
    key = house.key("uploader")
    with served(house.app) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(
                lambda _: httpx.post(f"{url}/v1/calls", headers=headers(key), content=form(recording()), timeout=60),
                range(AT_ONCE),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] * (AT_ONCE - 1) + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert house.calls() == 1
    assert len(house.objects()) == 1
    assert len(house.queue.transcribe) == 1


def test_twenty_different_uploads_at_once_are_twenty_calls(house_on_both: House) -> None:
    house = house_on_both
    key = house.key("uploader")
    with served(house.app) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(
                lambda number: httpx.post(
                    f"{url}/v1/calls",
                    headers=headers(key),
                    content=form(recording(), external_id=str(number)),
                    timeout=60,
                ),
                range(AT_ONCE),
            )
        )
    assert {answer.status_code for answer in answers} == {202}
    assert house.calls() == len(house.objects()) == len(house.queue.transcribe) == AT_ONCE


def test_an_uploader_that_hangs_up_leaves_nothing_behind(house: House) -> None:
    key = house.key("uploader")
    with served(house.app) as url:
        with connection(url) as line:
            send_head(line, key)
            chunks = form(size=5 * MEGABYTE)
            for _ in range(7):
                send_chunk(line, next(chunks))
            wait_until(lambda: house.objects() != [])  # the recording is being written
        wait_until(lambda: house.objects() == [])
    assert house.calls() == 0


def test_a_recording_without_announced_size_is_cut_off_at_the_limit(house: House) -> None:
    limit = 4 * MEGABYTE
    limited = House(house.database, house.audio, house.settings.model_copy(update={"max_upload_bytes": limit}))
    key = limited.key("uploader")
    sent = 0
    with served(limited.app) as url, connection(url) as line:
        send_head(line, key)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for chunk in form(size=500 * MEGABYTE):
                send_chunk(line, chunk)
                sent += len(chunk)
    assert sent < 5 * limit, "far from everything was sent before the service hung up"
    assert limited.objects() == []


def test_the_uploader_of_a_recording_that_is_too_large_is_told_so(house: House) -> None:
    limit = 2 * MEGABYTE
    limited = House(house.database, house.audio, house.settings.model_copy(update={"max_upload_bytes": limit}))
    key = limited.key("uploader")
    with served(limited.app) as url:
        streamed = httpx.post(f"{url}/v1/calls", headers=headers(key), content=form(size=10 * MEGABYTE))
        announced = httpx.post(f"{url}/v1/calls", headers=headers(key), content=b"".join(form(size=10 * MEGABYTE)))
    for answer in (streamed, announced):
        problem(answer, 413, "audio_too_large")
        assert answer.headers["connection"] == "close"


def test_nobody_without_a_key_can_make_the_service_read_a_recording(house: House) -> None:
    with served(house.app) as url:
        answer = httpx.post(f"{url}/v1/calls", headers=headers("cs_no"), content=b"".join(form(size=MEGABYTE)))
    problem(answer, 401, "key_invalid")
    assert answer.headers["connection"] == "close"


@pytest.mark.processes
def test_a_full_disk_is_an_answer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    key = prepared(tmp_path)
    with server_process(tmp_path, largest_file_bytes=8 * MEGABYTE) as server:
        answer = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=form(size=20 * MEGABYTE))
        body = problem(answer, 503, "store_unavailable")
        assert "full" in body["detail"]
        assert int(answer.headers["retry-after"]) > 0
        assert stored(tmp_path) == []
        small = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=form(size=MEGABYTE))
        assert small.status_code == 202, "the service goes on"
    assert len(stored(tmp_path)) == 1


@pytest.mark.processes
def test_memory_stays_flat_while_a_large_recording_comes_in(tmp_path: Path) -> None:
    key = prepared(tmp_path)
    with server_process(tmp_path) as server:
        first = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=form(size=MEGABYTE), timeout=60)
        before = server.rss_bytes()
        large = form(size=150 * MEGABYTE, external_id="2")
        second = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=large, timeout=120)
        assert (first.status_code, second.status_code) == (202, 202)
        assert server.peak_rss_bytes() - before < 24 * MEGABYTE


@pytest.mark.processes
def test_a_process_that_is_killed_during_an_upload_has_acknowledged_nothing(tmp_path: Path) -> None:
    key = prepared(tmp_path)
    with server_process(tmp_path) as server:
        with connection(server.url) as line:
            send_head(line, key)
            chunks = form(size=5 * MEGABYTE)
            for _ in range(7):
                send_chunk(line, next(chunks))
            wait_until(lambda: stored(tmp_path) != [])
            kill(server)
        database = Database(f"sqlite:///{tmp_path / 'callscore.db'}")
        with database.read() as tx:
            assert sum(tx.calls.counts().values()) == 0
        database.close()
    assert [name.partition("/")[0] for name in stored(tmp_path)] == [".partial"], "what is left, the sweep recognizes"


def prepared(folder: Path) -> str:
    """A migrated database in the folder; returns an uploader's key."""
    database = Database(f"sqlite:///{folder / 'callscore.db'}")
    database.migrate()
    with database.transaction() as tx:
        secret = tx.keys.create("pbx", "uploader", None, datetime.now(UTC))[1]
    database.close()
    return secret


def stored(folder: Path) -> list[str]:
    return list(AudioStore((folder / "audio").as_uri()).keys(datetime.now(UTC) + timedelta(days=1)))


def kill(server: ServerProcess) -> None:
    server.process.kill()
    server.process.wait()


def connection(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=30)


def send_head(line: socket.socket, key: str) -> None:
    head = "POST /v1/calls HTTP/1.1\r\nHost: callscore\r\nTransfer-Encoding: chunked\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers(key).items())
    line.sendall(f"{head}\r\n".encode())


def send_chunk(line: socket.socket, chunk: bytes) -> None:
    line.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
