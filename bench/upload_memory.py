"""How much memory and time one large upload costs the API: `.venv/bin/python -m bench.upload_memory [MEGABYTES]`.

A real uvicorn process with its own data folder takes one recording of the size given (default 500 MB, the default limit),
streamed from memory. Printed are the process's memory before, its peak during the upload, and the rate against a plain
write and fsync of as many bytes to the same disk.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.integration.api.serving import server_process
from tests.integration.api.test_server import MEGABYTE, form, headers, prepared


def main(megabytes: int) -> None:
    size = megabytes * MEGABYTE - 1000  # the limit counts the file's head too
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = prepared(folder)
        floor_s = plain_write_s(folder / "floor", size)
        with server_process(folder) as server:
            warm_up = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=form(size=MEGABYTE))
            warm_up.raise_for_status()
            before = server.rss_bytes()
            started = time.perf_counter()
            body = form(size=size, external_id="large")
            answer = httpx.post(f"{server.url}/v1/calls", headers=headers(key), content=body, timeout=600)
            seconds = time.perf_counter() - started
            answer.raise_for_status()
            peak = server.peak_rss_bytes()
    print(
        f"{megabytes} MB in {seconds:.1f} s = {megabytes / seconds:.0f} MB/s, {seconds / floor_s:.1f}x a plain write and fsync"
    )
    print(
        f"memory of the API: {before / MEGABYTE:.0f} MB before, peak {peak / MEGABYTE:.0f} MB (+{(peak - before) / MEGABYTE:.1f})"
    )


def plain_write_s(path: Path, size: int) -> float:
    started = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(size // MEGABYTE):
            file.write(bytes(MEGABYTE))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
