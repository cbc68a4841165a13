"""The files of a rule pack as texts: by path, with one hash over all of them. What may be a path, and how much a pack may hold.

A pack's files are its own folder and the lists and ordinary talk that it is built with, by their path in the rules folder:
`ru/b2b_sales/script/greeting.yaml`, `ru/_lists/yes.yaml`. So a pack that is kept somewhere else needs nothing from that folder.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from service.scoring.errors import DraftInvalid, PackProblem
from service.scoring.parsing import BASELINE_FOLDER, LISTS_FOLDER, PACK_FILE, TEST_SUFFIX

#: Files of a pack; the largest stock pack has 172.
MOST_FILES = 1_000
#: Bytes of one file (UTF-8); the longest list of examples in the stock packs has about 60,000.
LARGEST_TEXT_BYTES = 256 * 1024
#: Bytes of all files together; the largest stock pack has 1.4 million.
LARGEST_PACK_BYTES = 8 * 1024 * 1024
#: Problems named at once; more than anybody reads before mending some.
MOST_NAMED = 100
_PART = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_FILE = re.compile(rf"(?:{_PART}/)?{_PART}(?:\.test|\.examples)?\.yaml")
#: Characters that YAML does not allow, and tools show wrongly.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Texts = Mapping[str, str]


def text_sha256(text: str) -> str:
    """Hex SHA-256 of a file's bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def files_sha256(hashes: Mapping[str, str]) -> str:
    """Hex SHA-256 over all files, tests too, by the hash of each."""
    lines = (f"{path}\0{hashes[path]}\n" for path in sorted(hashes))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def hashes_of(texts: Texts) -> dict[str, str]:
    return {path: text_sha256(text) for path, text in texts.items()}


def concerns(path: str, pack_id: str, language: str) -> bool:
    """Whether a file of the rules folder belongs to what this pack is built from."""
    return path.startswith(tuple(f"{language}/{folder}/" for folder in (pack_id, LISTS_FOLDER, BASELINE_FOLDER)))


def is_test(path: str) -> bool:
    return path.endswith(TEST_SUFFIX)


def header_path(pack_id: str, language: str) -> str:
    """Where `pack.yaml` stands."""
    return f"{language}/{pack_id}/{PACK_FILE}"


def plain_text(text: str) -> str:
    """A text as files are kept: lines end in a line feed, also the last one; no byte order mark."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return lines if not lines or lines.endswith("\n") else lines + "\n"


def checked_path(path: str, pack_id: str, language: str) -> str:
    """`path`, if a file of this pack may be called so.

    Raises:
        DraftInvalid: it may not; the message says what was expected.
    """
    folder, _, rest = path.removeprefix(f"{language}/").partition("/")
    allowed = (pack_id, LISTS_FOLDER, BASELINE_FOLDER)
    if not path.startswith(f"{language}/") or folder not in allowed or not _FILE.fullmatch(rest):
        places = ", ".join(f"{language}/{name}/" for name in allowed)
        raise DraftInvalid(
            (
                PackProblem(
                    path[:200],
                    1,
                    f"no place for a file: expected one of {places}, at most one folder below it, and a name of letters, "
                    "digits, _ and - that ends in .yaml",
                ),
            )
        )
    return path


def checked_text(path: str, text: str) -> str:
    """The text as it is kept. Raises DraftInvalid if it is too long or no plain text."""
    kept = plain_text(text)
    size = len(kept.encode(errors="surrogatepass"))
    if size > LARGEST_TEXT_BYTES:
        message = (
            f"the file has {size} bytes; at most {LARGEST_TEXT_BYTES} are allowed: split its rule, or shorten its lists"
        )
        raise DraftInvalid((PackProblem(path, 1, message),))
    wrong = _CONTROL.search(kept)
    if wrong is not None or any("\ud800" <= char <= "\udfff" for char in kept):
        line = kept[: wrong.start()].count("\n") + 1 if wrong else 1
        raise DraftInvalid((PackProblem(path, line, "the file has characters that no text file can have"),))
    return kept


def checked_whole(sizes: Mapping[str, int]) -> None:
    """Raises DraftInvalid if there are too many files, or too much in all of them (bytes by path)."""
    if len(sizes) > MOST_FILES:
        message = f"the pack has {len(sizes)} files; at most {MOST_FILES} are allowed"
        raise DraftInvalid((PackProblem(next(iter(sizes)), 1, message),))
    total = sum(sizes.values())
    if total > LARGEST_PACK_BYTES:
        message = f"the files of the pack have {total} bytes together; at most {LARGEST_PACK_BYTES} are allowed"
        raise DraftInvalid((PackProblem(next(iter(sizes)), 1, message),))
