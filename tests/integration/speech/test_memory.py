"""Three quarters of an hour need no more memory than a minute: what is decoded goes to disk, and is read back in pieces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.encoding import EN_SHORT

#: The long recording is 165 MiB as 16-bit samples and 330 MiB as float32 at 16 kHz; 64 MiB of it stay in memory, and two channels
#: are measured a minute at a time, side by side or not: 106 to 147 MiB were seen.
MOST_GROWTH_MIB = 160
MEASURE = """
import sys
from pathlib import Path
from workers.speech.audio import decode
from workers.speech.listening import Listening
def peak_mib():
    # Not getrusage: its peak begins with that of the parent process.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
def listen(path):
    with decode(Path(path), max_duration_s=7200, scratch_dir=Path(sys.argv[3])) as recording:
        return recording.duration_s, len(Listening(recording, lambda share: None).windows)
listen(sys.argv[1])
before = peak_mib()
print(*listen(sys.argv[2]), peak_mib() - before)
"""


@pytest.mark.speech
def test_memory_stays_flat_on_a_long_recording(tmp_path: Path) -> None:
    head, sound = EN_SHORT.read_bytes().split(b"data", 1)
    long_sound = (sound[4:] + np.full(15 * 60 * 16_000, 0xD5, dtype=np.uint8).tobytes()) * 3
    long = tmp_path / "long.wav"
    long.write_bytes(head + b"data" + len(long_sound).to_bytes(4, "little") + long_sound)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(EN_SHORT), str(long), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    duration_s, windows, growth_mib = (float(figure) for figure in done.stdout.split())
    assert duration_s > 2700
    assert windows >= 2
    assert growth_mib < MOST_GROWTH_MIB
    assert [path.name for path in tmp_path.iterdir()] == ["long.wav"]
