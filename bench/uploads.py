"""Uploads at once against bare routes: `.venv/bin/python -m bench.uploads [--database sqlite|postgresql] [--rounds N]`.

    stream   a Starlette route that streams the body to a file and answers: nothing of it survives a power cut
    sync     the same, which also puts file and folder on the disk, in a thread, before it answers
    row      the same, which also hashes the recording and commits a row that names it

Ours parses a form, checks its fields and the recording's header, knows its sender, finds a repetition, counts the call and tells the queue.
The API has a Redis of its own, as in production. Rounds of all four take turns; the figures are medians.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bench.api_costs import Cost, check
from bench.api_servers import Served, floor_server, our_server
from service.store.database import Database
from tests.fixtures.postgres import running_server
from tests.fixtures.redis import running_redis
from tests.integration.api.test_server import BOUNDARY, MEGABYTE, form

#: Floors of bench/api_floor.py, by what they are called here.
FLOORS = {"stream": "bare_upload", "sync": "synced_upload", "row": "recorded_upload"}
GOAL = 2.0
UPLOADS = 50


def main(kind: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name, database_url(kind, Path(name)) as url, running_redis(Path(name)):
        folder = Path(name)
        database = Database(url)
        database.migrate()
        with database.transaction() as tx:
            secret = tx.keys.create("pbx", "uploader", None, datetime.now(UTC))[1]
        database.close()
        with our_server(folder, url) as ours:
            compare(folder, url, ours, secret, rounds=rounds)


def compare(folder: Path, url: str, ours: Served, secret: str, *, rounds: int) -> None:
    """Print what uploads cost, by the clock and in processor time, as ratios of each floor."""
    with (
        floor_server(folder, url, FLOORS["stream"]) as stream,
        floor_server(folder, url, FLOORS["sync"]) as sync,
        floor_server(folder, url, FLOORS["row"]) as row,
    ):
        servers = {"ours": ours, "stream": stream, "sync": sync, "row": row}
        costs = asyncio.run(_rounds(servers, secret, rounds))
    wall = {name: statistics.median(cost.wall_s for cost in of) for name, of in costs.items()}
    cpu = {name: statistics.median(cost.cpu_s for cost in of) for name, of in costs.items()}
    print(
        f"  upload  {UPLOADS} of 1 MB at once ({url.partition(':')[0]}): {_each(cpu['ours'])} of processor, {_each(wall['ours'])} by the clock"
    )
    for name in FLOORS:
        verdict = "" if name != "stream" or cpu["ours"] < GOAL * cpu[name] else f"  MISSES {GOAL:.0f}x"
        print(
            f"          {cpu['ours'] / cpu[name]:.2f}x {name} in processor time ({_each(cpu[name])}), "
            f"{wall['ours'] / wall[name]:.2f}x by the clock ({_each(wall[name])}){verdict}",
            flush=True,
        )


async def _rounds(servers: dict[str, Served], secret: str, rounds: int) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {name: [] for name in servers}
    memory = [servers["ours"].rss_bytes() / MEGABYTE]
    for number in range(rounds + 1):
        bodies = [b"".join(form(size=MEGABYTE, external_id=f"up-{number}-{at}")) for at in range(UPLOADS)]
        for name, server in servers.items():
            before = Cost.so_far(own=False)
            statuses = await asyncio.gather(*(_post(server.url, secret, body) for body in bodies))
            costs[name].append(Cost.so_far(own=False).since(before, 1))
            check(set(statuses) == {202}, f"uploads are accepted, found {set(statuses)}")
        memory.append(servers["ours"].peak_rss_bytes() / MEGABYTE)
    print(
        f"  memory of the API: {memory[0]:.0f} MB before, at most {memory[1]:.0f} MB in the first round, {memory[-1]:.0f} MB in {rounds + 1}"
    )
    return {name: of[1:] for name, of in costs.items()}


async def _post(url: str, secret: str, body: bytes) -> int:
    """One upload over a connection of its own, as a telephony system sends it; light, so that the client costs all alike."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"POST /v1/calls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


def _each(seconds: float) -> str:
    return f"{seconds / UPLOADS * 1000:.2f} ms each"


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """A new database: a file in `folder`, or one of a PostgreSQL server that ends with the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'callscore.db'}"
        return
    os.environ.setdefault("PGOPTIONS", "")
    with running_server() as server, server.fresh_database() as url:
        yield url


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=6)
    arguments = parser.parse_args()
    main(arguments.database, arguments.rounds)
