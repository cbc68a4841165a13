"""The language of a call, from speech of both channels: never from ringing, music or whoever speaks first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workers.speech.spans import SAMPLE_RATE_HZ
from workers.speech.windows import Window

#: Sure enough to stop listening.
_SURE = 0.9
#: Windows heard at most; each costs one pass of the encoder.
_MOST_WINDOWS = 6
#: Below this much speech a window says little about the language.
_ENOUGH_S = 3.0
#: A channel with this much speech may have a language of its own.
_ENOUGH_ALONE_S = 8.0


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


@dataclass(frozen=True, slots=True)
class Spoken:
    """The call's language, its probability (0..1; None where it was told), and the language of each channel."""

    language: str
    probability: float | None
    by_channel: tuple[str, ...]


class LanguageVote:
    """Mean probability of each language over the windows heard, weighted by their length; for the call and each channel."""

    def __init__(self) -> None:
        self._sums: dict[int, dict[str, float]] = {}
        self._weights: dict[int, float] = {}

    @property
    def heard(self) -> bool:
        """True once a window with a language was counted."""
        return any(self._sums.values())

    def add(self, window: Window, probabilities: Mapping[str, float]) -> None:
        """Count a window's probabilities by language."""
        sums = self._sums.setdefault(window.channel, {})
        self._weights[window.channel] = self._weights.get(window.channel, 0.0) + window.samples
        for language, probability in probabilities.items():
            sums[language] = sums.get(language, 0.0) + probability * window.samples

    def sure(self, channels: int) -> bool:
        """True once each of `channels` channels with speech was heard, and one language stands out in all or in each."""
        if len(self._weights) < channels or not self.heard:
            return False
        return self.result()[1] >= _SURE or all(self._surely(channel) for channel in self._weights)

    def result(self) -> tuple[str, float]:
        """The likeliest language and its probability (0..1).

        Raises:
            ValueError: no window was counted.
        """
        sums: dict[str, float] = {}
        for own in self._sums.values():
            for language, share in own.items():
                sums[language] = sums.get(language, 0.0) + share
        if not sums:
            raise ValueError("no window was counted")
        return _likeliest(sums, sum(self._weights.values()))

    def spoken(self, channels: int, rep: int) -> Spoken:
        """One language for all, unless each channel surely has another: the call's language is then that of channel `rep`."""
        language, probability = self.result()
        own = [_likeliest(self._sums[channel], self._weights[channel]) for channel in sorted(self._weights)]
        if len(own) < channels or len({code for code, _ in own}) == 1 or not all(map(self._surely, self._weights)):
            return Spoken(language, probability, (language,) * channels)
        return Spoken(own[rep][0], own[rep][1], tuple(code for code, _ in own))

    def _surely(self, channel: int) -> bool:
        """True if a channel's speech is long enough and of one language."""
        sums, weight = self._sums[channel], self._weights[channel]
        return bool(sums) and weight >= _ENOUGH_ALONE_S * SAMPLE_RATE_HZ and _likeliest(sums, weight)[1] >= _SURE


def _likeliest(sums: Mapping[str, float], weight: float) -> tuple[str, float]:
    language = min(sums, key=lambda code: (-sums[code], code))
    return language, sums[language] / weight
