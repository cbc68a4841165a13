"""The same call and pack give the same scorecard in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from service.packs import PackLibrary
from service.scoring.scorecard import score
from tests.unit.scoring.minipack import write_minipack
from tests.unit.scoring.test_scorecard import OUTBOUND, TALK, of

OTHER_PROCESS = """
import sys
from pathlib import Path
from service.packs import PackLibrary
from service.scoring.scorecard import score
from tests.unit.scoring.test_scorecard import OUTBOUND, TALK, of
pack = PackLibrary(Path(sys.argv[1])).load("mini", "ru")
score(of(*TALK[:2]), pack, OUTBOUND)
sys.stdout.buffer.write(score(of(*TALK), pack, OUTBOUND).canonical_json())
"""


def test_two_processes_with_different_hash_seeds_write_identical_bytes(tmp_path: Path) -> None:
    rules = write_minipack(tmp_path)
    written = {
        subprocess.run(
            [sys.executable, "-c", OTHER_PROCESS, str(rules)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert written == {score(of(*TALK), PackLibrary(rules).load("mini", "ru"), OUTBOUND).canonical_json()}
