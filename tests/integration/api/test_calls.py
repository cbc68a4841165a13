"""Looking at calls: the list, one call's way through its steps, its words and its scorecard."""

from __future__ import annotations

from uuid import UUID

import pytest

from service.scoring.transcript import Transcript, Utterance
from tests.fixtures.plans import statements_of
from tests.integration.api.house import TRANSCRIPT, House, problem, scorecard_with, uploaded

pytestmark = pytest.mark.anyio


async def test_a_call_shows_when_it_reached_each_step(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.clock.forward(seconds=10)
        house.transcribe(call_id)
        house.clock.forward(seconds=5)
        house.score(call_id, scorecard_with(4.0, 2.0))
        call = (await client.get(f"/v1/calls/{call_id}")).json()
    assert call["status"] == "scored"
    assert call["received_at"] == "2025-11-23T12:00:00Z"
    assert call["transcribing_at"] == call["transcribed_at"] == "2025-11-23T12:00:10Z"
    assert call["scored_at"] == "2025-11-23T12:00:15Z"
    assert call["failed_at"] is None
    assert call["error"] is None
    assert call["detected_language"] == "ru"
    assert call["scores"] == {
        "adherence": 0.75,
        "argumentation": 3.0,
        "objections_total": 2,
        "objections_handled": 1,
        "flags": ["low_score"],
    }


async def test_a_poll_asks_the_database_for_no_more_than_the_key_the_call_and_its_flags(house: House) -> None:
    """Telephony systems poll every call until it is scored: each statement more is paid for a million times."""
    async with house.client("uploader") as uploader:
        call_id = await uploaded(uploader)
    async with house.client("manager") as client:
        await client.get(f"/v1/calls/{call_id}")
        with statements_of(house.database) as statements:
            answer = await client.get(f"/v1/calls/{call_id}")
    asked = [text.partition("FROM ")[2].partition(" ")[0].strip() for text in statements if text.startswith("SELECT")]
    assert asked == ["api_keys", "calls", "flags"]
    assert [text for text in statements if not text.startswith("SELECT")] == ["BEGIN", "BEGIN"]
    assert answer.headers["content-type"] == "application/json"
    assert UUID(answer.json()["id"]) == UUID(str(call_id))


async def test_a_failed_call_says_why_and_can_be_retried(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        problem(await client.post(f"/v1/calls/{call_id}/retry"), 409, "call_state_wrong")
        house.fail(call_id)
        call = (await client.get(f"/v1/calls/{call_id}")).json()
        assert call["status"] == "failed"
        assert call["error"] == {"code": "audio_unreadable", "message": "the sound cannot be decoded"}
        retried = await client.post(f"/v1/calls/{call_id}/retry")
    assert retried.status_code == 202
    assert retried.json()["status"] == "received"
    assert retried.json()["error"] is None
    assert house.queue.transcribe == [call_id, call_id]


async def test_a_call_in_work_can_be_cancelled_and_run_again(house: House) -> None:
    async with house.client("qa_lead") as client, house.client("uploader") as pbx:
        call_id = await uploaded(pbx)
        cancelled = await client.post(f"/v1/calls/{call_id}/cancel")
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "failed")
        assert cancelled.json()["error"]["code"] == "cancelled"
        assert "retry the call" in cancelled.json()["error"]["message"]
        problem(await client.post(f"/v1/calls/{call_id}/cancel"), 409, "call_state_wrong")
        again = await client.post(f"/v1/calls/{call_id}/retry")
    assert again.json()["status"] == "received"
    with house.database.read() as tx:
        assert [entry.action for entry in tx.audit.list()] == ["call.retry", "call.cancel"]


async def test_a_call_in_a_language_without_rules_says_what_to_do(house: House) -> None:
    async with house.client("qa_lead") as client, house.client("uploader") as pbx:
        call_id = await uploaded(pbx)
        house.transcribe(call_id)
        house.set_aside(call_id)
        call = (await client.get(f"/v1/calls/{call_id}")).json()
        assert (call["status"], call["error"]["code"]) == ("transcribed", "language_unsupported")
        assert "no_rules" in call["scores"]["flags"]
        assert call["scores"]["adherence"] is None
        assert (await client.get(f"/v1/calls/{call_id}/transcript")).status_code == 200
        flagged = (await client.get("/v1/calls", params={"flagged": True})).json()["items"]
        assert [item["id"] for item in flagged] == [str(call_id)]
        body = problem(await client.get(f"/v1/calls/{call_id}/scorecard"), 409, "scorecard_not_ready")
        assert "no rules for 'de'" in body["detail"]
        wrong = problem(
            await client.post(f"/v1/calls/{call_id}/retry", json={"language": "tlh"}), 422, "language_unsupported"
        )
        assert "en, ru" in wrong["detail"]
        again = await client.post(f"/v1/calls/{call_id}/retry", json={"language": "en"})
    assert (again.json()["status"], again.json()["language"]) == ("received", "en")
    assert house.queue.transcribe == [call_id, call_id]


async def test_a_scored_call_can_be_scored_again(house: House) -> None:
    async with house.client("qa_lead") as client, house.client("uploader") as pbx:
        call_id = await uploaded(pbx)
        problem(await client.post(f"/v1/calls/{call_id}/rescore"), 409, "call_state_wrong")
        house.transcribe(call_id)
        house.score(call_id)
        answer = await client.post(f"/v1/calls/{call_id}/rescore")
        assert (answer.status_code, answer.json()["status"]) == (202, "transcribed")
        assert answer.json()["scores"] is not None, "the present scorecard counts until the new one is there"
        assert house.queue.score == [call_id]
        house.score(call_id, scorecard_with(1.0))
        versions = (await client.get(f"/v1/calls/{call_id}/scorecards")).json()["items"]
        assert [version["current"] for version in versions] == [True, False]
        earlier = (await client.get(f"/v1/calls/{call_id}/scorecards/{versions[1]['id']}")).json()
        assert earlier["objections_total"] == 2
        answer = await client.get(f"/v1/calls/{call_id}/scorecards/{call_id}")
        problem(answer, 404, "scorecard_not_found")
    with house.database.read() as tx:
        assert [entry.action for entry in tx.audit.list()] == ["call.rescore"]


async def test_what_is_not_there_yet_says_where_the_call_stands(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        body = problem(await client.get(f"/v1/calls/{call_id}/scorecard"), 409, "scorecard_not_ready")
        assert body["call_status"] == "received"
        for suffix in ("", ".vtt", ".txt"):
            body = problem(await client.get(f"/v1/calls/{call_id}/transcript{suffix}"), 409, "transcript_not_ready")
            assert body["call_status"] == "received"
        house.fail(call_id)
        body = problem(await client.get(f"/v1/calls/{call_id}/transcript"), 409, "transcript_not_ready")
    assert "cannot be decoded" in body["detail"]


async def test_a_scorecard_is_shown_as_it_was_stored(house: House) -> None:
    card = scorecard_with(4.0)
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.transcribe(call_id)
        house.score(call_id, card)
        shown = (await client.get(f"/v1/calls/{call_id}/scorecard")).json()
    assert shown["objections"][0]["title"] == {"ru": "Цена", "en": "Price"}
    assert shown["adherence"] == card.adherence
    assert shown["pack_sha256"] == card.pack_sha256


async def test_a_transcript_comes_as_data_subtitles_and_text(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.transcribe(call_id)
        data = (await client.get(f"/v1/calls/{call_id}/transcript")).json()
        vtt = await client.get(f"/v1/calls/{call_id}/transcript.vtt")
        text = await client.get(f"/v1/calls/{call_id}/transcript.txt")
    assert data["utterances"][0]["words"][0]["text"] == "Добрый"
    assert data["utterances"][1]["speaker"] == "customer"
    assert vtt.headers["content-type"] == "text/vtt; charset=utf-8"
    assert vtt.text == (
        "WEBVTT\n\n"
        "00:00:00.500 --> 00:00:01.400\n<v Agent>Добрый день!\n\n"
        "00:01:02.000 --> 00:01:04.250\n<v Customer>Это &lt;дорого&gt; --&gt; &amp; долго\n"
    )
    assert text.text.splitlines() == [
        "[00:00:00.500] Agent: Добрый день!",
        "[00:01:02.000] Customer: Это <дорого> --> & долго",
    ]


async def test_a_call_without_times_has_text_but_no_subtitles(house: House) -> None:
    untimed = Transcript("en", (Utterance("agent", "Hello"),))
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.transcribe(call_id, untimed)
        problem(await client.get(f"/v1/calls/{call_id}/transcript.vtt"), 409, "transcript_untimed")
        assert (await client.get(f"/v1/calls/{call_id}/transcript.txt")).text == "Agent: Hello\n"


async def test_the_list_pages_through_all_calls_newest_first(house_on_both: House) -> None:
    house = house_on_both
    async with house.client("admin") as client:
        ids = []
        for number in range(5):
            house.clock.forward(seconds=1)
            ids.append(str(await uploaded(client, external_id=str(number))))
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = (await client.get("/v1/calls", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [call["id"] for call in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert seen == ids[::-1]


async def test_every_filter_narrows_the_list(house_on_both: House) -> None:
    house = house_on_both
    house.team("North", "n1")
    async with house.client("admin") as client:
        first = await uploaded(client, external_id="1", rep="n1")
        house.clock.forward(days=1)
        second = await uploaded(client, external_id="2", rep="r2")
        house.transcribe(second)
        house.score(second)

        async def found(**filters: str) -> list[UUID]:
            answer = await client.get("/v1/calls", params=filters)
            assert answer.status_code == 200, answer.text
            return [UUID(call["id"]) for call in answer.json()["items"]]

        assert await found() == [second, first]
        assert await found(status="received") == [first]
        assert await found(status="scored") == [second]
        assert await found(rep="r2") == [second]
        assert await found(team="North") == [first]
        assert await found(flagged="true") == [second], "an unregistered rep and a low score are flags"
        assert await found(flagged="false") == [first]
        assert await found(script="b2b_sales") == [second, first]
        assert await found(script="other") == []
        assert await found(**{"from": "2025-11-24"}) == [second]
        assert await found(to="2025-11-23") == [first], "a day as the end includes that day"
        assert await found(**{"from": "2025-11-23T15:00:00+03:00", "to": "2025-11-24T12:00:00Z"}) == [first]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "done"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "ж"}, "cursor"),
        ({"cursor": "x" * 3000}, "cursor"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2025-11-23T10:00:00"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2025-11-24", "to": "2025-11-23"}, "to"),
        ({"flagged": "maybe"}, "flagged"),
        ({"rep": ""}, "rep"),
        ({"rep": "x" * 201}, "rep"),
        ({"team": "a\x00"}, "team"),
        ({"staus": "scored"}, "staus"),
    ],
)
async def test_a_bad_filter_is_named(house: House, query: dict[str, str], field: str) -> None:
    async with house.client("admin") as client:
        body = problem(await client.get("/v1/calls", params=query), 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == [field]


async def test_an_id_that_is_none_is_named(house: House) -> None:
    async with house.client("admin") as client:
        body = problem(await client.get("/v1/calls/17"), 422, "validation_failed")
    assert body["errors"][0]["field"] == "call_id"


async def test_the_transcript_of_a_scored_call_stays(house: House) -> None:
    async with house.client("admin") as client:
        call_id = await uploaded(client)
        house.transcribe(call_id)
        house.score(call_id)
        data = (await client.get(f"/v1/calls/{call_id}/transcript")).json()
    assert len(data["utterances"]) == len(TRANSCRIPT.utterances)
