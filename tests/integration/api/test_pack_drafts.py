"""Rule packs are drafted, checked, tried and published over HTTP; nobody overwrites what they have not seen."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.packs import PackLibrary
from service.published import PublishedPacks
from service.store.audio import AudioStore
from service.store.database import Database
from service.trials import BuiltPacks
from tests.integration.api.house import House, problem, settings_for
from tests.unit.scoring.minipack import write_minipack
from workers.judging import Process
from workers.trials import work_on

pytestmark = pytest.mark.anyio

PACK = "ru/mini/pack.yaml"
PRICE = "ru/mini/objections/price.yaml"
STOCK = Path(__file__).resolve().parents[3] / "scripts_rules"


@pytest.fixture
def house(database: Database, database_url: str, audio_store: AudioStore, tmp_path: Path) -> House:
    """A service whose only pack is a small one, on both databases."""
    rules = write_minipack(tmp_path / "rules")
    (rules / "kpi.yaml").write_bytes((STOCK / "kpi.yaml").read_bytes())
    settings = settings_for(tmp_path, rules_dir=rules, default_script="mini", database_url=database_url)
    return House(database, audio_store, settings)


async def drafted(client: httpx.AsyncClient, **more: Any) -> Mapping[str, Any]:
    answer = await client.post("/v1/pack-drafts", json={"pack": "mini", "language": "ru", **more})
    assert answer.status_code == 201, answer.text
    made: Mapping[str, Any] = answer.json()
    return made


async def details(client: httpx.AsyncClient, draft: Mapping[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/v1/pack-drafts/{draft['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def changed(client: httpx.AsyncClient, draft: Mapping[str, Any], path: str, old: str, new: str) -> httpx.Response:
    """Replace some words of a file, as an editor would who has just opened it."""
    address = f"/v1/pack-drafts/{draft['id']}/file"
    file = (await client.get(address, params={"path": path})).json()
    assert old in file["text"], file["text"]
    body = {"text": file["text"].replace(old, new), "seen": file["sha256"]}
    return await client.put(address, params={"path": path}, json=body)


async def better(client: httpx.AsyncClient, version: str = "1.3.0", **more: Any) -> Mapping[str, Any]:
    """A draft that knows one more way to call it dear, with a higher version."""
    draft = await drafted(client, **more)
    assert (
        await changed(client, draft, PRICE, "phrases:\n", "phrases:\n  - кусается ..2.. ценник\n")
    ).status_code == 200
    now = (await client.get(f"/v1/pack-drafts/{draft['id']}/file", params={"path": PACK})).json()["text"]
    before = next(line for line in now.splitlines() if line.startswith("version:"))
    assert (await changed(client, draft, PACK, before, f"version: {version}")).status_code == 200
    return draft


async def ran_tests(client: httpx.AsyncClient, house: House, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Start the tests, and do what a worker does."""
    answer = await client.post(f"/v1/pack-drafts/{draft['id']}/trials", json={"kind": "test"})
    assert answer.status_code == 202, answer.text
    return await worked(client, house, answer)


async def worked(client: httpx.AsyncClient, house: House, started: httpx.Response) -> dict[str, Any]:
    process = Process(house.settings)
    try:
        built = BuiltPacks(process.database, process.packs)
        while work_on(process, built, UUID(started.json()["id"]), for_s=60):
            pass
    finally:
        process.close()
    trial = await client.get(f"{started.request.url.path}/{started.json()['id']}")
    assert trial.status_code == 200, trial.text
    found: dict[str, Any] = trial.json()
    return found


async def published(
    client: httpx.AsyncClient, draft: Mapping[str, Any], reason: str = "it pays", **more: Any
) -> httpx.Response:
    seen = await details(client, draft)
    body = {"reason": reason, "revision": seen["revision"], "over": seen["in_use_sha256"], **more}
    return await client.post(f"/v1/pack-drafts/{draft['id']}/publish", json=body)


