"""The real application on a real database and audio store, with a queue that only writes down what it is told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from fastapi import FastAPI

from service.api.app import create_app
from service.api.csrf import COOKIE, HEADER, csrf_token_of
from service.packs import PackLibrary
from service.published import PublishedPacks
from service.queue import NullQueue
from service.scoring.results import Conversation, Flag, ObjectionResult, Scorecard
from service.scoring.transcript import Transcript, Utterance, Word
from service.settings import Settings
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.passwords import hash_password
from service.store.records import KeyRole
from service.store.records_people import User, UserRole
from tests.integration.api.described import check_described
from tests.unit.audio_header import made

NOW = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "green-tea-at-noon"
PASSWORD_HASH = hash_password(PASSWORD)
FIELDS = {"source": "pbx", "external_id": "call-1", "rep": "r-17"}


class Announcements(NullQueue):
    """Remembers what was announced; `away` plays a Redis that does not answer."""

    def __init__(self) -> None:
        self.transcribe: list[UUID] = []
        self.score: list[UUID] = []
        self.rescore: list[UUID] = []
        self.trials: list[UUID] = []
        self.silence: list[UUID] = []
        self.deliver = 0
        self.away = False

    def send_transcribe(self, call_id: UUID, duration_s: float | None) -> None:  # noqa: ARG002 - the protocol's
        self.transcribe.append(call_id)

    def send_score(self, call_id: UUID) -> None:
        self.score.append(call_id)

    def send_rescore(self, job_id: UUID) -> None:
        self.rescore.append(job_id)

    def send_trial(self, trial_id: UUID) -> None:
        self.trials.append(trial_id)

    def send_silence(self, call_id: UUID) -> None:
        self.silence.append(call_id)

    def send_deliver(self) -> None:
        self.deliver += 1

    def ready(self) -> bool:
        return not self.away


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class House:
    """What a test needs of the service."""

    database: Database
    audio: AudioStore
    settings: Settings
    queue: Announcements = field(default_factory=Announcements)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.app: FastAPI = create_app(
            settings=self.settings,
            database=self.database,
            audio=self.audio,
            queue=self.queue,
            packs=PackLibrary(self.settings.effective_rules_dir, published=PublishedPacks(self.database)),
            now=self.clock,
        )

    def key(self, role: KeyRole = "admin", *, team: str | None = None) -> str:
        """A new key's text."""
        with self.database.transaction() as tx:
            team_id = None if team is None else tx.teams.get_by_name(team).id
            number = len(tx.keys.list())
            return tx.keys.create(f"{role} {number}", role, team_id, self.clock.now)[1]

    def client(
        self, role: KeyRole | None = "admin", *, team: str | None = None, key: str | None = None
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A client with a key of this role (None: without any). Every answer is compared with the OpenAPI."""
        if key is None and role is not None:
            key = self.key(role, team=team)
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}

        async def check(response: httpx.Response) -> None:
            check_described(self.app, response)

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://callscore",
            headers=headers,
            event_hooks={"response": [check]},
        )

    def user(self, role: UserRole = "admin", *, team: str | None = None, rep: str | None = None, **more: Any) -> User:
        """A new user, whose password is PASSWORD."""
        with self.database.transaction() as tx:
            return tx.users.create(
                f"{role}{len(tx.users.list())}@example.com",
                password_hash=PASSWORD_HASH,
                role=role,
                team_id=None if team is None else tx.teams.get_by_name(team).id,
                rep_id=None if rep is None else tx.reps.get_by_external_id(rep).id,
                now=self.clock.now,
                **more,
            )

    def visitor(self, user: User) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A client with a session of this user, which sends its CSRF token as a page would."""
        with self.database.transaction() as tx:
            _, token = tx.sessions.create(
                user.id, now=self.clock.now, idle=timedelta(hours=12), longest=timedelta(days=14)
            )
        client = cast("httpx.AsyncClient", self.client(None))
        client.headers[HEADER] = csrf_token_of(token)
        client.cookies.set(COOKIE, token)
        return client

    def objects(self) -> list[str]:
        """Keys of everything in the audio store."""
        return list(self.audio.keys(datetime.now(UTC) + timedelta(days=1)))

    def calls(self) -> int:
        with self.database.read() as tx:
            return sum(tx.calls.counts().values())

    def team(self, name: str, *reps: str) -> None:
        """A team with these reps."""
        with self.database.transaction() as tx:
            tx.teams.create(name, now=self.clock.now)
            for rep in reps:
                tx.reps.create(rep, name=f"Name of {rep}", role="sdr", team=name, now=self.clock.now)

    def transcribe(self, call_id: UUID, transcript: Transcript | None = None) -> None:
        """What the transcription worker does to the database."""
        now = self.clock.now
        with self.database.transaction() as tx:
            assert tx.calls.claim(call_id, "transcribe", token="t", now=now, lease_s=60) is not None
            assert tx.transcripts.save(call_id, transcript or TRANSCRIPT, token="t", now=now)

    def score(self, call_id: UUID, scorecard: Scorecard | None = None) -> None:
        """What the scoring worker does to the database."""
        now = self.clock.now
        with self.database.transaction() as tx:
            assert tx.calls.claim(call_id, "score", token="s", now=now, lease_s=60) is not None
            assert tx.scorecards.save(call_id, scorecard or scorecard_with(4.0, 5.0), token="s", now=now)

    def set_aside(self, call_id: UUID) -> None:
        """What the scoring worker does with a call that it has no rules for."""
        now = self.clock.now
        with self.database.transaction() as tx:
            assert tx.calls.claim(call_id, "score", token="a", now=now, lease_s=60) is not None
            assert tx.unscored.set_aside(
                call_id, "a", code="language_unsupported", message="there are no rules for 'de'", now=now
            )

    def fail(self, call_id: UUID) -> None:
        """What a worker does with a recording that cannot be decoded."""
        now = self.clock.now
        with self.database.transaction() as tx:
            assert tx.calls.claim(call_id, "transcribe", token="f", now=now, lease_s=60) is not None
            tx.calls.fail(
                call_id,
                "f",
                code="audio_unreadable",
                message="the sound cannot be decoded",
                now=now,
                max_attempts=3,
                permanent=True,
            )


TRANSCRIPT = Transcript(
    language="ru",
    utterances=(
        Utterance(
            "agent", "Добрый день!", 0.5, 1.4, 0.9, (Word("Добрый", 0.5, 0.9, 0.9), Word("день!", 1.0, 1.4, 0.9))
        ),
        Utterance("customer", "Это <дорого> --> & долго", 62.0, 64.25, 0.8),
    ),
    speaker_source="channels",
    duration_s=65.0,
    speech_s={"agent": 0.9, "customer": 2.25},
)


def scorecard_with(*points: float, handled: int | None = None) -> Scorecard:
    """A scorecard with one objection for each of `points`."""
    handled = sum(point >= 3 for point in points) if handled is None else handled
    return Scorecard(
        pack_id="b2b_sales",
        pack_version="1.0.0",
        pack_sha256="0" * 64,
        engine_version="1",
        transcript_sha256=TRANSCRIPT.sha256(),
        language="ru",
        speaker_source="channels",
        no_speech=False,
        adherence=0.75,
        adherence_points=9.0,
        adherence_weight=12.0,
        passed=False,
        items=(),
        objections=tuple(
            ObjectionResult(
                id=f"o{number}",
                type="price",
                title={"ru": "Цена", "en": "Price"},
                evidence=(),
                repeats=(),
                steps=(),
                outcome="accepted",
                outcome_evidence=(),
                handled=number < handled,
                points=value,
                reason={"ru": "", "en": ""},
            )
            for number, value in enumerate(points)
        ),
        objections_total=len(points),
        objections_handled=handled,
        argumentation=sum(points) / len(points) if points else None,
        violations=(),
        conversation=Conversation(),
        flags=(Flag("low_score", "medium", {"ru": "мало", "en": "low"}),),
    )


def recording(seconds: float = 1.0) -> bytes:
    """A small WAV."""
    return made.encoded("wav", "pcm_alaw", seconds=seconds)


async def upload(client: httpx.AsyncClient, audio: bytes | None = None, **changes: str | None) -> httpx.Response:
    """Send a call; `changes` to `FIELDS`, None leaves a field out."""
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    return await client.post(
        "/v1/calls", data=fields, files={"audio": ("call.wav", io.BytesIO(recording() if audio is None else audio))}
    )


async def uploaded(client: httpx.AsyncClient, audio: bytes | None = None, **changes: str | None) -> UUID:
    """Send a call that is accepted; returns its id."""
    answer = await upload(client, audio, **changes)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


def problem(answer: httpx.Response, status: int, code: str) -> Mapping[str, Any]:
    """The problem document of an answer, after checking that it is this one."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    return body


def settings_for(folder: Path, **changes: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder, **changes})
