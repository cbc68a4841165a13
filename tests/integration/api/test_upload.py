"""Uploading a recording: what is accepted, what is refused and why, and what is left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from service.scoring.errors import StoreUnavailable
from service.store.database import Database
from service.store.transaction import Transaction
from tests.integration.api.house import House, problem, recording, upload, uploaded
from tests.unit.audio_header import made

pytestmark = pytest.mark.anyio


async def test_an_upload_is_accepted_stored_and_announced(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("uploader") as client:
        answer = await upload(client, started_at="2025-11-23T10:15:00+03:00", direction="outbound", language="ru")
    call = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/calls/{call['id']}"
    assert call["status"] == "received"
    assert call["started_at"] == "2025-11-23T07:15:00Z"
    assert call["received_at"] == "2025-11-23T12:00:00Z"
    assert call["rep"]["external_id"] == "r-17"
    assert call["rep"]["registered"] is False
    assert call["audio"]["format"] == "wav"
    assert call["audio"]["duration_s"] == 1.0
    assert call["audio"]["channels"] == 2
    assert house.queue.transcribe == [UUID(call["id"])]
    assert len(house.objects()) == 1


async def test_the_same_call_again_is_the_same_call(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("uploader") as client:
        first = await uploaded(client)
        again = await upload(client)
    assert again.status_code == 200
    assert again.json()["id"] == str(first)
    assert house.calls() == 1
    assert len(house.objects()) == 1, "the second copy of the recording is not kept"
    assert house.queue.transcribe == [first], "and not transcribed"


async def test_the_same_idempotency_key_is_the_same_call(house_on_both: House) -> None:
    async with house_on_both.client("uploader") as client:
        client.headers["Idempotency-Key"] = "7b0c6e0e"
        first = await upload(client, external_id="a")
        again = await upload(client, external_id="b")
    assert first.json()["id"] == again.json()["id"]
    assert again.status_code == 200


async def test_another_recording_under_the_same_id_is_a_conflict(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("uploader") as client:
        await uploaded(client)
        body = problem(await upload(client, recording(1.5)), 409, "call_conflict")
    assert "other audio" in body["detail"]
    assert len(house.objects()) == 1


async def test_fields_may_come_after_the_recording(house: House) -> None:
    fields = {"source": "pbx", "external_id": "1", "rep": "r"}
    parts = [("audio", ("a.wav", recording())), *((name, (None, value)) for name, value in fields.items())]
    async with house.client("uploader") as client:
        answer = await client.post("/v1/calls", files=parts)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("source", None, "required"),
        ("external_id", None, "required"),
        ("rep", None, "required"),
        ("rep", "", "required"),
        ("rep", "   ", "blank"),
        ("rep", "x" * 201, "200"),
        ("external_id", "x" * 10_000, "8192"),
        ("source", "a\nb", "control"),
        ("rep", "a\x00b", "control"),
        ("rep", "a\x85b", "control"),
        ("started_at", "yesterday", "RFC 3339"),
        ("started_at", "2025-11-23T10:15:00", "offset"),
        ("started_at", "2025-02-30T10:15:00Z", "no such time"),
        ("started_at", "1700000000", "RFC 3339"),
        ("started_at", "0001-01-01T00:00:00+14:00", "no such time"),
        ("started_at", "1999-12-31T23:59:59Z", "2000"),
        ("started_at", "2025-11-25T12:00:00Z", "future"),
        ("direction", "sideways", "inbound, outbound"),
        ("script", "nonsense", "b2b_sales"),
        ("language", "de", "has rules for"),
        ("language", "russian", "has rules for"),
        ("agent_channel", "middle", "left, right"),
        ("metadata", "{", "JSON object"),
        ("metadata", "[1]", "JSON object"),
        ("metadata", '"text"', "JSON object"),
        ("metadata", '{"a": NaN}', "JSON object"),
        ("metadata", '{"a": 1e999}', "64 bits"),
        ("metadata", '{"a": "\\u0000"}', "control"),
        ("metadata", '{"\\ud800": 1}', "control"),
        ("metadata", "[" * 10_000, "JSON object"),
        ("metadata", json.dumps({"a": {"b": {"c": {"d": {"e": {}}}}}}), "5 levels"),
        ("metadata", json.dumps({"a": "x" * 70_000}), "65536"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_stored(
    house: House, field: str, value: str | None, says: str
) -> None:
    async with house.client("uploader") as client:
        body = problem(await upload(client, **{field: value}), 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == [field]
    assert says in body["errors"][0]["message"]
    assert house.objects() == []
    assert house.calls() == 0


async def test_all_mistakes_are_named_at_once(house: House) -> None:
    parts = [("rep", (None, "r")), ("rep", (None, "s")), ("colour", (None, "red")), ("direction", (None, "up"))]
    async with house.client("uploader") as client:
        body = problem(await client.post("/v1/calls", files=parts), 422, "validation_failed")
    said = {error["field"]: error["message"] for error in body["errors"]}
    assert set(said) == {"audio", "source", "external_id", "rep", "colour", "direction"}
    assert "twice" in said["rep"]
    assert "not known" in said["colour"]
    assert "required" in said["audio"]


async def test_two_recordings_in_one_upload_are_refused(house: House) -> None:
    parts = [("audio", ("a.wav", recording())), ("audio", ("b.wav", recording()))]
    async with house.client("uploader") as client:
        body = problem(await client.post("/v1/calls", files=parts), 422, "validation_failed")
    assert {"field": "audio", "message": "is given twice"} in body["errors"]
    assert house.objects() == []


@pytest.mark.parametrize(
    ("audio", "found"),
    [
        (b"", "empty"),
        (b"Hello, this is no recording.\n" * 50, "text file"),
        (recording()[:-1000], "cut off"),
        (made.film("mp4", "mpeg4"), "video"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "PNG picture"),
        (b"\0" * 5000, "zeros"),
    ],
    ids=["empty", "text", "cut", "video", "picture", "zeros"],
)
async def test_what_is_no_whole_recording_is_refused_and_named(house: House, audio: bytes, found: str) -> None:
    async with house.client("uploader") as client:
        body = problem(await upload(client, audio), 422, "audio_unreadable")
    assert found in body["detail"]
    assert body["errors"][0]["field"] == "audio"
    assert house.objects() == []
    assert house.calls() == 0


async def test_a_recording_that_is_too_long_is_refused_with_the_limit(house: House) -> None:
    limited = House(house.database, house.audio, house.settings.model_copy(update={"max_duration_s": 1.5}))
    async with limited.client("uploader") as client:
        body = problem(await upload(client, recording(2.0)), 422, "audio_too_long")
        assert (await upload(client, recording(1.0))).status_code == 202
    assert body["errors"] == [{"field": "audio", "message": body["detail"], "limit": 1.5}]
    assert len(house.objects()) == 1


async def test_a_recording_that_is_too_large_is_refused_with_the_limit(house: House) -> None:
    limit = len(recording())
    limited = House(house.database, house.audio, house.settings.model_copy(update={"max_upload_bytes": limit}))
    async with limited.client("uploader") as client:
        assert (await upload(client, recording())).status_code == 202
        body = problem(await upload(client, recording() + b"\0", external_id="2"), 413, "audio_too_large")
        announced = problem(await upload(client, b"\0" * 1_000_000, external_id="3"), 413, "audio_too_large")
    assert body["errors"][0]["limit"] == limit
    assert announced["errors"][0]["limit"] == limit
    assert len(house.objects()) == 1


async def test_an_unregistered_rep_is_refused_where_the_settings_say_so(house: House) -> None:
    strict = House(house.database, house.audio, house.settings.model_copy(update={"unknown_rep": "refuse"}))
    async with strict.client("uploader") as client:
        body = problem(await upload(client), 422, "rep_unknown")
    assert body["errors"][0]["field"] == "rep"
    assert house.objects() == []


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "media_type_unsupported"),
        ("multipart/form-data", b"", 400, "malformed_request"),
        ("multipart/form-data; boundary=x", b"--y\r\n", 400, "malformed_request"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nvalue\r\n--x--\r\n", 400, "malformed_request"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="audio"\r\n\r\nhalf',
            400,
            "malformed_request",
        ),
        ("multipart/form-data; boundary=" + "x" * 300, b"", 400, "malformed_request"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 100 + b"--x--\r\n",
            400,
            "malformed_request",
        ),
    ],
    ids=["json", "no boundary", "other boundary", "no name", "ends early", "long boundary", "many parts"],
)
async def test_a_body_that_is_no_form_is_refused(
    house: House, content_type: str, body: bytes, status: int, code: str
) -> None:
    async with house.client("uploader") as client:
        answer = await client.post("/v1/calls", content=body, headers={"Content-Type": content_type})
    problem(answer, status, code)
    assert house.objects() == []


async def test_a_bad_idempotency_key_is_refused_before_anything_is_read(house: House) -> None:
    async with house.client("uploader") as client:
        client.headers["Idempotency-Key"] = "x" * 201
        body = problem(await upload(client), 422, "validation_failed")
    assert body["errors"][0]["field"] == "Idempotency-Key"


async def test_an_upload_is_accepted_while_the_queue_is_away(house: House) -> None:
    house.queue.away = True
    async with house.client("uploader") as client:
        assert (await upload(client)).status_code == 202
    assert house.calls() == 1


async def test_a_database_that_is_away_leaves_no_recording_behind(house: House) -> None:
    key = house.key("uploader")
    async with house.client(key=key) as client:
        assert (await client.get("/v1/calls/01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77")).status_code == 404
        with house.database.transaction() as tx:
            # The table that the call would be written to is gone, as after a broken restore.
            tx.audit._connection.exec_driver_sql("ALTER TABLE calls RENAME TO lost")
        answer = await upload(client)
        problem(answer, 503, "store_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert house.objects() == []


class LosesTheAnswer(Database):
    """A database that commits, and whose connection breaks before it can say so."""

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            yield tx
        raise StoreUnavailable("the connection broke")


async def test_a_commit_whose_answer_is_lost_keeps_its_recording(house: House, sqlite_url: str) -> None:
    """The uploader hears 503 and sends again: the call must still be whole."""
    breaking = LosesTheAnswer(sqlite_url)
    key = house.key("uploader")
    async with House(breaking, house.audio, house.settings).client(key=key) as client:
        problem(await upload(client), 503, "store_unavailable")
    assert len(house.objects()) == 1
    async with house.client(key=key) as client:
        again = await upload(client)
    assert again.status_code == 200
    assert len(house.objects()) == 1
    breaking.close()


async def test_a_key_of_one_team_cannot_upload_into_another(house: House) -> None:
    house.team("North", "n1")
    house.team("South", "s1")
    async with house.client("uploader", team="North") as client:
        assert (await upload(client, external_id="1", rep="n1")).status_code == 202
        assert (await upload(client, external_id="2", rep="nobody yet")).status_code == 202
        body = problem(await upload(client, external_id="3", rep="s1"), 422, "validation_failed")
    assert body["errors"][0]["field"] == "rep"
    assert len(house.objects()) == 2
