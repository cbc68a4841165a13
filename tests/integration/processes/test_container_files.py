"""docker-compose.yml and the Dockerfile, as far as they can be judged without a container engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import Settings
from tests.fixtures.compose import ROOT, VariableMissing, interpolated, services

SECRETS = {"POSTGRES_PASSWORD": "a1", "REDIS_PASSWORD": "b2"}
OURS = {"migrate", "api", "worker-transcribe", "worker-score", "beat"}


def test_the_compose_file_follows_the_specification_and_has_every_process() -> None:
    assert set(services(SECRETS)) == OURS | {"redis", "postgres"}


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_nothing_starts_with_a_secret_missing(secret: str) -> None:
    with pytest.raises(VariableMissing, match=secret):
        interpolated({name: value for name, value in SECRETS.items() if name != secret})


def test_the_example_names_every_secret() -> None:
    example = (ROOT / ".env.example").read_text()
    assert all(f"{name}=" in example for name in SECRETS)


def test_every_variable_is_a_setting_that_exists() -> None:
    known = {f"CALLSCORE_{name.upper()}" for name in Settings.model_fields}
    for name in OURS:
        assert set(services(SECRETS)[name]["environment"]) <= known, name


def test_our_containers_are_restricted_and_restart() -> None:
    for name in OURS:
        service = services(SECRETS)[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["init"] is True
        assert service["restart"] in {"unless-stopped", "on-failure"}
        assert service["build"]["args"]["MODEL"] == "auto"


def test_all_but_the_one_that_ends_have_a_health_check() -> None:
    assert all("healthcheck" in service for name, service in services(SECRETS).items() if name != "migrate")


def test_only_the_api_is_reachable_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in services(SECRETS).items() if "ports" in service}
    assert ports == {"api": ["127.0.0.1:8321:8321"]}


def test_only_what_must_reach_outside_can() -> None:
    """The API is reached by a published port; the scoring worker sends webhooks."""
    networks = {name: service["networks"] for name, service in services(SECRETS).items()}
    assert {name for name, joined in networks.items() if "outside" in joined} == {"api", "worker-score"}


def test_a_container_that_stops_has_time_to_give_its_call_back() -> None:
    for name in ("worker-transcribe", "worker-score"):
        service = services(SECRETS)[name]
        grace_s = float(service["environment"]["CALLSCORE_SHUTDOWN_GRACE_S"])
        assert float(service["stop_grace_period"].removesuffix("s")) >= grace_s + 15


def test_the_dockerfile_passes_its_linter() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_image_runs_as_nobody_special_and_holds_what_the_build_may_see() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["10001:10001"]
    allowed = (ROOT / ".dockerignore").read_text()
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE):
        for source in copied.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}\n" in allowed, source
