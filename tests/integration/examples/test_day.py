"""The example runs as it is printed: over HTTP, with nothing but the client, and everybody sees what they should."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from service.store.audio import AudioStore
from service.store.database import Database
from service.store.records import CallFilter
from tests.integration.api.house import House, settings_for
from tests.integration.api.serving import served

ROOT = Path(__file__).resolve().parents[3]
RECORDINGS = sorted((ROOT / "tests" / "fixtures" / "audio").glob("*.wav"))[:2]


def work(house: House, stop: threading.Event) -> None:
    """What the workers do, as soon as something is received; without a speech model."""
    while not stop.wait(0.05):
        with house.database.read() as tx:
            waiting = tx.calls.list(CallFilter(status="received"), limit=10).calls
        for call in waiting:
            house.transcribe(call.id)
            house.score(call.id)


def test_a_day_with_a_telephony_system_a_qa_lead_and_a_manager(
    sqlite_database: Database, audio_store: AudioStore, tmp_path: Path
) -> None:
    house = House(sqlite_database, audio_store, settings_for(tmp_path))
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(house, stop))
    worker.start()
    try:
        with served(house.app) as url:
            command = [sys.executable, str(ROOT / "examples" / "day.py"), "--url", url, *map(str, RECORDINGS)]
            environment = {**os.environ, "CALLSCORE_API_KEY": house.key("admin"), "PYTHONPATH": str(ROOT)}
            for _ in range(2):
                done = subprocess.run(
                    command, env=environment, capture_output=True, text=True, timeout=120, check=False
                )
                assert done.returncode == 0, done.stdout + done.stderr
    finally:
        stop.set()
        worker.join()
    for seen in (
        "sent the first one again, to be sure: the same call True",
        "may not: role_insufficient",
        "logged in with the role qa_lead",
        "confirmed it: review ",
        "a second reviewer with the old page is told",
        "sees one team only: True",
        "4 of 4 calls scored",
        "1 recordings that they listened to",
    ):
        assert seen in done.stdout, done.stdout
    with house.database.read() as tx:
        assert all(user.disabled_at is not None for user in tx.users.list())
        assert sum(key.revoked_at is None for key in tx.keys.list()) == 1
