"""Numerals -> digits: "двадцать пять" and "25" become the same word.

Only values below 1000 are joined; thousands and millions stay words of their own, so that a rule about "тысяча" also sees
"двести тысяч". One stays a word, since "один" and "one" are mostly not counting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.scoring.lexicon_type import Lexicon

if TYPE_CHECKING:
    from service.scoring.language import Word

_HUNDRED = 100
_TWENTY = 20
_TEN = 10
_DIGITS_OF_A_GROUP = 3


def join_numerals(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """The same words with spelled-out numbers as digits; a joined number spans all its words."""
    if not any(
        word.text in lexicon.numerals or word.lemmas[0] in lexicon.numerals or word.text.isdigit() for word in words
    ):
        return words
    joined: list[Word] = []
    total: int | None = None
    for word in words:
        value = _value(word, lexicon)
        if value is None and total is not None and total >= _TWENTY and word.text == lexicon.one:
            value = 1
        follows = bool(joined) and not word.pause and not joined[-1].ends
        if value is None:
            if follows and _is_group(joined[-1].text, word.text):
                joined[-1] = _merged(joined[-1], word, joined[-1].text + word.text)
            else:
                joined.append(word)
            total = None
            continue
        combined = _combined(total, value) if total is not None and follows else None
        if combined is None:
            joined.append(_merged(word, word, str(value)))
            total = value
        else:
            joined[-1] = _merged(joined[-1], word, str(combined))
            total = combined
    return [_merged(word, word, lexicon.one) if word.text == "1" else word for word in joined]


def _value(word: Word, lexicon: Lexicon) -> int | None:
    value = lexicon.numerals.get(word.text)
    return value if value is not None else lexicon.numerals.get(word.lemmas[0])


def _combined(total: int, value: int) -> int | None:
    if value == _HUNDRED and 0 < total < _TEN:
        return total * _HUNDRED
    tens_and_ones = total % _HUNDRED in range(_TWENTY, _HUNDRED, _TEN) and 0 < value < _TEN
    hundreds = total > 0 and total % _HUNDRED == 0 and 0 < value < _HUNDRED
    return total + value if tens_and_ones or hundreds else None


def _is_group(before: str, digits: str) -> bool:
    """True for the second half of "1 500"."""
    return (
        before.isdigit()
        and digits.isdigit()
        and len(digits) == _DIGITS_OF_A_GROUP
        and len(before) <= _DIGITS_OF_A_GROUP
    )


def _merged(first: Word, last: Word, text: str) -> Word:
    return first._replace(text=text, lemmas=(text,), last_char=last.last_char, ends=last.ends, asks=last.asks)
