"""The stock packs: without problems, and the same bytes in any process, whatever the order and the hash seed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.packs import PackLibrary
from service.scoring.trials import try_pack

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "scripts_rules"
STOCK = [(pack, language) for pack in PackLibrary(RULES).ids() for language in PackLibrary(RULES).languages(pack)]
#: Scores the dialogues in the order given, each twice, and prints a hash for each.
OTHER_PROCESS = """
import hashlib, json, sys
from pathlib import Path
from service.packs import PackLibrary
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance
rules, cache, language, *files = sys.argv[1:]
pack = PackLibrary(Path(rules), cache_dir=Path(cache)).load("b2b_sales", language)
found = {}
for file in [*files, *reversed(files)]:
    turns = json.loads(Path(file).read_text(encoding="utf-8"))["turns"]
    transcript = Transcript(language, tuple(Utterance(turn["speaker"], turn["text"]) for turn in turns))
    card = score(transcript, pack, CallContext(direction="outbound", role="sdr"), explain=True).canonical_json()
    digest = hashlib.sha256(card).hexdigest()
    assert found.setdefault(Path(file).name, digest) == digest, "the second time gave other bytes"
json.dump([pack.sha256, found], sys.stdout, sort_keys=True)
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module keeps trained models: each pack is trained once for all its tests."""
    return tmp_path_factory.mktemp("models")


@pytest.mark.parametrize(("pack", "language"), STOCK)
def test_a_stock_pack_has_no_problems(pack: str, language: str, kept: Path) -> None:
    parsed = PackLibrary(RULES, cache_dir=kept).inspect(pack, language)
    assert [str(problem) for problem in parsed.problems] == []


@pytest.mark.parametrize(("pack", "language"), STOCK)
def test_a_stock_pack_passes_its_own_tests(pack: str, language: str, kept: Path) -> None:
    """The same as `callscore rules test`."""
    parsed = PackLibrary(RULES, cache_dir=kept).inspect(pack, language)
    assert parsed.pack is not None
    failures = try_pack(parsed.pack, parsed.tests, parsed.baseline).failures
    assert [f"{f.file}:{f.line}: {f.rule}: {f.kind}: {f.text}" for f in failures] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_scorecards_are_the_same_bytes_in_any_process(language: str, kept: Path, tmp_path: Path) -> None:
    """Trained anew or taken from the cache, in either order, with any hash seed, on one thread or two."""
    files = sorted(str(path) for path in (ROOT / "tests" / "fixtures" / "dialogues").glob(f"{language}-*.json"))
    assert files
    runs = [("1", "1", kept, files), ("2", "2", tmp_path, files[::-1])]
    written = set()
    for seed, threads, cache, order in runs:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        written.add(
            subprocess.run(
                [sys.executable, "-c", OTHER_PROCESS, str(RULES), str(cache), language, *order],
                capture_output=True,
                check=True,
                cwd=ROOT,
                env=environment,
            ).stdout
        )
    assert len(written) == 1, [hashlib.sha256(output).hexdigest() for output in written]
    assert len(json.loads(written.pop())[1]) == len(files)
