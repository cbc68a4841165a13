"""Small drawings of figures: where a value and its interval lie towards the target, and how a series went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.api.schemas_kpi import KpiFigure

WIDTH, HEIGHT = 100.0, 24.0
#: The scale of points per objection.
_POINTS = 5.0
_DIGITS = 1
#: Counts have no upper end: a little more than the highest.
_ROOM = 1.15


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


def _top(unit: str, numbers: Sequence[float | None]) -> float:
    """The upper end of the scale on which figures of a unit are drawn."""
    if unit == "share":
        return 1.0
    if unit == "points":
        return _POINTS
    return max([0.0, *(number for number in numbers if number is not None)]) * _ROOM or 1.0


def spark(values: Sequence[float | None], figure: KpiFigure) -> Spark:
    """A line through the values of a series of this figure; a step without a value is skipped over."""
    target = figure.target
    top = _top(figure.unit, [*values, target])
    step = WIDTH / max(1, len(values) - 1)
    places = [(round(at * step, _DIGITS), _height(value, top)) for at, value in enumerate(values) if value is not None]
    return Spark(
        points=" ".join(f"{x},{y}" for x, y in places),
        last=places[-1] if places else None,
        goal=None if target is None else _height(target, top),
    )


def bar(figure: KpiFigure) -> Bar | None:
    """A figure on its scale; None where there is no value."""
    if figure.value is None:
        return None
    top = _top(figure.unit, [figure.value, figure.target, *(figure.interval or ())])

    def place(number: float) -> float:
        return round(min(1.0, max(0.0, number / top)) * WIDTH, _DIGITS)

    low, high = (None, None) if figure.interval is None else (place(figure.interval[0]), place(figure.interval[1]))
    return Bar(place(figure.value), low, high, None if figure.target is None else place(figure.target))


def _height(value: float, top: float) -> float:
    return round(HEIGHT - min(1.0, max(0.0, value / top)) * HEIGHT, _DIGITS)
