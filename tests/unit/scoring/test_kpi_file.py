"""kpi.yaml: the stock file is one to be steered by, and what is wrong in another is said with its line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from service.packs import PackLibrary
from service.rule_files import parse_yaml
from service.scoring.kpi import KPI_IDS
from service.scoring.parsing_kpi import parse_kpis
from service.scoring.source import Problems

RULES = Path(__file__).resolve().parents[3] / "scripts_rules"
ONE = "kpis:\n  - id: coverage\n    title: {ru: Охват, en: Coverage}\n    unit: share\n    direction: up\n"


def test_every_role_has_three_to_five_figures() -> None:
    definitions = PackLibrary(RULES).kpis()
    assert {definition.id for definition in definitions} == set(KPI_IDS)
    counted = Counter(role for definition in definitions for role in definition.roles)
    assert set(counted) == {"sdr", "sales_manager", "account_manager", "head_of_sales", "qa_lead"}
    assert all(3 <= number <= 5 for number in counted.values()), counted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + "    target: 1.5\n", "out of range"),
        (ONE + "    roles: [boss]\n", "expected one of sdr"),
        (ONE + "    roles: [sdr, sdr]\n", "stands there twice"),
        (ONE.replace("coverage", "smiles"), "expected one of argumentation"),
        (ONE.replace("share", "furlongs"), "expected one of points, share, count, seconds"),
        (ONE + "    minimum_n: 2.5\n", "whole number"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    problems = Problems()
    parse_kpis(parse_yaml("kpi.yaml", text, ""), problems)
    assert any(said in problem.message and problem.line > 1 for problem in problems.all), problems.all
