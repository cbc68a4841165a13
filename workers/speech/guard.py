"""What in a transcript is not to be trusted, and why: spans are marked, their text is kept.

silence_boilerplate   a subtitle sentence over sound that is no speech
crosstalk             the other party's words, leaked into this channel
repetition            a loop of the recognizer
low_confidence        words that the recognizer itself doubts
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from service.scoring.transcript import Mark, Speaker, Utterance, Word
from workers.speech.boilerplate import boilerplates, plain
from workers.speech.loops import repeated
from workers.speech.spans import Span, total_s
from workers.speech.vad import Activity, Flags, frames_of

#: Marks whose words this speaker did not say.
_UNSPOKEN = ("silence_boilerplate", "crosstalk")
#: Less speech than this, and no word of it believed, is music or a door.
_BLIP_S = 3.0
#: Speech under at least this share of a sentence's frames (probability 0.5 and no bleed), or nobody said it.
_SPOKEN_SHARE = 0.4
_VOICED = 0.5
#: So far below the channel's usual speech nobody says a whole sentence.
_TOO_QUIET_DB = 15.0
#: People say 5 to 25 letters a second; sentences put over silence are squeezed or stretched beyond.
_SLOWEST_LETTERS_PER_S, _FASTEST_LETTERS_PER_S = 3.0, 35.0
#: The recognizer finds no time for most of the words that it made up.
_SHORTEST_WORD_S = 0.05
#: Mean word probability below which a subtitle sentence was not really heard.
_BOILERPLATE_DOUBT = 0.4
#: Crosstalk that levels alone did not show: so much of the words said there at the same time, so much louder.
_COPIED_SHARE = 0.6
_COPIED_WITHIN_S = 1.5
_LOUDER_THERE_DB = 6.0
#: Mean probability of a run of this many words (or a shorter utterance) below which two words in three are wrong
#: (measured on telephone recordings with Whisper base).
_DOUBT_WORDS = 6
_DOUBT = 0.45


@dataclass(frozen=True, slots=True)
class Backing:
    """What lies under a speaker's words, frame by frame: the channel's activity, its bleed, and where decoding found silence."""

    activity: Activity
    bleed: Flags
    silent: Flags


def marked(utterances: Sequence[Utterance], backing: Mapping[Speaker, Backing]) -> tuple[Utterance, ...]:
    """The utterances with the marks that they deserve; where reasons meet, the first of the module's list holds."""
    said = {
        speaker: _Said(under.activity, [word for item in utterances if item.speaker == speaker for word in item.words])
        for speaker, under in backing.items()
    }
    result = []
    for utterance in utterances:
        under = backing.get(utterance.speaker)
        others = [other for speaker, other in said.items() if speaker != utterance.speaker]
        reasons: dict[int, str] = {}
        runs = [(run, "low_confidence") for run in _doubted(utterance.words)]
        runs += [(run, "repetition") for run in repeated([word.text for word in utterance.words])]
        if under is not None:
            runs += [(run, "low_confidence") for run in _silent(utterance.words, under)]
            runs += [(run, "crosstalk") for run in _copied(utterance.words, under, others)]
            runs += [(run, "silence_boilerplate") for run in _unspoken_boilerplate(utterance.words, under)]
        for (first, last), reason in runs:
            reasons.update(dict.fromkeys(range(first, last + 1), reason))
        result.append(replace(utterance, marks=_marks(reasons)))
    return tuple(result)


def spoken_s(spans: Sequence[Span], said: Sequence[Utterance]) -> float:
    """Seconds of a speaker's spans of speech, less those in which every word is marked as not theirs.

    0.0 where nothing they said is left, or only a blip that the recognizer itself doubts.
    """
    stray: list[float] = []
    own: list[float] = []
    trusted = False
    for utterance in said:
        reasons = {index: mark.reason for mark in utterance.marks for index in range(mark.first, mark.last + 1)}
        trusted = trusted or len(reasons) < len(utterance.words)
        for index, word in enumerate(utterance.words):
            (stray if reasons.get(index) in _UNSPOKEN else own).append((word.start_s + word.end_s) / 2)
    spoken = total_s(span for span in spans if not _among(span, stray) or _among(span, own))
    if not own or (not trusted and spoken < _BLIP_S):
        return 0.0
    return round(spoken, 2)


