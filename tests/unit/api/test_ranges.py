"""Whatever a player puts into its Range header, it gets bytes that are there."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.ranges import Piece, RangeOutside, piece_of


@given(header=st.text() | st.from_regex(r"bytes=[0-9]{0,30}-[0-9]{0,30}"), size=st.integers(0, 10_000))
def test_a_piece_lies_within_the_recording(header: str, size: int) -> None:
    with suppress(RangeOutside):
        piece = piece_of(header, size)
        assert piece is None or 0 <= piece.start < piece.end <= size


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("bytes=0-499", (0, 500)),
        ("bytes=500-999", (500, 1000)),
        ("bytes=-500", (500, 1000)),
        ("bytes=500-", (500, 1000)),
        ("bytes=0-0", (0, 1)),
        ("BYTES=0-0", (0, 1)),
        ("bytes= 0 - 9 ", (0, 10)),
        ("bytes=990-5000", (990, 1000)),
    ],
)
def test_the_examples_of_the_standard(header: str, piece: tuple[int, int]) -> None:
    assert piece_of(header, 1000) == Piece(*piece, 1000)


def test_no_header_asks_for_no_piece() -> None:
    assert piece_of(None, 1000) is None
