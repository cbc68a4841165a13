"""What a call took is given back, so that a worker does not grow from call to call."""

from __future__ import annotations

import ctypes

import psutil
import pytest

from workers.speech.memory import give_back

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no way to give memory back"
)
def test_a_heap_full_of_holes_goes_back_to_the_system() -> None:
    process = psutil.Process()
    give_back()
    pieces = [bytearray(64 * KIBIBYTE) for _ in range(2_000)]
    kept = pieces[::20]
    full = process.memory_info().rss
    pieces.clear()
    give_back()
    assert len(kept) == 100
    assert full - process.memory_info().rss > 80 * MEBIBYTE
