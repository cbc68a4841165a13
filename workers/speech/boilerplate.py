"""Sentences that Whisper learned from subtitles and puts where nobody speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.scoring.transcript import Word

#: Found in any letter case; words are apart by one space, punctuation is gone. Names differ from one hallucination to the next.
_NAME = r"(?: (?-i:[А-ЯЁA-Z])\w*)"
_PHRASES = (
    rf"редактор субтитров{_NAME}{{0,2}}(?: корректор{_NAME}{{0,2}})?",
    rf"корректор (?:а|с|т|о|м) ?{_NAME}",
    rf"субтитры (?:сделал|сделала|создавал|создал|создала|делал|добавил|подогнал|подготовил|предоставил){_NAME}{{0,2}}",
    r"субтитры dimatorzok",
    r"продолжение следует",
    r"спасибо за (?:просмотр|внимание|субтитры)",
    r"подписывайтесь на (?:мой |наш )?канал",
    r"ставьте лайки",
    r"до (?:новых встреч|скорой встречи)",
    r"thank(?:s| you)(?: so much| very much)? for watching",
    r"(?:please |don t forget to |like and )subscribe(?: to (?:my|our|the) channel)?",
    r"see you (?:in the next video|next time)",
    r"subtitles by the amara org community",
    rf"(?:transcribed|captions|subtitles|translated) by{_NAME}{{1,3}}",
    r"to be continued",
    # Descriptions of sounds stand in capitals.
    r"(?-i:(?:[А-ЯЁ]{4,} )?(?:МУЗЫКА|ЗВОНОК|АПЛОДИСМЕНТЫ|СМЕХ|ПОЁТ НА|ГОВОРИТ НА)(?: [А-ЯЁ]{4,})*)",
)
_BOILERPLATE = re.compile("|".join(rf"(?:(?<= )|^)(?:{phrase})(?= |$)" for phrase in _PHRASES), re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Lower case, "ё" as "е", without punctuation: how words are compared."""
    return _NOT_LETTERS.sub("", text.lower().replace("ё", "е"))


def boilerplates(words: Sequence[Word]) -> tuple[tuple[int, int], ...]:
    """Runs of words (first and last index) that spell a known boilerplate, punctuation aside."""
    text, owners = "", []
    for index, word in enumerate(words):
        # "А.Семкин" and "Amara.org" are one word of the text and two of the phrase.
        for part in _NOT_LETTERS.split(word.text):
            if part:
                text += f"{part} "
                owners += [index] * (len(part) + 1)
    return tuple((owners[found.start()], owners[found.end() - 1]) for found in _BOILERPLATE.finditer(text))