def zipped(files: Mapping[str, bytes | str], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


async def uploaded(client: httpx.AsyncClient, data: bytes) -> httpx.Response:
    return await client.post(
        "/v1/pack-drafts/upload",
        params={"pack": "mini", "language": "ru", "note": "by mail"},
        content=data,
        headers={"Content-Type": "application/zip"},
    )


async def test_a_draft_is_a_copy_that_changes_nothing_until_it_is_published(house: House) -> None:
    async with house.client("qa_lead") as lead, house.client("admin") as admin:
        before = (await admin.get("/v1/packs/mini")).json()["languages"][0]
        draft = await better(lead, note="more words for dear")
        shown = await details(lead, draft)
        assert {file["path"]: file["change"] for file in shown["files"] if file["change"] != "same"} == {
            PRICE: "changed",
            PACK: "changed",
        }
        assert (shown["version"], shown["in_use_version"], shown["base_version"]) == ("1.3.0", "1.2.3", "1.2.3")
        assert [blocker["code"] for blocker in shown["blockers"]] == ["not_tested"]
        assert (await admin.get("/v1/packs/mini")).json()["languages"][0] == before

        trial = await ran_tests(lead, house, draft)
        assert (trial["state"], trial["current"], trial["tests"]["failed"]) == ("done", True, 0)
        assert trial["tests"]["sentences"] > 200
        assert {file["rule"] for file in trial["tests"]["files"]} >= {"objections/price", "script/greeting"}
        answer = await published(admin, draft, "asked for by sales")
        assert answer.status_code == 201, answer.text

        after = (await admin.get("/v1/packs/mini")).json()["languages"][0]
        assert (after["version"], after["published"], after["folder_version"]) == ("1.3.0", True, "1.2.3")
        assert after["sha256"] == answer.json()["sha256"] != before["sha256"]
        versions = (await lead.get("/v1/packs/mini/versions", params={"language": "ru"})).json()["items"]
    assert [(v["number"], v["version"], v["source"], v["in_use"]) for v in versions] == [
        (2, "1.3.0", "draft", True),
        (1, "1.2.3", "folder", False),
    ]
    assert versions[0]["reason"] == "asked for by sales"
    assert versions[0]["published_by"].startswith("key:")
    with house.database.read() as tx:
        actions = [entry.action for entry in tx.audit.list()]
    assert {"draft.create", "draft.try", "pack.publish"} <= set(actions)


async def test_a_published_version_is_what_other_processes_score_by_also_after_a_restart(house: House) -> None:
    elsewhere = PackLibrary(
        house.settings.effective_rules_dir, published=PublishedPacks(house.database, look_every_s=0)
    )
    assert elsewhere.load("mini", "ru").version == "1.2.3"
    async with house.client("admin") as admin:
        draft = await better(admin)
        await ran_tests(admin, house, draft)
        answer = await published(admin, draft)
    assert elsewhere.load("mini", "ru").version == "1.3.0", "a running process takes it for the next call"
    house.settings.effective_rules_dir.joinpath(PACK).write_text("- broken", encoding="utf-8")
    restarted = PackLibrary(house.settings.effective_rules_dir, published=PublishedPacks(house.database))
    assert restarted.load("mini", "ru").sha256 == answer.json()["sha256"], "whatever became of the folder"
    assert restarted.ids() == ("mini",)


async def test_an_earlier_version_is_put_to_use_again_with_the_same_hash(house: House) -> None:
    async with house.client("admin") as admin:
        folder = (await admin.get("/v1/packs/mini")).json()["languages"][0]
        draft = await better(admin)
        await ran_tests(admin, house, draft)
        await published(admin, draft)
        body = {"language": "ru", "number": 1, "reason": "1.3.0 finds too much"}
        answer = await admin.post("/v1/packs/mini/versions/restore", json=body)
        assert answer.status_code == 201, answer.text
        now = (await admin.get("/v1/packs/mini")).json()["languages"][0]
        assert (now["version"], now["sha256"]) == (folder["version"], folder["sha256"])
        problem(await admin.post("/v1/packs/mini/versions/restore", json=body), 409, "draft_state_wrong")
        problem(await admin.post("/v1/packs/mini/versions/restore", json=body | {"number": 9}), 404, "draft_unknown")
        # The number of a version that was ever published is never given to other rules.
        again = await better(admin, version="1.3.0", note="once more")
        found = await details(admin, again)
        assert "version_too_low" in {blocker["code"] for blocker in found["blockers"]}
        assert "1.3.0" in found["blockers"][0]["message"]


async def test_publishing_needs_no_errors_green_tests_a_higher_version_and_the_right(house: House) -> None:
    async with house.client("qa_lead") as lead, house.client("admin") as admin:
        draft = await drafted(admin)
        assert [b["code"] for b in (await details(admin, draft))["blockers"]] == [
            "unchanged",
            "version_too_low",
            "not_tested",
        ]
        body = problem(await published(admin, draft), 409, "draft_state_wrong")
        assert "higher than 1.2.3" in body["detail"]

        await changed(admin, draft, PRICE, "speaker: customer", "speaker: rep")
        shown = await details(admin, draft)
        assert [b["code"] for b in shown["blockers"]] == ["errors"]
        assert shown["problem_list"][0]["file"] == PRICE
        assert shown["problem_list"][0]["line"] > 1
        refused = await admin.post(f"/v1/pack-drafts/{draft['id']}/trials", json={"kind": "test"})
        assert problem(refused, 422, "draft_invalid")["errors"][0]["field"].startswith(f"{PRICE}:")

        await changed(admin, draft, PRICE, "speaker: rep", "speaker: customer")
        await changed(admin, draft, PRICE, "phrases:\n", "phrases:\n  - слово\n")
        await changed(admin, draft, PACK, "version: 1.2.3", "version: 1.2.10")
        trial = await ran_tests(admin, house, draft)
        assert trial["tests"]["failed"] > 0
        failure = next(found for found in trial["tests"]["failures"] if found["rule"] == "objections/price")
        assert (failure["kind"], failure["template"]) == ("false_hit", "слово")
        problem(await published(admin, draft), 409, "draft_state_wrong")

        ready = await better(lead)
        await ran_tests(lead, house, ready)
        problem(await published(lead, ready), 403, "role_insufficient")
        assert (await published(admin, ready)).status_code == 201
        problem(await published(admin, ready), 409, "draft_state_wrong")


async def test_tests_of_an_earlier_state_of_the_draft_do_not_count(house: House) -> None:
    async with house.client("admin") as admin:
        draft = await better(admin)
        await ran_tests(admin, house, draft)
        await changed(admin, draft, PRICE, "кусается", "кусаются")
        shown = await details(admin, draft)
        assert [blocker["code"] for blocker in shown["blockers"]] == ["not_tested"]
        assert [trial["current"] for trial in shown["trials"]] == [False]
        problem(await published(admin, draft), 409, "draft_state_wrong")


async def test_the_second_of_two_editors_is_told(house: House) -> None:
    async with house.client("qa_lead") as one, house.client("qa_lead") as other:
        draft = await drafted(one)
        address, query = f"/v1/pack-drafts/{draft['id']}/file", {"path": PRICE}
        seen = (await one.get(address, params=query)).json()
        first = await one.put(address, params=query, json={"text": seen["text"] + "# one\n", "seen": seen["sha256"]})
        assert first.status_code == 200
        late = await other.put(address, params=query, json={"text": seen["text"] + "# two\n", "seen": seen["sha256"]})
        assert "somebody else saved" in problem(late, 409, "draft_changed")["detail"]
        assert (await one.get(address, params=query)).json()["text"].endswith("# one\n")
        # Another file is nobody's loss.
        assert (await changed(other, draft, PACK, "version: 1.2.3", "version: 1.2.4")).status_code == 200
        problem(await one.put(address, params=query, json={"text": "id: x\n"}), 409, "draft_changed")
        gone = await one.delete(address, params=query | {"seen": seen["sha256"]})
        problem(gone, 409, "draft_changed")
        gone = await one.delete(address, params=query | {"seen": first.json()["sha256"]})
        assert gone.status_code == 204
        problem(await one.get(address, params=query), 404, "draft_unknown")


async def test_a_publisher_who_has_not_seen_what_came_meanwhile_is_told(house: House) -> None:
    async with house.client("admin") as admin:
        one, two = await better(admin, "1.3.0"), await better(admin, "1.4.0")
        for draft in (one, two):
            await ran_tests(admin, house, draft)
        seen = await details(admin, two)
        assert (await published(admin, one)).status_code == 201
        late = await published(admin, two, over=seen["in_use_sha256"])
        assert "1.3.0" in problem(late, 409, "draft_changed")["detail"]
        late = await published(admin, two, revision=1)
        problem(late, 409, "draft_changed")
        assert (await published(admin, two)).status_code == 201


async def test_a_zipped_folder_becomes_a_draft_and_comes_back_the_same(house: House) -> None:
    async with house.client("qa_lead") as lead:
        draft = await better(lead)
        archive = await lead.get(f"/v1/pack-drafts/{draft['id']}/archive")
        assert archive.headers["content-type"] == "application/zip"
        again = await uploaded(lead, archive.content)
        assert again.status_code == 201, again.text
        one, two = await details(lead, draft), await details(lead, again.json())
        assert one["files_sha256"] == two["files_sha256"]
        with zipfile.ZipFile(io.BytesIO(archive.content)) as unpacked:
            folder = {
                name.removeprefix("ru/mini/"): unpacked.read(name)
                for name in unpacked.namelist()
                if name.startswith("ru/mini/")
            }
        bare = await uploaded(lead, zipped(folder | {"__MACOSX/x.yaml": "", "script/.DS_Store": ""}))
        assert bare.status_code == 201, bare.text
        assert (await details(lead, bare.json()))["files_sha256"] == one["files_sha256"]


BAD = {
    "no archive": (b"not a zip", "no .zip"),
    "cut off": (zipped({"mini/pack.yaml": "x" * 1000})[:-40], "no .zip"),
    "no pack": (zipped({"mini/script/a.yaml": "id: a"}), "no pack.yaml"),
    "leads out": (zipped({"mini/pack.yaml": "id: mini", "mini/../../etc/a.yaml": "x"}), "leads out"),
    "absolute": (zipped({"mini/pack.yaml": "id: mini", "/etc/a.yaml": "x"}), "leads out"),
    "backslash": (zipped({"mini/pack.yaml": "id: mini", "mini\\..\\a.yaml": "x"}), "leads out"),
    "not yaml": (zipped({"mini/pack.yaml": "id: mini", "mini/script/run.sh": "rm"}), "ends in .yaml"),
    "too deep": (zipped({"mini/pack.yaml": "id: mini", "mini/a/b/c.yaml": "x"}), "at most one folder"),
    "not UTF-8": (zipped({"mini/pack.yaml": b"id: \xff\xfe"}), "not UTF-8"),
    "a zero byte": (zipped({"mini/pack.yaml": "id: \x00"}), "characters that no text"),
    "bomb": (zipped({"mini/pack.yaml": "id: mini", "mini/script/a.yaml": b"a" * 100_000_000}), "bytes allowed"),
    "bomb of many": (
        zipped({"mini/pack.yaml": "id: mini"} | {f"mini/script/a{n}.yaml": b"a" * 250_000 for n in range(60)}),
        "unpacks to more",
    ),
    "10,000 files": (
        zipped({f"mini/script/a{n}.yaml": "" for n in range(10_000)}, compression=zipfile.ZIP_STORED),
        "10000 files",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_an_archive_that_is_no_pack_is_refused_with_a_sentence(name: str, house: House) -> None:
    data, words = BAD[name]
    async with house.client("qa_lead") as lead:
        body = problem(await uploaded(lead, data), 422, "draft_invalid")
        assert words in body["detail"], body["detail"]
        assert body["errors"]
        assert (await lead.get("/v1/pack-drafts")).json()["items"] == []


async def test_an_archive_beyond_the_limit_is_not_read_to_its_end(house: House) -> None:
    async with house.client("qa_lead") as lead:
        problem(await uploaded(lead, b"x" * (3 * 1024 * 1024)), 413, "body_too_large")


async def test_broken_yaml_may_be_drafted_and_is_named_with_its_line(house: House) -> None:
    """A draft is for mending: what is wrong keeps it from being tried and published, not from being saved."""
    async with house.client("qa_lead") as lead:
        files = {"mini/pack.yaml": "id: mini\nversion: [1\n", "mini/script/greeting.yaml": "- a\n- b: {\n"}
        draft = (await uploaded(lead, zipped(files))).json()
        found = (await details(lead, draft))["problem_list"]
        nested = "ru/mini/script/deep.yaml"
        address = f"/v1/pack-drafts/{draft['id']}/file"
        deep = await lead.put(address, params={"path": nested}, json={"text": "[" * 100_000})
        assert deep.status_code == 200
        assert any("nested deeper" in p["message"] for p in (await details(lead, draft))["problem_list"])
    assert {problem["file"] for problem in found} >= {PACK, "ru/mini/script/greeting.yaml"}
    assert all(problem["line"] >= 1 for problem in found)


async def test_a_file_that_no_pack_can_have_is_refused(house: House) -> None:
    async with house.client("qa_lead") as lead:
        draft = await drafted(lead)
        address = f"/v1/pack-drafts/{draft['id']}/file"
        for path in ("en/mini/pack.yaml", "ru/other/pack.yaml", "ru/mini/../x.yaml", "ru/mini/a.txt", "pack.yaml"):
            problem(await lead.put(address, params={"path": path}, json={"text": "x"}), 422, "draft_invalid")
        large = {"text": "я" * 200_000}
        problem(await lead.put(address, params={"path": "ru/mini/script/a.yaml"}, json=large), 422, "draft_invalid")
        control = {"text": "a\u0007b"}
        problem(await lead.put(address, params={"path": "ru/mini/script/a.yaml"}, json=control), 422, "draft_invalid")


async def test_a_draft_is_thrown_away_with_its_trials(house: House) -> None:
    async with house.client("qa_lead") as lead:
        draft = await better(lead)
        await ran_tests(lead, house, draft)
        assert (await lead.delete(f"/v1/pack-drafts/{draft['id']}")).status_code == 204
        problem(await lead.get(f"/v1/pack-drafts/{draft['id']}"), 404, "draft_unknown")
        assert (await lead.get("/v1/pack-drafts")).json()["items"] == []


async def test_more_drafts_than_anybody_needs_are_refused(house: House) -> None:
    async with house.client("qa_lead") as lead:
        for _ in range(20):
            await drafted(lead)
        answer = await lead.post("/v1/pack-drafts", json={"pack": "mini", "language": "ru"})
        assert "throw away" in problem(answer, 409, "draft_state_wrong")["detail"]
