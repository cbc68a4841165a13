"""Fields at fault, named one by one: the field, what it may be, and its limit where it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

#: Names and ids that people and telephony systems give.
NAME_LIMIT = 200
#: Limits that pydantic reports in an error's context, by the name it gives them.
_LIMITS = ("max_length", "min_length", "le", "lt", "ge", "gt")
#: Where a value came from is no part of the field's name.
_PLACES = ("body", "query", "path", "header")


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` as the caller wrote it (nested: `a.b`), `message` what it may be, `limit` the number it must keep to."""

    field: str
    message: str
    limit: float | None = None

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"field": self.field, "message": self.message}
        if self.limit is not None:
            found["limit"] = self.limit
        return found


def has_control_characters(text: str) -> bool:
    """True for characters that a name cannot have: controls (also the C1 set) and halves of surrogate pairs."""
    return any(char < " " or "\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" for char in text)


def plain(text: str) -> str:
    """The text, if a line can hold it. Raises ValueError."""
    if has_control_characters(text):
        raise ValueError("must not contain control characters")
    return text


#: A name or id of one line: 1..200 characters, blanks around it taken off.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LIMIT), AfterValidator(plain)
]


def from_framework(errors: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """Pydantic's findings as ours. What was sent is not repeated: it may be long, or somebody's name."""
    return tuple(_field_error(error) for error in errors)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    place = [str(part) for part in error["loc"]]
    if error["type"] == "json_invalid":
        return FieldError("body", f"is no valid JSON at character {place[-1]}: {error['ctx']['error']}")
    if len(place) > 1 and place[0] in _PLACES:
        place = place[1:]
    context = error.get("ctx") or {}
    limit = next((context[name] for name in _LIMITS if isinstance(context.get(name), int | float)), None)
    if error["type"] == "extra_forbidden":
        return FieldError(".".join(place), "is not known here")
    return FieldError(".".join(place), _message(str(error["msg"])), limit)


def _message(text: str) -> str:
    """Pydantic's sentence, without the prefix it puts before ours."""
    text = text.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
