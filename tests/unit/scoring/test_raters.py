"""Agreement of several people, against figures that are printed elsewhere."""

from __future__ import annotations

import pytest

from service.scoring.raters import Unit, Verdict, alpha, disagreements, of_group, pairs


def _sheet(answers: str) -> dict[Unit, Verdict]:
    return {(f"call-{at}", "script/greeting"): answer for at, answer in enumerate(answers) if answer != "."}


def test_alpha_and_kappa_of_a_small_table_worked_out_by_hand() -> None:
    """Two people, ten units, 8 equal: kappa (0.8 - 0.54) / 0.46; alpha 1 - Do / De by coincidences."""
    first = _sheet("yyyyyynnny".replace("y", "1").replace("n", "2"))
    second = _sheet("yyyyyynnyn".replace("y", "1").replace("n", "2"))
    found = pairs({"a": first, "b": second})[0]
    assert (found.n, found.accuracy) == (10, 0.8)
    assert found.kappa == pytest.approx((0.8 - 0.58) / 0.42)
    # 14 ones and 6 twos among 20 values: De = 2 * 14 * 6 / (20 * 19), Do = 4 / 20.
    assert alpha({"a": first, "b": second}) == pytest.approx(1 - (4 / 20) / (2 * 14 * 6 / (20 * 19)))


def test_people_who_always_agree_or_never_answered_the_same_have_no_alpha() -> None:
    same = _sheet("1111")
    assert alpha({"a": same, "b": same}) is None
    assert alpha({"a": same}) is None
    assert alpha({}) is None
    apart = {("x", "r"): "1"}
    assert alpha({"a": apart, "b": {("y", "r"): "2"}}) is None


def test_points_one_off_weigh_less_than_points_five_off() -> None:
    calls: list[Unit] = [(f"call-{at}", "argumentation") for at in range(4)]
    base: dict[Unit, Verdict] = dict(zip(calls, (0.0, 1.0, 4.0, 5.0), strict=True))
    near = {unit: float(points) + (1 if at == 0 else 0) for at, (unit, points) in enumerate(base.items())}
    far = {unit: 5.0 if at == 0 else points for at, (unit, points) in enumerate(base.items())}
    close, apart = alpha({"a": base, "b": near}, level="interval"), alpha({"a": base, "b": far}, level="interval")
    assert close is not None
    assert apart is not None
    assert apart < close < 1


def test_where_people_differ_is_named_with_who_said_what() -> None:
    sheets: dict[str, dict[Unit, Verdict]] = {
        "a": {("c", "script/greeting"): "met", ("c", "violations/overpromise"): "found"},
        "b": {("c", "script/greeting"): "missed", ("c", "violations/overpromise"): "found"},
    }
    assert [(one.unit, one.verdicts) for one in disagreements(sheets)] == [
        (("c", "script/greeting"), {"a": "met", "b": "missed"})
    ]
    assert of_group(sheets, ("violations",))["a"] == {("c", "violations/overpromise"): "found"}
