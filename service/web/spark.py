"""Small drawings of figures: where a value and its interval lie towards the target, and how a series went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.api.schemas_kpi import KpiFigure

WIDTH, HEIGHT = 100.0, 24.0
#: The scale of points per objection.
_POINTS = 5.0
_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Spark:
    """Coordinates in a box of WIDTH x HEIGHT. `points` are those of an SVG polyline, None where there is nothing to draw."""

    points: str
    last: tuple[float, float] | None
    goal: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Places from 0 to WIDTH."""

    value: float
    low: float | None
    high: float | None
    goal: float | None


def top_of(figures: Sequence[KpiFigure]) -> float:
    """The upper end of the scale on which these figures of one kind are drawn."""
    if not figures:
        return 1.0
    if figures[0].unit == "share":
        return 1.0
    if figures[0].unit == "points":
        return _POINTS
    known = [number for figure in figures for number in (figure.value, figure.target) if number is not None]
    return max([*known, 0.0]) * 1.15 or 1.0


def spark(series: Sequence[KpiFigure | None]) -> Spark:
    """A line through the values of a series; a step without a value is skipped over."""
    known = [figure for figure in series if figure is not None]
    top = top_of(known)
    step = WIDTH / max(1, len(series) - 1)
    places = [
        (round(at * step, _DIGITS), _height(figure.value, top))
        for at, figure in enumerate(series)
        if figure is not None and figure.value is not None
    ]
    target = known[0].target if known else None
    return Spark(
        points=" ".join(f"{x},{y}" for x, y in places),
        last=places[-1] if places else None,
        goal=None if target is None else _height(target, top),
    )


def bar(figure: KpiFigure) -> Bar | None:
    """A figure on its scale; None where there is no value."""
    if figure.value is None:
        return None
    top = top_of([figure])
    if figure.interval is not None and figure.unit not in ("share", "points"):
        top = max(top, figure.interval[1])

    def place(number: float) -> float:
        return round(min(1.0, max(0.0, number / top)) * WIDTH, _DIGITS)

    low, high = (None, None) if figure.interval is None else (place(figure.interval[0]), place(figure.interval[1]))
    return Bar(place(figure.value), low, high, None if figure.target is None else place(figure.target))


def _height(value: float, top: float) -> float:
    return round(HEIGHT - min(1.0, max(0.0, value / top)) * HEIGHT, _DIGITS)
