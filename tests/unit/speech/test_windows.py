"""Every second of speech is heard exactly once, and words come back with the recording's times."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.windows import Window, WindowOptions, pack


def span(start_s: float, end_s: float) -> Span:
    return Span(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))


def test_short_spans_share_a_window_until_it_is_full() -> None:
    windows = pack(0, [span(1, 11), span(20, 30), span(40, 50), span(60, 62)], 70 * SAMPLE_RATE_HZ)
    assert [len(window.pieces) for window in windows] == [2, 2]
    assert windows[0].pieces[0] == span(0.7, 11.3)


def test_speech_longer_than_a_window_is_cut_into_equal_parts() -> None:
    windows = pack(0, [span(0, 75)], 75 * SAMPLE_RATE_HZ)
    assert [window.pieces for window in windows] == [(span(0, 25),), (span(25, 50),), (span(50, 75),)]


def test_no_speech_no_window() -> None:
    assert pack(0, [], 100) == ()


@given(st.lists(st.integers(0, 200 * SAMPLE_RATE_HZ), min_size=2, max_size=30, unique=True))
def test_every_sample_of_speech_is_in_exactly_one_window(edges: list[int]) -> None:
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    spans = [Span(start, end) for start, end in zip(ordered[::2], ordered[1::2], strict=True)]
    windows = pack(0, spans, 200 * SAMPLE_RATE_HZ, WindowOptions(pad_s=0.0))
    pieces = [piece for window in windows for piece in window.pieces]
    assert sum(piece.samples for piece in pieces) == sum(item.samples for item in spans)
    assert all(first.end <= second.start for first, second in itertools.pairwise(pieces))
    assert all(window.samples <= 30 * SAMPLE_RATE_HZ for window in windows)


def test_a_words_times_are_those_of_the_recording() -> None:
    window = Window(0, (span(10, 12), span(50, 53)))
    assert window.original_s(0.5, 1.0) == pytest.approx((10.5, 11.0))
    assert window.original_s(2.5, 3.0) == pytest.approx((50.5, 51.0))


def test_a_word_at_the_seam_stays_in_one_piece() -> None:
    window = Window(0, (span(10, 12), span(50, 53)))
    assert window.original_s(1.3, 1.9) == pytest.approx((11.3, 11.9))
    assert window.original_s(1.9, 2.5) == pytest.approx((50.0, 50.5))
    # The aligner begins the first word after a pause at the end of the last word before it.
    assert window.original_s(1.6, 2.2) == pytest.approx((50.0, 50.2))
    assert window.original_s(1.2, 2.1) == pytest.approx((11.2, 12.0))
    assert window.original_s(4.9, 9.0) == pytest.approx((52.9, 53.0))
