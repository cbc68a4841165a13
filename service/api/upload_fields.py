"""The fields beside the recording: what each may be, and every mistake named at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, get_args

from service.api.validation import NAME_LIMIT, FieldError, has_control_characters
from service.store.records import AgentChannel, Direction

#: Bytes of an ordinary field's text; its own limit in characters is far lower and names itself.
FIELD_BYTES = 8 * 1024
METADATA_BYTES = 64 * 1024
METADATA_DEPTH = 5
#: A recorder's clock may be wrong by a time zone, not by more.
FUTURE = timedelta(days=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: RFC 3339, section 5.6: the offset is not optional.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_TIME_EXAMPLE = "2025-11-23T10:15:00+03:00"
#: What a browser's field for day and time sends.
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?")
_LOCAL_EXAMPLE = "2025-11-23T10:15"
REQUIRED = ("source", "external_id", "rep")
FIELDS = (
    *REQUIRED,
    "started_at",
    "direction",
    "customer_ref",
    "script",
    "language",
    "agent_channel",
    "metadata",
)


class Wrong(Exception):
    """What is wrong with one field."""

    def __init__(self, message: str, limit: float | None = None) -> None:
        super().__init__(message)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class UploadFields:
    """The fields of a valid upload."""

    source: str
    external_id: str
    rep: str
    started_at: datetime | None = None
    direction: Direction | None = None
    customer_ref: str | None = None
    script: str = ""
    language: str | None = None
    agent_channel: AgentChannel = "left"
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scripts:
    """The rule packs there are: id -> its languages. `default` is taken where the upload names none."""

    languages: Mapping[str, Sequence[str]]
    default: str


def limit_of(name: str) -> int:
    """Bytes that are read of a field."""
    return METADATA_BYTES if name == "metadata" else FIELD_BYTES


def check_fields(
    values: Mapping[str, bytes], scripts: Scripts, now: datetime, zone: tzinfo | None = None
) -> UploadFields | list[FieldError]:
    """The fields as they will be stored, or all that is wrong with them. An empty value counts as left out.

    `zone`: times come from a form without offset and are meant in this zone; None: with their offset.
    """
    texts, errors = _texts(values)
    errors += [FieldError(name, "is required") for name in REQUIRED if name not in texts and name not in _names(errors)]
    rules: dict[str, Callable[[str], Any]] = {
        "source": name_of,
        "external_id": name_of,
        "rep": name_of,
        "started_at": lambda text: _started_at(text, now, zone),
        "direction": lambda text: _one_of(text, get_args(Direction)),
        "customer_ref": name_of,
        "script": lambda text: _one_of(text, sorted(scripts.languages)),
        "language": lambda text: _language(text, texts.get("script", scripts.default), scripts),
        "agent_channel": lambda text: _one_of(text, get_args(AgentChannel)),
        "metadata": _metadata,
    }
    checked: dict[str, Any] = {"script": scripts.default}
    for name, text in texts.items():
        try:
            checked[name] = rules[name](text)
        except Wrong as wrong:
            errors.append(FieldError(name, str(wrong), wrong.limit))
    return errors or UploadFields(**checked)


def name_of(text: str) -> str:
    """A name or id of one line."""
    text = text.strip()
    if len(text) > NAME_LIMIT:
        raise Wrong(f"must have at most {NAME_LIMIT} characters, found {len(text)}", NAME_LIMIT)
    if not text:
        raise Wrong("must not be blank")
    if has_control_characters(text):
        raise Wrong("must not contain control characters")
    return text


def _texts(values: Mapping[str, bytes]) -> tuple[dict[str, str], list[FieldError]]:
    texts: dict[str, str] = {}
    errors: list[FieldError] = []
    for name, value in values.items():
        try:
            text = value.decode()
        except UnicodeDecodeError:
            errors.append(FieldError(name, "must be text in UTF-8"))
            continue
        if text:
            texts[name] = text
    return texts, errors


def _names(errors: Sequence[FieldError]) -> set[str]:
    return {error.field for error in errors}


def moment_of(text: str) -> datetime:
    """A time with its offset, as RFC 3339 writes it, in UTC. Raises Wrong."""
    if not _RFC3339.fullmatch(text):
        raise Wrong(f"must be a time with its offset (RFC 3339), like {_TIME_EXAMPLE}")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"there is no such time; write it like {_TIME_EXAMPLE}") from None
    if moment < EARLIEST:
        raise Wrong(f"must not lie before {EARLIEST.date()}")
    return moment


def _local_moment(text: str, zone: tzinfo) -> datetime:
    """A day and time of this zone, in UTC; of an hour that comes twice the first is meant. Raises Wrong."""
    if not _LOCAL.fullmatch(text):
        raise Wrong(f"must be a day and a time, like {_LOCAL_EXAMPLE}")
    try:
        local = datetime.fromisoformat(text)
        moment = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"must be a day and a time, like {_LOCAL_EXAMPLE}") from None
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise Wrong("there is no such time: the clocks were put forward then")
    if moment < EARLIEST:
        raise Wrong(f"must not lie before {EARLIEST.date()}")
    return moment


def _started_at(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    moment = moment_of(text) if zone is None else _local_moment(text, zone)
    if moment > now + FUTURE:
        told = "lies more than a day in the future"
        raise Wrong(f"{told}; check the recorder's clock and time zone" if zone is None else told)
    return moment


def _one_of(text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise Wrong(f"must be one of {', '.join(allowed)}")
    return text


def _language(text: str, script: str, scripts: Scripts) -> str:
    languages = sorted(scripts.languages.get(script, ()))
    if text not in languages and languages:
        raise Wrong(
            f"must be one of {', '.join(languages)}, which {script} has rules for; leave it out to have it detected"
        )
    return text


def _metadata(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Wrong("must be a JSON object") from None
    if not isinstance(value, dict):
        raise Wrong("must be a JSON object, found another kind of JSON")
    _check_json(value, METADATA_DEPTH)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_json(value: Any, depth: int) -> None:
    """Refuse what a database cannot hold or what nobody nests by accident."""
    if isinstance(value, dict | list):
        if depth == 0:
            raise Wrong(f"must not be nested deeper than {METADATA_DEPTH} levels", METADATA_DEPTH)
        for key in value if isinstance(value, dict) else ():
            _check_json(key, depth)
        for inner in value.values() if isinstance(value, dict) else value:
            _check_json(inner, depth - 1)
    elif isinstance(value, str) and has_control_characters(value.translate(_LINES)):
        raise Wrong("must not contain control characters other than line breaks and tabs")
    elif isinstance(value, float) and not math.isfinite(value):
        raise Wrong("must not contain numbers beyond what 64 bits hold")


_LINES = str.maketrans("", "", "\n\r\t")
