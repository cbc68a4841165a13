"""What is known about a recording before it is sent: sidecar JSON, a CSV of the folder, a file-name pattern, options.

Later sources fill only what earlier ones left open:

1. `call.wav.json` or `call.json` beside `call.wav`: an object with the upload's fields;
2. `metadata.csv` in the folder: a header with `file` and any of the fields, one row a recording;
3. `--pattern '{rep}_{started_at}_{external_id}'` against the file's name without its ending;
4. the command's own options; at last `external_id` is the file's path below the folder.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from service.scoring.errors import CallscoreError

FIELDS = (
    "source",
    "external_id",
    "rep",
    "started_at",
    "direction",
    "customer_ref",
    "script",
    "language",
    "agent_channel",
    "metadata",
)
CSV_NAME = "metadata.csv"
#: Endings taken for recordings when a folder is sent; single files are sent whatever their name.
AUDIO_SUFFIXES = frozenset(
    [
        ".wav",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
        ".m4a",
        ".mp4",
        ".aac",
        ".flac",
        ".webm",
        ".mka",
        ".amr",
        ".3gp",
        ".aif",
        ".aiff",
    ]
)


class MetadataUnusable(CallscoreError):
    """A sidecar, CSV or pattern that cannot be used; the message names the file and what is wrong."""

    code = "metadata_unusable"


class MetadataSource:
    """Finds the upload fields of recordings below one folder.

    Args:
        folder: the folder that is sent, or a single file's own folder.
        pattern: file-name pattern with the fields' names in braces, or None.
        options: fields given on the command line; None values are open.

    Raises:
        MetadataUnusable: the pattern or the folder's CSV cannot be used.
    """

    def __init__(self, folder: Path, *, pattern: str | None, options: Mapping[str, str | None]) -> None:
        self.folder = folder
        self._pattern = _compile(pattern) if pattern else None
        self._pattern_text = pattern
        self._options = {name: value for name, value in options.items() if value is not None}
        self._rows = _read_csv(folder / CSV_NAME)

    def fields(self, file: Path) -> dict[str, str]:
        """The form fields for one recording, as strings ready to be sent.

        Raises:
            MetadataUnusable: its sidecar cannot be read, or nothing says who the rep is.
        """
        relative = file.relative_to(self.folder).as_posix()
        found: dict[str, str] = {}
        for source in (self._sidecar(file), self._rows.get(relative, {}), self._from_name(file), self._options):
            for name, value in source.items():
                found.setdefault(name, value)
        found.setdefault("external_id", relative)
        found.setdefault("source", "upload")
        if "rep" not in found:
            raise MetadataUnusable(
                f"{file.name}: nothing says who the rep is; give --rep, a 'rep' in {file.name}.json, a 'rep' column in {CSV_NAME}, "
                "or {rep} in --pattern"
            )
        return found

    @staticmethod
    def _sidecar(file: Path) -> dict[str, str]:
        for sidecar in (file.with_name(file.name + ".json"), file.with_suffix(".json")):
            if sidecar.is_file():
                try:
                    data = json.loads(sidecar.read_text(encoding="utf-8"))
                except (OSError, ValueError) as error:
                    raise MetadataUnusable(f"{sidecar.name}: not readable as JSON: {error}") from None
                if not isinstance(data, dict):
                    raise MetadataUnusable(
                        f"{sidecar.name}: expected an object with fields, found {type(data).__name__}"
                    )
                return _known(data, sidecar.name)
        return {}

    def _from_name(self, file: Path) -> dict[str, str]:
        if self._pattern is None:
            return {}
        match = self._pattern.fullmatch(file.stem)
        if match is None:
            raise MetadataUnusable(f"{file.name}: the name does not fit --pattern '{self._pattern_text}'")
        return _known(match.groupdict(), file.name)


def _known(data: Mapping[str, Any], origin: str) -> dict[str, str]:
    unknown = sorted(set(data) - set(FIELDS))
    if unknown:
        raise MetadataUnusable(f"{origin}: unknown field {unknown[0]!r}; known are {', '.join(FIELDS)}")
    return {name: _as_text(name, value, origin) for name, value in data.items() if value not in (None, "")}


def _as_text(name: str, value: Any, origin: str) -> str:
    if name == "metadata":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict | list):
        raise MetadataUnusable(f"{origin}: {name} must be a text, found {type(value).__name__}")
    if name == "started_at":
        return _with_offset(str(value), origin)
    return str(value)


def _with_offset(value: str, origin: str) -> str:
    """RFC 3339 with an offset; a time without one is taken as local time, as telephony systems name their files."""
    try:
        return datetime.fromisoformat(value).astimezone().isoformat()
    except ValueError:
        pass
    try:
        return datetime.strptime(value, "%Y%m%d-%H%M%S").astimezone().isoformat()
    except ValueError:
        raise MetadataUnusable(
            f"{origin}: started_at {value!r} is no time; use 2026-11-23T10:15:00+03:00, 20261123T101500 or 20261123-101500"
        ) from None


def _compile(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w*)\}", pattern)
    names = parts[1::2]
    wrong = [name for name in names if name not in FIELDS]
    if wrong or not names or len(set(names)) < len(names):
        problem = f"unknown field {{{wrong[0]}}}" if wrong else "needs fields in braces, each once"
        raise MetadataUnusable(f"--pattern '{pattern}': {problem}; known are {', '.join(FIELDS)}")
    expression = "".join(re.escape(part) if index % 2 == 0 else f"(?P<{part}>.+?)" for index, part in enumerate(parts))
    return re.compile(expression)


def _read_csv(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            # Spreadsheets in Russian locales separate with semicolons.
            reader = csv.DictReader(file, delimiter=";" if sample.count(";") > sample.count(",") else ",")
            if "file" not in (reader.fieldnames or ()):
                raise MetadataUnusable(f"{path.name}: needs a header with a 'file' column")
            return {
                row.pop("file"): _known(
                    {name: value for name, value in row.items() if name is not None}, f"{path.name} line {number}"
                )
                for number, row in enumerate(reader, start=2)
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MetadataUnusable(f"{path.name}: not readable: {error}") from None
