"""A pack's folder as a .zip: read with every bound checked before anything is unpacked, and written.

Archives come from people's machines and are hostile until shown otherwise: names that lead elsewhere, a few bytes that unpack to
gigabytes, ten thousand files, links. Nothing is ever written to disk.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from service.scoring.errors import DraftInvalid, PackProblem
from service.scoring.pack_texts import (
    LARGEST_PACK_BYTES,
    LARGEST_TEXT_BYTES,
    MOST_FILES,
    MOST_NAMED,
    checked_path,
    checked_text,
    checked_whole,
)
from service.scoring.parsing import BASELINE_FOLDER, LISTS_FOLDER, PACK_FILE

#: What problems of the archive itself, and no file in it, are said of.
ARCHIVE = "archive"
#: Bytes of an archive; the largest stock pack has 400,000 zipped.
LARGEST_ARCHIVE_BYTES = 2 * 1024 * 1024 - 64 * 1024
#: What systems put into archives by themselves.
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_SHARED = (LISTS_FOLDER, BASELINE_FOLDER)
_ZIPPED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
#: The same time for every file, so that the same pack gives the same archive.
_EPOCH = (2020, 1, 1, 0, 0, 0)


@dataclass
class _Found:
    problems: list[PackProblem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, message: str) -> None:
        if len(self.problems) < MOST_NAMED:
            self.problems.append(PackProblem(name[:200].encode("utf-8", "replace").decode(), 1, message))


def read_archive(data: bytes, pack_id: str, language: str) -> dict[str, str]:
    """The files of the pack in a .zip of its folder (or of the language's folder), by their path in the rules folder.

    Shared lists and ordinary talk are there only where the archive has them beside the pack's folder.

    Raises:
        DraftInvalid: it is no such archive; all that is wrong with its files is named at once.
    """
    if len(data) > LARGEST_ARCHIVE_BYTES:
        raise _refused(f"the archive has {len(data)} bytes; at most {LARGEST_ARCHIVE_BYTES} are allowed")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, pack_id, language)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError):
        raise _refused("the file is no .zip archive, or a damaged one; zip the pack's folder again") from None


def write_archive(texts: Mapping[str, str]) -> bytes:
    """All files of a pack as a .zip that `read_archive` takes; the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(texts):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), texts[path].encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _read(archive: zipfile.ZipFile, pack_id: str, language: str) -> dict[str, str]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
    if len(entries) > MOST_FILES:
        raise _refused(f"the archive has {len(entries)} files; at most {MOST_FILES} are allowed")
    found, unpacked = _Found(), 0
    root = _root([entry.filename for entry in entries], pack_id)
    for entry in entries:
        path = _path(entry, root, pack_id, language, found)
        if path is None:
            continue
        content = _content(archive, entry, path, found)
        unpacked += len(content or b"")
        if unpacked > LARGEST_PACK_BYTES:
            raise _refused(f"the archive unpacks to more than the {LARGEST_PACK_BYTES} bytes allowed")
        _keep(path, content, found)
    if found.problems:
        raise DraftInvalid(tuple(found.problems))
    checked_whole({path: len(text.encode()) for path, text in found.texts.items()})
    return found.texts


def _root(names: list[str], pack_id: str) -> PurePosixPath:
    """The folder in the archive that is the pack's: where its `pack.yaml` lies."""
    tops = [PurePosixPath(name).parent for name in names if PurePosixPath(name).name == PACK_FILE]
    named = [top for top in tops if top.name == pack_id]
    fitting = named if named else tops
    if not tops:
        raise _refused(f"the archive has no {PACK_FILE}; zip the pack's folder: {pack_id}/ with its {PACK_FILE}")
    if len(fitting) > 1:
        raise _refused(f"the archive has {len(fitting)} {PACK_FILE}; zip the pack's folder alone: {pack_id}/")
    return fitting[0]


def _path(entry: zipfile.ZipInfo, root: PurePosixPath, pack_id: str, language: str, found: _Found) -> str | None:
    """Where the entry stands in the rules folder; None (and a problem) if nowhere."""
    name = entry.filename
    parts = PurePosixPath(name).parts
    if "\\" in name or name.startswith("/") or ":" in name or ".." in parts:
        found.wrong(name, "the name leads out of the archive")
        return None
    if stat.S_ISLNK(entry.external_attr >> 16):
        found.wrong(name, "links are not allowed; put the file itself into the archive")
        return None
    path = PurePosixPath(name)
    beside = root.parent
    if path.is_relative_to(root):
        place = f"{language}/{pack_id}/{path.relative_to(root)}"
    elif len(root.parts) > 0 and any(path.is_relative_to(beside / folder) for folder in _SHARED):
        place = f"{language}/{path.relative_to(beside)}"
    elif len(root.parts) > 0 and path.is_relative_to(beside) and path.suffix == ".yaml":
        return None  # another pack of the same language's folder
    else:
        found.wrong(name, f"no file of the pack: expected it below {root}/")
        return None
    try:
        return checked_path(place, pack_id, language)
    except DraftInvalid as invalid:
        found.wrong(name, invalid.problems[0].message)
        return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, found: _Found) -> bytes | None:
    """At most one byte more than is allowed is ever unpacked."""
    if entry.flag_bits & _ENCRYPTED:
        found.wrong(path, "the file is encrypted; zip the folder without a password")
        return None
    if entry.compress_type not in _ZIPPED:
        found.wrong(path, "the file is compressed in a way that is not read here; use ordinary zip compression")
        return None
    with archive.open(entry) as file:
        content = file.read(LARGEST_TEXT_BYTES + 1)
    if len(content) > LARGEST_TEXT_BYTES:
        found.wrong(path, f"the file has more than the {LARGEST_TEXT_BYTES} bytes allowed")
        return None
    return content


def _keep(path: str, content: bytes | None, found: _Found) -> None:
    if content is None:
        return
    if path in found.texts:
        found.wrong(path, "the archive has this file twice")
        return
    try:
        found.texts[path] = checked_text(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if len(found.problems) < MOST_NAMED:
            found.problems.append(PackProblem(path, line, "the file is not UTF-8"))
    except DraftInvalid as invalid:
        found.problems.extend(invalid.problems)


def _is_clutter(name: str) -> bool:
    return name.startswith(_CLUTTER[0]) or PurePosixPath(name).name in _CLUTTER


def _refused(message: str) -> DraftInvalid:
    return DraftInvalid((PackProblem(ARCHIVE, 1, message),))
