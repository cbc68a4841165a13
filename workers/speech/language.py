"""The language of a call, from speech of both channels: never from ringing, music or whoever speaks first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workers.speech.spans import SAMPLE_RATE_HZ
from workers.speech.windows import Window

#: Sure enough to stop listening.
_SURE = 0.9
#: Windows heard at most; each costs one pass of the encoder.
_MOST_WINDOWS = 6
#: Below this much speech a window says little about the language.
_ENOUGH_S = 3.0


def order_of_listening(windows: Sequence[Window]) -> tuple[Window, ...]:
    """The windows worth asking, best first: both channels in turn, the fullest window of each before the next."""
    per_channel: dict[int, list[Window]] = {}
    for window in windows:
        per_channel.setdefault(window.channel, []).append(window)
    ranked: list[tuple[int, bool, int, Window]] = []
    for channel, found in per_channel.items():
        for rank, window in enumerate(sorted(found, key=lambda item: (-item.samples, item.start))):
            ranked.append((rank, window.samples < _ENOUGH_S * SAMPLE_RATE_HZ, channel, window))
    ranked.sort(key=lambda entry: (entry[1], entry[0], entry[2]))
    return tuple(entry[3] for entry in ranked[:_MOST_WINDOWS])


class LanguageVote:
    """Mean probability of each language over the windows heard, weighted by their length."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._weight = 0.0
        self._channels: set[int] = set()

    def add(self, window: Window, probabilities: Mapping[str, float]) -> None:
        """Count a window's probabilities by language."""
        self._channels.add(window.channel)
        self._weight += window.samples
        for language, probability in probabilities.items():
            self._sums[language] = self._sums.get(language, 0.0) + probability * window.samples

    def sure(self, channels: int) -> bool:
        """True once each of `channels` channels with speech was heard and one language stands out."""
        return len(self._channels) >= channels and self.result()[1] >= _SURE

    def result(self) -> tuple[str, float]:
        """The likeliest language and its probability (0..1).

        Raises:
            ValueError: no window was counted.
        """
        if not self._sums:
            raise ValueError("no window was counted")
        language = min(self._sums, key=lambda code: (-self._sums[code], code))
        return language, self._sums[language] / self._weight
