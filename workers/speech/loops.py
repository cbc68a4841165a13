"""Texts that repeat themselves as recognizers do that lost the thread."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from workers.speech.boilerplate import plain

#: A text that compresses better than this is a loop (Whisper's own rule) ...
_COMPRESSION = 2.4
#: ... if it is long enough for compression to say anything.
_LEAST_CHARACTERS = 40
#: A run of words this long is looped once it has been said this many times over. "Да, да, да, да" is ordinary speech ...
_TIMES = {1: 6, 2: 4, 3: 4, 4: 3, 5: 3, 6: 3, 7: 3, 8: 3}
#: ... but nobody says one of so many letters this often.
_LONG_WORD, _LONG_WORD_TIMES = 6, 4


def loops(text: str) -> bool:
    """True if a text repeats itself as recognizers do that lost the thread, on the whole or in a run of words."""
    data = text.strip().encode()
    if len(text.strip()) >= _LEAST_CHARACTERS and len(data) / len(zlib.compress(data)) > _COMPRESSION:
        return True
    return bool(repeated(text.split()))


def repeated(words: Sequence[str]) -> list[tuple[int, int]]:
    """Runs (first, last) that repeat what stands right before them too often to be meant; the first time said is not part of them."""
    plains = [plain(word) for word in words]
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(plains):
        end = start
        for length, times in _TIMES.items():
            said = 1
            while plains[start : start + length] == plains[start + said * length : start + (said + 1) * length]:
                said += 1
            long_word = length == 1 and len(plains[start]) >= _LONG_WORD
            if said >= (_LONG_WORD_TIMES if long_word else times) and start + said * length > end:
                runs.append((start + length, start + said * length - 1))
                end = start + said * length
        start = max(end, start + 1)
    return runs
