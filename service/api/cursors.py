"""Cursors of lists that are ordered by one text or id: opaque to the caller, and refused by any other list."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from service.api.problems import invalid
from service.api.validation import FieldError

#: No name behind a cursor is longer than this many characters of base64.
_LONGEST = 2000


def encode(list_name: str, last: str) -> str:
    """The cursor behind the row `last` of the list."""
    return base64.urlsafe_b64encode(f"{list_name}:{last}".encode()).decode()


def decode(list_name: str, cursor: str | None) -> str | None:
    """The row's text. Raises Refused for a cursor that this list did not give out."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor[:_LONGEST].encode("ascii"), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise bad_cursor() from None
    name, _, last = text.partition(":")
    if name != list_name:
        raise bad_cursor()
    return last


def decode_id(list_name: str, cursor: str | None) -> UUID | None:
    """The same for lists that are ordered by ids, whose cursors hold `id.hex`."""
    last = decode(list_name, cursor)
    if last is None:
        return None
    try:
        return UUID(last)
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Exception:
    message = "is not one that this list gave out; leave it away to start anew"
    return invalid([FieldError("cursor", message)])
