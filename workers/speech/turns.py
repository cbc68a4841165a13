"""Words of each channel -> utterances of the call, in the order they began; overlaps stay overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.scoring.transcript import Speaker, Utterance, Word

_SENTENCE_ENDS = (".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """When a speaker's words fall into separate utterances. Seconds.

    A silence of `pause_s` always parts them, one of `yield_pause_s` does when the other party says something in it. What is
    still longer than `longest_s` is parted at its best pause, sentence ends first.
    """

    pause_s: float = 0.8
    yield_pause_s: float = 0.3
    longest_s: float = 20.0


def utterances(words: Mapping[Speaker, Sequence[Word]], options: TurnOptions | None = None) -> tuple[Utterance, ...]:
    """Group the words (each speaker's in order of time) to utterances, both speakers interleaved by start."""
    options = options or TurnOptions()
    found: list[Utterance] = []
    for speaker, own in words.items():
        others = [word for name, said in words.items() if name != speaker for word in said]
        for group in _groups(own, sorted(others, key=lambda word: word.start_s), options):
            found.extend(_utterance(speaker, part) for part in _parted(group, options.longest_s))
    return tuple(sorted(found, key=lambda item: (item.start_s or 0.0, item.end_s or 0.0, item.speaker)))


def _groups(own: Sequence[Word], others: Sequence[Word], options: TurnOptions) -> list[list[Word]]:
    groups: list[list[Word]] = []
    cursor = 0
    for word in own:
        if not groups:
            groups.append([word])
            continue
        before = groups[-1][-1]
        gap_s = word.start_s - before.end_s
        while cursor < len(others) and _middle(others[cursor]) < before.end_s:
            cursor += 1
        yielded = cursor < len(others) and _middle(others[cursor]) < word.start_s
        if gap_s >= options.pause_s or (gap_s >= options.yield_pause_s and yielded):
            groups.append([word])
        else:
            groups[-1].append(word)
    return groups


def _middle(word: Word) -> float:
    return (word.start_s + word.end_s) / 2


def _parted(words: list[Word], longest_s: float) -> list[list[Word]]:
    """Cut a monologue until no part is longer than `longest_s`, at sentence ends and long pauses near its middle."""
    if len(words) < 2 or words[-1].end_s - words[0].start_s <= longest_s:  # noqa: PLR2004  one word cannot be cut
        return [words]
    middle_s = (words[0].start_s + words[-1].end_s) / 2
    half_s = (words[-1].end_s - words[0].start_s) / 2

    def worth(index: int) -> tuple[float, int]:
        sentence = 1.0 if words[index - 1].text.endswith(_SENTENCE_ENDS) else 0.0
        pause_s = max(0.0, words[index].start_s - words[index - 1].end_s)
        centred = 1 - abs(words[index].start_s - middle_s) / half_s
        return (sentence + pause_s + centred, -index)

    cut = max(range(1, len(words)), key=worth)
    return _parted(words[:cut], longest_s) + _parted(words[cut:], longest_s)


def _utterance(speaker: Speaker, words: Sequence[Word]) -> Utterance:
    return Utterance(
        speaker=speaker,
        text=" ".join(word.text for word in words),
        start_s=words[0].start_s,
        end_s=max(word.end_s for word in words),
        confidence=round(sum(word.probability for word in words) / len(words), 3),
        words=tuple(words),
    )
