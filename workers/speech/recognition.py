"""A recording's windows -> what was heard in them, batch by batch in parallel, with a second look at speech that was skipped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from workers.speech.heard import Heard
from workers.speech.memory import give_back
from workers.speech.progress import OnProgress
from workers.speech.spans import SAMPLE_RATE_HZ
from workers.speech.transcriber import Sound, WindowRecognizer
from workers.speech.windows import Window

#: Whisper now and then ends a window early and leaves its last turns out. A piece of speech this long holds a word.
_WORDLESS_S = 1.0
#: Rounds of asking for what is left; each finds words or is the last.
_MOST_ROUNDS = 4
#: Batches that wait while every thread has one: the next is at hand, and memory stays small.
_WAITING = 1
#: Batches after which free memory is given back: the heap of a long recording would grow by what it leaves unused.
_BATCHES_BETWEEN = 8
#: A batch holds no more sound than its most windows would with this length each: two batches of the longest windows at a time took 0.9 GB.
_USUAL_WINDOW_S = 18.0
#: How often progress is reported while nothing is finished, in seconds.
_HEARTBEAT_S = 1.0


def recognized(
    windows: Sequence[Window],
    sound: Callable[[Window], Sound],
    recognizer: WindowRecognizer,
    language: str,
    on_progress: OnProgress,
    *,
    names: Sequence[str] = (),
) -> list[tuple[Window, Heard]]:
    """All windows with what was heard in them; skipped speech follows in windows of its own.

    Windows of like length share a batch, whatever their channel. `on_progress` is called from this thread; what it raises ends
    the work once the batches in hand are done.
    """

    def answer(asked: Sequence[Window], sounds: Sequence[Sound]) -> list[tuple[Window, Heard]]:
        heard: list[tuple[Window, Heard]] = []
        for _ in range(_MOST_ROUNDS):
            answers = list(zip(asked, recognizer.recognize(sounds, language, names), strict=True))
            heard += answers
            asked = [rest for window, result in answers if (rest := unheard(window, result)) is not None]
            if not asked:
                break
            sounds = [sound(window) for window in asked]
        return heard

    heard: list[tuple[Window, Heard]] = []
    total = sum(window.samples for window in windows)
    done = 0
    running: deque[tuple[int, Future[list[tuple[Window, Heard]]]]] = deque()
    with ThreadPoolExecutor(recognizer.parallel, thread_name_prefix="recognize") as threads:
        try:
            for number, batch in enumerate(_batches(windows, recognizer), start=1):
                if number % _BATCHES_BETWEEN == 0:
                    give_back()
                running.append(
                    (sum(w.samples for w in batch), threads.submit(answer, batch, [sound(w) for w in batch]))
                )
                while len(running) > recognizer.parallel + _WAITING - 1:
                    done = _collect(running, heard, done, total, on_progress)
            while running:
                done = _collect(running, heard, done, total, on_progress)
        except BaseException:
            threads.shutdown(wait=True, cancel_futures=True)
            raise
    return sorted(heard, key=lambda pair: (pair[0].start, pair[0].channel))


def _collect(
    running: deque[tuple[int, Future[list[tuple[Window, Heard]]]]],
    heard: list[tuple[Window, Heard]],
    done: int,
    total: int,
    on_progress: OnProgress,
) -> int:
    samples, future = running.popleft()
    while True:
        try:
            heard += future.result(timeout=_HEARTBEAT_S)
            break
        except TimeoutError:
            # A lease is renewed, and a cancelled call noticed, while a batch takes its time.
            on_progress(done / total)
    on_progress((done + samples) / total)
    return done + samples


def _batches(windows: Sequence[Window], recognizer: WindowRecognizer) -> Iterator[list[Window]]:
    """Batches of like length, the longest first; with few windows smaller ones, so that no thread is idle."""
    ordered = sorted(windows, key=lambda window: (-window.samples, window.start, window.channel))
    size = max(1, min(recognizer.batch_size, -(-len(ordered) // recognizer.parallel)))
    most_samples = int(recognizer.batch_size * _USUAL_WINDOW_S * SAMPLE_RATE_HZ)
    first = 0
    while first < len(ordered):
        # Windows are filled up to the longest of their batch.
        count = max(1, min(size, most_samples // max(1, ordered[first].samples)))
        yield ordered[first : first + count]
        first += count


def unheard(window: Window, heard: Heard) -> Window | None:
    """The pieces of a window in which no word was found though they are long enough for one."""
    spoken = {window.piece_of(word.start_s, word.end_s) for word in heard.words}
    pieces = tuple(
        piece for index, piece in enumerate(window.pieces) if index not in spoken and piece.duration_s >= _WORDLESS_S
    )
    # A window without any word had its chance.
    return Window(window.channel, pieces) if pieces and spoken else None
