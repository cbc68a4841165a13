"""`token_patterns:` of a rule: raw spaCy patterns, checked and tied into the pack's word classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.scoring.phrases import pattern_fault, word_options
from service.scoring.slots import KEY_SIGN

#: Token attributes that a pattern may ask for: those that the documents of a call have.
ATTRIBUTES = frozenset(
    {
        "ORTH",
        "TEXT",
        "LOWER",
        "LEMMA",
        "LENGTH",
        "IS_ALPHA",
        "IS_DIGIT",
        "LIKE_NUM",
        "LIKE_URL",
        "LIKE_EMAIL",
        "SHAPE",
        "POS",
        "OP",
    }
)
_WORDS = frozenset({"ORTH", "TEXT", "LOWER"})
_COMPARISONS = frozenset(
    {"REGEX", "IN", "NOT_IN", "FUZZY", "==", "!=", ">=", "<=", ">", "<", *(f"FUZZY{n}" for n in range(1, 10))}
)
#: Operators under which a token need not occur.
_NOT_REQUIRED = ("?", "*", "!")


@dataclass(frozen=True, slots=True)
class RawPattern:
    """A raw pattern. `text` shows it in evidence; `needs` are index keys as in `CompiledTemplate`."""

    tokens: tuple[dict[str, Any], ...]
    text: str
    lemmas: tuple[str, ...]
    exact: tuple[str, ...]
    needs: tuple[frozenset[str], ...]


def raw_pattern(tokens: list[dict[str, Any]], text: str) -> RawPattern:
    """Check a raw pattern and find out which words it needs.

    Raises:
        ValueError: an attribute, comparison or operator that does not exist here, or a pattern without a condition.
    """
    lemmas: list[str] = []
    exact: list[str] = []
    needs: list[frozenset[str]] = []
    for token in tokens:
        _check(token)
        required = not str(token.get("OP", "1")).startswith((*_NOT_REQUIRED, "{0", "{,"))
        lemma_options = word_options(token.get("LEMMA"))
        lemmas += lemma_options
        exact_options = [option for name in sorted(_WORDS) for option in word_options(token.get(name))]
        exact += exact_options
        if required and lemma_options:
            needs.append(frozenset(lemma_options))
        elif required and exact_options:
            needs.append(frozenset(KEY_SIGN["exact"] + option for option in exact_options))
    operators = [token for token in tokens if "OP" in token]
    wildcards = [token for token in operators if token.keys() == {"OP"}]
    if len(operators) > _MOST_OPERATORS or len(wildcards) > _MOST_WILDCARDS:
        raise ValueError(
            f"at most {_MOST_OPERATORS} tokens may have OP, {_MOST_WILDCARDS} of them without another condition; write phrases with gaps"
        )
    if not any(token.keys() - {"OP"} for token in tokens):
        raise ValueError("the pattern matches anything; at least one token must have a condition beside OP")
    if fault := pattern_fault(tokens):
        raise ValueError(f"the pattern does not work: {fault}")
    return RawPattern(tuple(tokens), text, tuple(lemmas), tuple(exact), tuple(needs))


def _check(token: Mapping[str, Any]) -> None:
    for name, value in token.items():
        if name not in ATTRIBUTES:
            raise ValueError(f"unknown token attribute {name!r}; expected one of {', '.join(sorted(ATTRIBUTES))}")
        if isinstance(value, Mapping):
            unknown = sorted(set(value) - _COMPARISONS)
            if unknown:
                raise ValueError(
                    f"unknown comparison {unknown[0]!r}; expected one of {', '.join(sorted(_COMPARISONS))}"
                )
        elif name == "OP" and not _is_operator(value):
            raise ValueError(f"unknown operator {value!r}; expected ?, !, +, *, {{n}}, {{n,m}}, {{n,}} or {{,m}}")
        elif not isinstance(value, str | int | bool):
            raise ValueError(f"the value of {name} must be a word, a number, true or false, or a comparison")


def _is_operator(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if value in {"?", "!", "+", "*"}:
        return True
    if not (value.startswith("{") and value.endswith("}")):
        return False
    least, _, most = value[1:-1].partition(",")
    sizes = [size for size in (least, most) if size]
    return bool(sizes) and all(size.isdigit() and int(size) <= _LONGEST_RUN for size in sizes)


#: spaCy follows every path through tokens that may be left out or repeated; few of them keep that short.
_LONGEST_RUN = 4
_MOST_OPERATORS = 4
_MOST_WILDCARDS = 2
