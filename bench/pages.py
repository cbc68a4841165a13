"""Time and bytes of each page with 100,000 calls of 500 reps: `python -m bench.pages [CALLS]`."""

from __future__ import annotations

import json
import logging
import re
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from bench.api_seed import seed
from service import logs
from service.api.app import create_app
from service.packs import PackLibrary
from service.queue import NullQueue
from service.scoring.labels import labelled_call
from service.scoring.rulings import Rulings
from service.scoring.scorecard import CallContext, score
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.passwords import hash_password
from service.store.records import AudioObject, CallFilter, NewCall
from service.web.site import add_site

CALLS = 100_000
ROUNDS = 7
EMAIL, PASSWORD = "admin@example.com", "green-tea-at-noon"
#: Half of the year that there is; the period before is the other half.
HALF_YEAR = "from=2025-07-03&to=2025-12-31"
#: A call of a bit more than two minutes, with three objections.
LABEL = Path("tests/fixtures/samples/labels/ru-dev-05.json")
SECONDS_A_LETTER = 1 / 14
#: What a page loads besides itself; not the recording.
_LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
#: One in five calls is flagged, as bench.api_seed flags them; one in a hundred of the others teaches enough to wait.
_QUEUE = """INSERT INTO review_queue (call_id, severity, teaches_ppm, lot_ppm, turn_ppm, waiting_since)
SELECT id, CASE WHEN EXISTS (SELECT 1 FROM flags WHERE flags.call_id = calls.id) THEN 2 ELSE 0 END,
abs(random()) % 505050, abs(random()) % 1000000, abs(random()) % 1000000, received_at FROM calls WHERE status = 'scored'"""


def main(calls: int) -> None:
    logs.configure("ERROR", component="api")
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'callscore.db'}"
        database = Database(url)
        database.migrate()
        seed(url, calls)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(_QUEUE))
        engine.dispose()
        with database.transaction() as tx:
            now = tx.calls.list(CallFilter(), limit=1).calls[0].received_at
            rep = tx.reps.list(limit=1)[0]
            tx.users.create(EMAIL, password_hash=hash_password(PASSWORD), role="admin", now=now)
        settings = Settings.model_validate({"data_dir": folder})
        packs = PackLibrary(settings.effective_rules_dir)
        call = spoken_call(database, packs, rep.external_id, now)
        app = create_app(
            settings=settings,
            database=database,
            audio=AudioStore(settings.effective_audio_url),
            queue=NullQueue(),
            packs=packs,
            now=lambda: now,
        )
        client = TestClient(add_site(app))
        client.post("/login", data={"email": EMAIL, "password": PASSWORD})
        measure(client, calls, {"CALL": str(call), "REP": str(rep.id)})
        database.close()


def measure(client: TestClient, calls: int, ids: dict[str, str]) -> None:
    """Print a line a page."""
    pages = (
        *(
            "/today",
            "/today?days=364",
            f"/today?{HALF_YEAR}",
            "/today?team=team 3",
            "/review",
            "/review?mine=true",
            "/review?holder=nobody",
            "/review?flagged=false",
            "/calls/CALL",
            "/calls",
        ),
        *("/calls?flagged=true", "/calls?text=словоаа", "/reps", "/reps/REP", "/reps/REP/month", "/disputes"),
        *(
            "/admin",
            "/admin/users",
            "/admin/reps",
            "/admin/keys",
            "/admin/webhooks",
            "/admin/retention",
            "/admin/audit",
        ),
    )
    print(
        f"{calls} calls; page, kB of HTML, kB with scripts and styles, milliseconds of processor time (median of {ROUNDS})"
    )
    for template in pages:
        address = template
        for name, value in ids.items():
            address = address.replace(name, value)
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)  # noqa: S101
        loaded = sum(len(client.get(part).content) for part in set(_LOADED.findall(answer.text)))
        whole = len(answer.content) + loaded
        times = sorted(processor_time(client, address) for _ in range(ROUNDS))
        print(f"{template:38} {len(answer.content) / 1000:7.0f} {whole / 1000:7.0f} {times[ROUNDS // 2] * 1000:7.0f}")


def processor_time(client: TestClient, address: str) -> float:
    began = time.process_time()
    client.get(address)
    return time.process_time() - began


def spoken_call(database: Database, packs: PackLibrary, rep: str, now: datetime) -> UUID:
    """A call with all its words, scored, as a worker would have left it."""
    label = labelled_call(json.loads(LABEL.read_text(encoding="utf-8")))
    at, utterances = 0.5, []
    for said in label.transcript.utterances:
        lasts = len(said.text) * SECONDS_A_LETTER
        utterances.append(replace(said, start_s=at, end_s=at + lasts, confidence=0.9))
        at += lasts + 0.4
    transcript = replace(label.transcript, utterances=tuple(utterances), speaker_source="channels", duration_s=at)
    pack = packs.load(label.pack_id, transcript.language)
    scorecard = score(transcript, pack, CallContext(direction=label.direction, role=label.role))
    audio = AudioObject(key="bench", sha256="b" * 64, size_bytes=1, format="wav", duration_s=at, channels=2)
    new = NewCall(source="bench", external_id="spoken", rep_external_id=rep, audio=audio, script=label.pack_id)
    lease = "bench"
    with database.transaction() as tx:
        call, _ = tx.calls.create(new, now=now, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token=lease, now=now, lease_s=60)
        tx.transcripts.save(call.id, transcript, token=lease, now=now)
        tx.calls.claim(call.id, "score", token=lease, now=now, lease_s=60)
        tx.rulings.keep(scorecard.pack_sha256, Rulings.of(pack), now=now)
        tx.scorecards.save(call.id, scorecard, token=lease, now=now)
    return call.id


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
