"""Answers kept for requests that come twice, where they name somebody who is to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from service.store.models_people import repeated_requests


def forget(connection: Connection, texts: Sequence[str]) -> None:
    """Delete every kept answer that holds one of these texts. Answers are kept for a day, so there are few to look through."""
    needles = [
        needle.encode()
        for text in texts
        for needle in {text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}
    ]
    rows = connection.execute(
        select(
            repeated_requests.c.owner,
            repeated_requests.c.key_sha256,
            repeated_requests.c.body,
            repeated_requests.c.location,
        )
    )
    for row in rows.all():
        held = (row.body or b"") + (row.location or "").encode()
        if any(needle in held for needle in needles):
            same = (repeated_requests.c.owner == row.owner) & (repeated_requests.c.key_sha256 == row.key_sha256)
            connection.execute(delete(repeated_requests).where(same))
