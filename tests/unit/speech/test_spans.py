"""Padding keeps the first and last sounds of words without hearing anything twice."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from workers.speech.spans import Span, padded, total_s


def test_neighbours_share_the_gap_between_them() -> None:
    assert padded([Span(100, 200), Span(220, 300)], 50, 1000) == (Span(50, 210), Span(210, 350))


def test_padding_stays_within_the_recording() -> None:
    assert padded([Span(10, 90)], 50, 100) == (Span(0, 100),)


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=40, unique=True), st.integers(0, 500))
def test_padded_spans_keep_what_they_held_and_never_overlap(edges: list[int], pad: int) -> None:
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    spans = [Span(start, end) for start, end in zip(ordered[::2], ordered[1::2], strict=True)]
    wider = padded(spans, pad, 10_000)
    assert all(wide.start <= span.start and span.end <= wide.end for wide, span in zip(wider, spans, strict=True))
    assert all(first.end <= second.start for first, second in itertools.pairwise(wider))
    assert wider[0].start >= 0
    assert wider[-1].end <= 10_000


def test_total_is_in_seconds() -> None:
    assert total_s([Span(0, 16_000), Span(20_000, 28_000)]) == 1.5
