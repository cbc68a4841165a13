"""A department with some weeks of calls: sample dialogues with their labels' words, through the real scoring and the real store."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from service.packs import PackLibrary
from service.scoring.labels import LabelledCall, labelled_call
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance, Word
from service.store.audio import AudioStore, outline_key
from service.store.database import Database
from service.store.passwords import hash_password
from service.store.records import AudioObject, NewCall, RepRole
from service.store.records_people import UserRole
from workers.speech.audio import decode
from workers.speech.outline import outline

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLES = FIXTURES / "samples"
RULES = Path(__file__).parents[3] / "scripts_rules"
PASSWORD = "green-tea-at-noon"
#: Recordings that the newest calls of these dialogues are heard with.
RECORDINGS = {"ru-dev-05": SAMPLES / "ru-dev-05.ogg", "en-dev-03": SAMPLES / "en-dev-03.wav"}
CHARACTERS_A_SECOND = 14.0
PEOPLE: tuple[tuple[str, str, RepRole, str], ...] = (
    ("r-101", "Анна Белова", "sdr", "Север"),
    ("r-102", "Пётр Климов", "sdr", "Север"),
    ("r-103", "Мария Ильина", "sales_manager", "Север"),
    ("r-104", "Тимур Ахметов", "sales_manager", "Север"),
    ("r-201", "Grace Miller", "sdr", "South"),
    ("r-202", "Daniel O’Connor", "sales_manager", "South"),
    ("r-203", "Priya Nair", "sales_manager", "South"),
)
USERS: tuple[tuple[str, UserRole, str | None, str | None, str], ...] = (
    ("admin@example.com", "admin", None, None, "Ольга Админ"),
    ("qa@example.com", "qa_lead", None, None, "Нина Контроль"),
    ("qa2@example.com", "qa_lead", None, None, "Sam Quality"),
    ("manager@example.com", "manager", "Север", None, "Игорь Начальник"),
    ("rep@example.com", "rep", None, "r-101", "Анна Белова"),
)


@dataclass
class Seeded:
    """What is there: the newest call of each dialogue by its id, and those that are not scored."""

    calls: dict[str, UUID] = field(default_factory=dict)
    unfinished: dict[str, UUID] = field(default_factory=dict)
    reps: dict[str, UUID] = field(default_factory=dict)
    all: list[UUID] = field(default_factory=list)
    own_call: UUID | None = None


@cache
def dialogues() -> tuple[tuple[LabelledCall, Transcript], ...]:
    """Labelled calls with times: the samples' own, the others' from the length of their words."""
    files = sorted([*(SAMPLES / "labels").glob("*-dev-??.json"), *(FIXTURES / "dialogues").glob("*-own-0[12].json")])
    return tuple(_dialogue(path) for path in files)


@cache
def scorecards() -> Mapping[str, tuple[Scorecard, Rulings]]:
    """Every dialogue, scored, and what of its pack reviews are judged by."""
    packs = PackLibrary(RULES)
    found = {}
    for call, transcript in dialogues():
        context = CallContext(direction=call.direction, role=call.role)
        pack = packs.load(call.pack_id, transcript.language)
        found[call.id] = score(transcript, pack, context), Rulings.of(pack)
    return found


def seed(database: Database, audio: AudioStore, *, now: datetime, weeks: int = 6, calls_a_day: int = 4) -> Seeded:
    """Fill an empty, migrated database with a department that has been at work for some weeks up to `now`."""
    seeded = Seeded()
    people(database, now=now - timedelta(weeks=weeks), seeded=seeded)
    drawn = random.Random(7)
    for days_ago in range(weeks * 7, -1, -1):
        day = now - timedelta(days=days_ago)
        if day.weekday() >= 5 and days_ago > 0:
            continue
        for number in range(calls_a_day):
            at = day.replace(hour=7, minute=0) + timedelta(minutes=47 * number + drawn.randrange(30))
            if at < now:
                _call(database, audio, seeded, drawn, at=at)
    for dialogue in RECORDINGS:
        _call(database, audio, seeded, drawn, at=now - timedelta(minutes=40), only=dialogue)
    _unfinished(database, seeded, now - timedelta(minutes=5))
    return seeded


def people(database: Database, *, now: datetime, seeded: Seeded) -> None:
    password = hash_password(PASSWORD)
    with database.transaction() as tx:
        for team in ("Север", "South"):
            tx.teams.create(team, now=now)
        for external_id, name, role, team in PEOPLE:
            seeded.reps[external_id] = tx.reps.create(external_id, name=name, role=role, team=team, now=now).id
        for email, user_role, limit, rep, name in USERS:
            tx.users.create(
                email,
                password_hash=password,
                role=user_role,
                team_id=None if limit is None else tx.teams.get_by_name(limit).id,
                rep_id=None if rep is None else seeded.reps[rep],
                name=name,
                language="ru",
                time_zone="Europe/Moscow",
                now=now,
            )


def score_as_worker(
    database: Database, call_id: UUID, transcript: Transcript, scored: tuple[Scorecard, Rulings], *, now: datetime
) -> None:
    """What the workers do to the database."""
    with database.transaction() as tx:
        assert tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60) is not None
        assert tx.transcripts.save(call_id, transcript, token="t", now=now)
    with database.transaction() as tx:
        assert tx.calls.claim(call_id, "score", token="s", now=now, lease_s=60) is not None
        scorecard, rulings = scored
        tx.rulings.keep(scorecard.pack_sha256, rulings, now=now)
        assert tx.scorecards.save(call_id, scorecard, token="s", now=now)


def receive(database: Database, rep: str, *, at: datetime, number: int, **changes: Any) -> UUID:
    """A call as it comes in."""
    audio = AudioObject(
        key=f"calls/seed/{number:06}.wav",
        sha256=f"{number:064x}",
        size_bytes=1,
        format="wav",
        duration_s=60.0,
        channels=2,
    )
    fields: dict[str, Any] = {"source": "pbx", "external_id": f"seed-{number}", "rep_external_id": rep, "audio": audio}
    with database.transaction() as tx:
        call, _ = tx.calls.create(NewCall(**(fields | {"started_at": at} | changes)), now=at, allow_unknown_rep=True)
    return call.id


def _call(
    database: Database,
    audio: AudioStore,
    seeded: Seeded,
    drawn: random.Random,
    *,
    at: datetime,
    only: str | None = None,
) -> None:
    ranked = sorted(dialogues(), key=lambda pair: scorecards()[pair[0].id][0].argumentation or 0.0)
    fitting = [pair for pair in ranked if only in (None, pair[0].id)]
    place = int(len(fitting) * min(0.999, max(0.0, drawn.gauss(0.5, 0.3))))
    call, transcript = fitting[place]
    reps = [person[0] for person in PEOPLE if (person[3] == "South") == (transcript.language == "en")]
    # Better dialogues fall more often to those who stand later in the list: the department has people of all kinds.
    rep = reps[
        min(len(reps) - 1, int(len(reps) * min(0.99, max(0.0, place / len(fitting) * 0.6 + drawn.random() * 0.4))))
    ]
    number = len(seeded.all) + 1
    changes: dict[str, Any] = {
        "direction": call.direction,
        "customer_ref": f"crm-{4000 + number}",
        "script": call.pack_id,
    }
    recording = RECORDINGS.get(call.id) if only else None
    key = f"calls/seed/{number:06}" + (recording.suffix if recording else ".wav")
    changes["audio"] = AudioObject(
        key=key,
        sha256=f"{number:064x}",
        size_bytes=recording.stat().st_size if recording else 1,
        format=recording.suffix[1:] if recording else "wav",
        duration_s=transcript.duration_s,
        channels=2,
    )
    if recording is not None:
        asyncio.run(audio.write(key, _chunks(recording.read_bytes())))
        with decode(recording, max_duration_s=600.0) as sound:
            asyncio.run(audio.write(outline_key(key), _chunks(outline(sound))))
    call_id = receive(database, rep, at=at, number=number, **changes)
    score_as_worker(database, call_id, transcript, scorecards()[call.id], now=at + timedelta(seconds=90))
    seeded.calls[call.id] = call_id
    seeded.all.append(call_id)
    if rep == "r-101":
        seeded.own_call = call_id


def _unfinished(database: Database, seeded: Seeded, now: datetime) -> None:
    seeded.unfinished["received"] = receive(database, "r-101", at=now, number=900_001)
    under_way = receive(database, "r-102", at=now, number=900_002)
    failed = receive(database, "r-201", at=now, number=900_003)
    with database.transaction() as tx:
        assert tx.calls.claim(under_way, "transcribe", token="u", now=now, lease_s=3600) is not None
        tx.calls.renew(under_way, "u", now=now, lease_s=3600, progress=0.4)
        assert tx.calls.claim(failed, "transcribe", token="f", now=now, lease_s=60) is not None
        tx.calls.fail(
            failed,
            "f",
            code="audio_unreadable",
            message="the sound cannot be decoded",
            now=now,
            max_attempts=3,
            permanent=True,
        )
    seeded.unfinished |= {"transcribing": under_way, "failed": failed}


def _dialogue(path: Path) -> tuple[LabelledCall, Transcript]:
    call = labelled_call(json.loads(path.read_text(encoding="utf-8")))
    times = path.with_suffix(".times.json")
    known = json.loads(times.read_text(encoding="utf-8"))["turns"] if times.exists() else None
    at, utterances = 0.8, []
    for number, utterance in enumerate(call.transcript.utterances):
        start = known[number]["start"] if known else at
        end = known[number]["end"] if known else start + len(utterance.text) / CHARACTERS_A_SECOND
        utterances.append(_timed(utterance, start, end))
        at = end + 0.4 + (number % 7 == 5) * 3.1
    last = utterances[-1].end_s or 0.0
    speech = {
        who: sum((u.end_s or 0) - (u.start_s or 0) for u in utterances if u.speaker == who)
        for who in ("agent", "customer")
    }
    transcript = replace(
        call.transcript,
        utterances=tuple(utterances),
        speaker_source="channels",
        duration_s=json.loads(times.read_text())["duration"] if known else last + 1.0,
        speech_s=speech,  # type: ignore[arg-type]
        language_probability=0.98,
        recognizer="labels",
    )
    return call, transcript


def _timed(utterance: Utterance, start: float, end: float) -> Utterance:
    texts = utterance.text.split()
    whole = sum(len(text) + 1 for text in texts)
    at, words = start, []
    for text in texts:
        length = (end - start) * (len(text) + 1) / whole
        words.append(Word(text, round(at, 2), round(at + length * 0.95, 2), 0.93))
        at += length
    return replace(utterance, start_s=start, end_s=end, confidence=0.93, words=tuple(words))


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
