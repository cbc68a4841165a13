"""A recording's windows -> what was heard in them, with a second look at speech that the first one skipped."""

from __future__ import annotations

from collections.abc import Sequence

from workers.speech.listening import Listening
from workers.speech.progress import OnProgress
from workers.speech.whisper import Heard, Recognizer
from workers.speech.windows import Window

#: Whisper now and then ends a window early and leaves its last turns out. A piece of speech this long holds a word.
_WORDLESS_S = 1.0
#: Rounds of asking for what is left; each finds words or is the last.
_MOST_ROUNDS = 4


def recognized(
    listening: Listening, recognizer: Recognizer, language: str, on_progress: OnProgress
) -> list[tuple[Window, Heard]]:
    """All windows with what was heard in them; skipped speech follows in windows of its own."""
    heard: list[tuple[Window, Heard]] = []
    windows, size = listening.windows, recognizer.batch_size
    for first in range(0, len(windows), size):
        asked: Sequence[Window] = windows[first : first + size]
        for _ in range(_MOST_ROUNDS):
            answers = _heard(listening, recognizer, language, asked)
            heard += answers
            asked = [rest for window, result in answers if (rest := unheard(window, result)) is not None]
            if not asked:
                break
        on_progress(min(1.0, (first + size) / len(windows)))
    return heard


def unheard(window: Window, heard: Heard) -> Window | None:
    """The pieces of a window in which no word was found though they are long enough for one."""
    spoken = {window.piece_of(word.start_s, word.end_s) for word in heard.words}
    pieces = tuple(
        piece for index, piece in enumerate(window.pieces) if index not in spoken and piece.duration_s >= _WORDLESS_S
    )
    # A window without any word had its chance.
    return Window(window.channel, pieces) if pieces and spoken else None


def _heard(
    listening: Listening, recognizer: Recognizer, language: str, windows: Sequence[Window]
) -> list[tuple[Window, Heard]]:
    results = recognizer.recognize([listening.sound(window) for window in windows], language)
    return list(zip(windows, results, strict=True))
