"""Canonical JSON at rest: compressed, and checked against its hash when it is read."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

from service.scoring.errors import StoredTextDamaged

#: Transcripts with word times shrink to about a tenth; higher levels gain little and cost several times the time.
COMPRESSION_LEVEL = 6


def pack(canonical_json: bytes) -> tuple[str, bytes]:
    """The hex SHA-256 of the JSON, and the JSON compressed."""
    return hashlib.sha256(canonical_json).hexdigest(), zlib.compress(canonical_json, COMPRESSION_LEVEL)


def holds(content: bytes, text: bytes) -> bool:
    """Whether these bytes stand in the JSON; far quicker than reading it. False for a damaged text."""
    try:
        return text in zlib.decompress(content)
    except zlib.error:
        return False


def unpack(sha256: str, content: bytes) -> dict[str, Any]:
    """The data of the JSON. Raises StoredTextDamaged if the bytes are not those that were stored."""
    try:
        raw = zlib.decompress(content)
    except zlib.error:
        raw = b""
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise StoredTextDamaged(
            "a stored text is damaged: its bytes do not match their hash; restore the database from a backup"
        )
    data: dict[str, Any] = json.loads(raw)
    return data
