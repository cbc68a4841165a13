"""What a recognizer says about one window: words, and how far to believe them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from service.scoring.transcript import Word
from workers.speech.loops import loops

#: Silence: text this unlikely at this probability that nobody speaks. Whisper's own thresholds, too.
_SILENT_LOGPROB, _SILENT_PROBABILITY = -1.0, 0.6


@dataclass(frozen=True)
class Heard:
    """What was recognized in one window. Times of words in seconds of the window's clock.

    `avg_logprob` is the mean log probability of the text's tokens, `no_speech` the probability (0..1) that nobody spoke.
    """

    words: tuple[Word, ...]
    avg_logprob: float
    no_speech: float

    @property
    def silent(self) -> bool:
        """True if the recognizer rather thinks that nobody spoke: Whisper's own rule."""
        return bool(self.words) and self.no_speech > _SILENT_PROBABILITY and self.avg_logprob < _SILENT_LOGPROB

    @cached_property
    def looped(self) -> bool:
        """True if the text repeats itself as recognizers do that lost the thread."""
        return loops(" ".join(word.text for word in self.words))


NOTHING = Heard((), 0.0, 1.0)
