"""Schemathesis sends what the description allows and what it forbids: no answer is a 500, and none is undescribed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.api.app import create_app
from service.packs import PackLibrary
from service.store.audio import AudioStore
from service.store.database import Database
from tests.integration.api.house import Announcements, House, settings_for
from tests.integration.api.serving import served

#: Requests that are made up for each operation, allowed ones and forbidden ones.
EXAMPLES = 8
#: Reads all rule packs each time, and has no inputs.
SLOW = {"list_packs"}
#: Open to everybody and without inputs: there is nothing to forbid.
TAKES_NOTHING = {"healthz", "readyz"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: The description itself, without a service.
DESCRIPTION = create_app(
    settings=settings_for(Path("unused")),
    database=Database("sqlite:///unused.db"),
    audio=cast("AudioStore", None),
    queue=Announcements(),
    packs=PackLibrary(Path("unused")),
).openapi()
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in SCHEMA.get_all_operations()
    if found.ok().definition.raw["operationId"] not in SLOW
}


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A running service with a team, and an admin's key."""
    folder = tmp_path_factory.mktemp("schemathesis")
    path = folder / "callscore.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    house = House(database, AudioStore((folder / "audio").as_uri()), settings_for(folder, requests_per_minute=0))
    house.team("North", "r-17")
    key = house.key("admin")
    with served(house.app) as url:
        yield url, {"Authorization": f"Bearer {key}"}
    database.close()


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        pytest.param(name, mode, id=f"{name}-{word}")
        for name in sorted(OPERATIONS)
        for mode, word in ((GenerationMode.POSITIVE, "allowed"), (GenerationMode.NEGATIVE, "forbidden"))
        if mode is GenerationMode.POSITIVE or name not in TAKES_NOTHING
    ],
)
def test_every_answer_is_described_and_none_is_our_fault(
    name: str, mode: GenerationMode, service: tuple[str, dict[str, str]]
) -> None:
    url, headers = service
    operation: Any = OPERATIONS[name]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        case.validate_response(case.call(base_url=url, headers=headers), checks=CHECKS)

    ask()
