"""Sentences that Whisper learned from subtitles and puts where nobody speaks, as lower-case words without punctuation."""

from __future__ import annotations

import re

from service.scoring.transcript import Word

_PHRASES = (
    "субтитры сделал dimatorzok",
    "субтитры создавал dimatorzok",
    "субтитры делал dimatorzok",
    "субтитры добавил dimatorzok",
    "субтитры подогнал симон",
    "субтитры подготовил",
    "редактор субтитров а семкин корректор а егорова",
    "редактор субтитров",
    "корректор а егорова",
    "продолжение следует",
    "спасибо за просмотр",
    "спасибо за внимание",
    "спасибо за субтитры",
    "подписывайтесь на мой канал",
    "подписывайтесь на канал",
    "ставьте лайки",
    "до новых встреч",
    "до скорой встречи",
    "thanks for watching",
    "thank you for watching",
    "thank you so much for watching",
    "please subscribe to my channel",
    "please subscribe",
    "like and subscribe",
    "dont forget to subscribe",
    "see you in the next video",
    "see you next time",
    "subtitles by the amara org community",
    "transcribed by",
    "captions by",
    "to be continued",
)
#: Longest first, so that a phrase is found whole before a part of it.
_SPELLED = tuple(sorted((tuple(phrase.split()) for phrase in _PHRASES), key=lambda words: (-len(words), words)))
_NOT_LETTERS = re.compile(r"[^\w]+|_")


def plain(text: str) -> str:
    """Lower case, "ё" as "е", without punctuation: how words are compared."""
    return _NOT_LETTERS.sub("", text.lower().replace("ё", "е"))


def boilerplates(words: tuple[Word, ...]) -> tuple[tuple[int, int], ...]:
    """Runs of words (first and last index) that spell a known boilerplate, punctuation and dots within words aside."""
    # "Amara.org" and "А.Семкин" are one word of text and two of the phrase.
    parts = [(index, part) for index, word in enumerate(words) for part in _parts(word.text)]
    spelled = [part for _, part in parts]
    found: list[tuple[int, int]] = []
    position = 0
    while position < len(parts):
        match = next(
            (phrase for phrase in _SPELLED if tuple(spelled[position : position + len(phrase)]) == phrase), None
        )
        if match is None:
            position += 1
            continue
        found.append((parts[position][0], parts[position + len(match) - 1][0]))
        position += len(match)
    return tuple(found)


def _parts(text: str) -> list[str]:
    return [part for part in (plain(piece) for piece in re.split(r"[.\s]+", text.replace("'", ""))) if part]
