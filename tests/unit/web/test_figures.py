"""Who needs help stands first, and small drawings say what the numbers say."""

from __future__ import annotations

from datetime import date

from service.api.schemas_kpi import KpiFigure
from service.scoring.kpi import KpiStatus
from service.web.periods import period_of
from service.web.spark import bar, spark
from service.web.today_view import need_of_help

TITLE = {"ru": "Цена", "en": "Price"}


def figure(kpi: str, value: float | None, *, status: KpiStatus | None = "missed", target: float = 0.7) -> KpiFigure:
    return KpiFigure(
        id=kpi,
        title=TITLE,
        unit="share",
        value=value,
        n=20,
        target=target,
        direction="up",
        status=status,
        interval=None if value is None else (max(0.0, value - 0.1), min(1.0, value + 0.1)),
        previous=None,
        rank=None,
        rank_between=None,
        roles=[],
    )


def test_who_is_surely_below_target_comes_before_who_may_be() -> None:
    surely = need_of_help([figure("objections_handled", 0.5)])
    perhaps = need_of_help([figure("objections_handled", 0.1, status="too_few")])
    assert surely > perhaps > need_of_help([figure("objections_handled", 0.9, status="met")]) == 0.0


def test_other_figures_do_not_decide_who_needs_help() -> None:
    assert need_of_help([figure("coverage", 0.1)]) == 0.0


def test_a_bar_shows_value_interval_and_target_on_the_whole_scale() -> None:
    drawn = bar(figure("objections_handled", 0.5))
    assert drawn is not None
    assert (drawn.low, drawn.value, drawn.high, drawn.goal) == (40.0, 50.0, 60.0, 70.0)
    assert bar(figure("objections_handled", None)) is None


def test_a_week_without_calls_is_a_gap_and_not_a_nought() -> None:
    drawn = spark([1.0, None, 0.0], figure("objections_handled", 0.5))
    assert drawn.points == "0.0,0.0 100.0,24.0"
    assert spark([], figure("objections_handled", None)).points == ""


def test_a_period_is_so_many_days_up_to_today_or_the_days_asked_for() -> None:
    today = date(2026, 11, 20)
    assert period_of({}, today=today, usual=28).begin == date(2026, 10, 24)
    assert period_of({"days": "7"}, today=today, usual=28).begin == date(2026, 11, 14)
    assert period_of({"days": "999999999999"}, today=today, usual=28).days == 28
    asked = period_of({"from": "2026-01-01", "to": "2026-01-31"}, today=today, usual=28)
    assert (asked.begin, asked.end, asked.days) == (date(2026, 1, 1), date(2026, 1, 31), None)
