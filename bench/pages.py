"""Time and bytes of each page with 100,000 calls of 500 reps: `python -m bench.pages [CALLS]`."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from pathlib import Path

from starlette.testclient import TestClient

from bench.api_seed import seed
from service import logs
from service.api.app import create_app
from service.packs import PackLibrary
from service.queue import NullQueue
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.passwords import hash_password
from service.store.records import CallFilter
from service.web.site import add_site

CALLS = 100_000
ROUNDS = 5
EMAIL, PASSWORD = "admin@example.com", "green-tea-at-noon"


def main(calls: int) -> None:
    logs.configure("ERROR", component="api")
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'callscore.db'}"
        database = Database(url)
        database.migrate()
        seed(url, calls)
        with database.transaction() as tx:
            now = tx.calls.list(CallFilter(), limit=1).calls[0].received_at
            rep = tx.reps.list(limit=1)[0]
            tx.users.create(EMAIL, password_hash=hash_password(PASSWORD), role="admin", now=now)
        settings = Settings.model_validate({"data_dir": folder})
        app = create_app(
            settings=settings,
            database=database,
            audio=AudioStore(settings.effective_audio_url),
            queue=NullQueue(),
            packs=PackLibrary(settings.effective_rules_dir),
            now=lambda: now,
        )
        client = TestClient(add_site(app))
        client.post("/login", data={"email": EMAIL, "password": PASSWORD})
        print(f"{calls} calls; page, bytes of HTML, milliseconds of processor time (mean of {ROUNDS})")
        for address in ("/today", "/calls", "/calls?flagged=true", "/review", f"/reps/{rep.id}", "/reps", "/admin"):
            client.get(address)
            began = time.process_time()
            sizes = [len(client.get(address).content) for _ in range(ROUNDS)]
            print(f"{address[:20]:20} {sizes[-1]:8} {(time.process_time() - began) / ROUNDS * 1000:8.0f}")
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