def _among(span: Span, times_s: Sequence[float]) -> bool:
    """True if one of the (sorted) times lies in the span."""
    first = bisect.bisect_left(times_s, span.start_s)
    return first < len(times_s) and times_s[first] <= span.end_s


def _marks(reasons: Mapping[int, str]) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for index in sorted(reasons):
        if marks and marks[-1].last == index - 1 and marks[-1].reason == reasons[index]:
            marks[-1] = replace(marks[-1], last=index)
        else:
            marks.append(Mark(index, index, reasons[index]))
    return tuple(marks)


def _unspoken_boilerplate(words: tuple[Word, ...], under: Backing) -> list[tuple[int, int]]:
    return [run for run in boilerplates(words) if not _spoken(words[run[0] : run[1] + 1], under)]


def _spoken(words: Sequence[Word], under: Backing) -> bool:
    """True if the sound under a sentence is that of somebody saying it."""
    start_s, end_s = words[0].start_s, max(word.end_s for word in words)
    if sum(word.end_s - word.start_s < _SHORTEST_WORD_S for word in words) > len(words) / 2:
        return False
    letters = sum(len(plain(word.text)) for word in words)
    if not _SLOWEST_LETTERS_PER_S <= letters / max(end_s - start_s, 0.01) <= _FASTEST_LETTERS_PER_S:
        return False
    frames = frames_of(start_s, end_s, len(under.activity.level_db))
    probability, level_db = under.activity.probability[frames], under.activity.level_db[frames]
    if not len(probability) or float(under.silent[frames].mean()) > 1 - _SPOKEN_SHARE:
        return False
    voiced = (probability >= _VOICED) & ~under.bleed[frames]
    if float(voiced.mean()) < _SPOKEN_SHARE:
        return False
    if float(np.median(level_db)) < _usual_db(under) - _TOO_QUIET_DB:
        return False
    return sum(word.probability for word in words) / len(words) >= _BOILERPLATE_DOUBT


def _usual_db(under: Backing) -> float:
    voiced = under.activity.level_db[(under.activity.probability >= _VOICED) & ~under.bleed]
    return float(np.median(voiced)) if len(voiced) else -np.inf


def _silent(words: tuple[Word, ...], under: Backing) -> list[tuple[int, int]]:
    """Words in windows that the recognizer took for silence."""
    count = len(under.silent)
    return [
        (index, index)
        for index, word in enumerate(words)
        if under.silent[frames_of(word.start_s, word.end_s, count)].any()
    ]


def _copied(words: tuple[Word, ...], under: Backing, others: Sequence[_Said]) -> list[tuple[int, int]]:
    """The whole utterance, where it is the other party's: over bleed, or their very words, much quieter than there."""
    if not words:
        return []
    start_s, end_s = words[0].start_s, max(word.end_s for word in words)
    whole = [(0, len(words) - 1)]
    flags = under.bleed[frames_of(start_s, end_s, len(under.bleed))]
    if len(flags) and float(flags.mean()) > 1 - _SPOKEN_SHARE:
        return whole
    for other in others:
        frames = frames_of(start_s, end_s, min(len(under.activity.level_db), len(other.activity.level_db)))
        here, there = under.activity.level_db[frames], other.activity.level_db[frames]
        if not len(here) or float(np.median(there) - np.median(here)) < _LOUDER_THERE_DB:
            continue
        if sum(other.near(word) for word in words) >= len(words) * _COPIED_SHARE:
            return whole
    return []


class _Said:
    """A speaker's words in order of time, to be asked what was said when."""

    def __init__(self, activity: Activity, words: Sequence[Word]) -> None:
        self.activity = activity
        self._words = sorted(words, key=lambda word: word.start_s)
        self._starts = [word.start_s for word in self._words]

    def near(self, word: Word) -> bool:
        """True if the speaker said this word at about this time."""
        first = bisect.bisect_left(self._starts, word.start_s - _COPIED_WITHIN_S)
        last = bisect.bisect_right(self._starts, word.start_s + _COPIED_WITHIN_S)
        return any(plain(other.text) == plain(word.text) for other in self._words[first:last])


def _doubted(words: tuple[Word, ...]) -> list[tuple[int, int]]:
    if not words:
        return []
    size = min(_DOUBT_WORDS, len(words))
    probabilities = np.array([word.probability for word in words])
    means = np.convolve(probabilities, np.ones(size) / size, mode="valid")
    return [(int(index), int(index) + size - 1) for index in np.flatnonzero(means < _DOUBT)]
