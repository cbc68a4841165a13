"""A recording's windows -> what was heard in them, with a second look at speech that the first one skipped."""

from __future__ import annotations

from collections.abc import Sequence

from workers.speech.listening import Listening
from workers.speech.progress import OnProgress
from workers.speech.whisper import Heard, Recognizer
from workers.speech.windows import Window

#: Whisper now and then ends a window early and leaves its last turns out. A piece of speech this long holds a word.
_WORDLESS_S = 1.0


def recognized(
    listening: Listening, recognizer: Recognizer, language: str, on_progress: OnProgress
) -> list[tuple[Window, Heard]]:
    """All windows with what was heard in them; skipped speech follows in windows of its own."""
    heard: list[tuple[Window, Heard]] = []
    windows, size = listening.windows, recognizer.batch_size
    for first in range(0, len(windows), size):
        batch = _heard(listening, recognizer, language, windows[first : first + size])
        skipped = [rest for window, result in batch if (rest := unheard(window, result)) is not None]
        if skipped:
            batch += _heard(listening, recognizer, language, skipped)
        heard += batch
        on_progress(min(1.0, (first + size) / len(windows)))
    return heard


def unheard(window: Window, heard: Heard) -> Window | None:
    """The pieces of a window in which no word was found though they are long enough for one."""
    middles = [(word.start_s + word.end_s) / 2 for word in heard.words]
    pieces = []
    start_s = 0.0
    for piece in window.pieces:
        end_s = start_s + piece.duration_s
        if piece.duration_s >= _WORDLESS_S and not any(start_s <= middle < end_s for middle in middles):
            pieces.append(piece)
        start_s = end_s
    # A window without any word had its chance.
    return Window(window.channel, tuple(pieces)) if pieces and middles else None


def _heard(
    listening: Listening, recognizer: Recognizer, language: str, windows: Sequence[Window]
) -> list[tuple[Window, Heard]]:
    results = recognizer.recognize([listening.sound(window) for window in windows], language)
    return list(zip(windows, results, strict=True))
