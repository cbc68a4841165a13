"""Every error that callscore raises on purpose has an answer of its own, and the guide names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.api.problem_kinds import KINDS
from service.scoring import errors
from service.scoring.errors import CallscoreError

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
#: Raised by workers and commands only; if one came out of the API after all, that would be a fault of ours.
ELSEWHERE = {"internal", "transcript_invalid", "labels_invalid", "model_unavailable"}


def domain_codes() -> Iterator[str]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, CallscoreError):
            yield value.code


@pytest.mark.parametrize("code", sorted(set(domain_codes())))
def test_a_domain_error_has_a_row(code: str) -> None:
    assert code in KINDS or code in ELSEWHERE


@pytest.mark.parametrize("code", sorted(KINDS))
def test_the_guide_names_the_code_with_its_status(code: str) -> None:
    assert f"| `{code}` | {KINDS[code].status} |" in GUIDE
