"""The rule packs in use, and what is wrong with those on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.store.audio import AudioStore
from service.store.database import Database
from tests.integration.api.house import House, problem, settings_for
from tests.unit.scoring.minipack import write_minipack

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(sqlite_database: Database, audio_store: AudioStore, tmp_path: Path) -> House:
    rules = write_minipack(tmp_path / "rules")
    settings = settings_for(tmp_path).model_copy(update={"rules_dir": rules})
    return House(sqlite_database, audio_store, settings)


async def test_readers_see_the_packs_and_their_rules(house: House) -> None:
    async with house.client("reader") as client:
        (unseen,) = (await client.get("/v1/packs")).json()["items"]
        details = (await client.get(f"/v1/packs/{unseen['id']}")).json()["languages"][0]
        (pack,) = (await client.get("/v1/packs")).json()["items"]
        problem(await client.get("/v1/packs/none"), 404, "pack_unknown")
    version = pack["languages"][0]
    assert unseen["languages"][0] == version | {"problems": None}, "a list of packs checks none of them"
    assert version["problems"] == 0
    assert len(version["sha256"]) == 64
    assert {key: details[key] for key in version} == version
    rules = {rule["id"]: rule for rule in details["rules"]}
    assert all(rule["title"]["en"] for rule in rules.values())
    assert any(rule["weight"] is not None for name, rule in rules.items() if name.startswith("script/"))


async def test_a_pack_broken_on_disk_stays_in_use_as_it_was_and_shows_its_errors(house: House) -> None:
    async with house.client("reader") as client:
        await client.get("/v1/packs/mini")
        (before,) = (await client.get("/v1/packs")).json()["items"]
        language = before["languages"][0]["language"]
        broken = house.settings.effective_rules_dir / language / before["id"] / "objections" / "price.yaml"
        good = broken.read_text(encoding="utf-8")
        broken.write_text("- not a mapping\n", encoding="utf-8")
        (after,) = (await client.get("/v1/packs")).json()["items"]
        details = (await client.get(f"/v1/packs/{before['id']}")).json()["languages"][0]
        broken.write_text(good + "\n", encoding="utf-8")
        (mended,) = (await client.get("/v1/packs")).json()["items"]
    assert after["languages"][0]["sha256"] == before["languages"][0]["sha256"]
    assert after["languages"][0]["problems"] == len(details["problem_list"]) > 0
    assert details["problem_list"][0]["file"].endswith(broken.name)
    assert details["rules"]
    assert mended["languages"][0]["problems"] == 0
