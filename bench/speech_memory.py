"""Peak memory of one worker on one long two-channel recording, made by joining the calls of a folder.

python bench/speech_memory.py AUDIO [--hours 2]
"""

from __future__ import annotations

import argparse
import itertools
import resource
import struct
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from workers.speech.audio import decode
from workers.speech.engine import SpeechEngine
from workers.speech.spans import SAMPLE_RATE_HZ, Span

MIB = 1024 * 1024


def joined(folder: Path, hours: float, target: Path) -> float:
    """Write a 16-bit stereo WAV of the folder's calls, again and again; its length in seconds."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in {".wav", ".mp3", ".ogg"}]
    wanted = int(hours * 3600 * SAMPLE_RATE_HZ)
    with target.open("wb") as file:
        size = wanted * 4
        header = struct.pack("<HHIIHH", 1, 2, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * 4, 4, 16)
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + header)
        file.write(b"data" + struct.pack("<I", size))
        for path in itertools.cycle(paths):
            with decode(path, max_duration_s=1e6) as call:
                samples = min(call.samples, wanted)
                sound = np.stack([call.read(channel, Span(0, samples)) for channel in (0, 1)], axis=1)
            file.write((sound * 32767).astype("<i2").tobytes())
            wanted -= samples
            if wanted <= 0:
                return hours * 3600
    return hours * 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "callscore-bench")
    arguments = parser.parse_args()
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "long.wav"
        length_s = joined(arguments.audio, arguments.hours, recording)
        print(
            f"recording of {length_s / 3600:.2f} h, {recording.stat().st_size / MIB:.0f} MiB; memory by then "
            f"{process.memory_info().rss / MIB:.0f} MiB"
        )
        engine = SpeechEngine.load(model="auto", data_dir=arguments.data_dir)
        print(f"model loaded: {process.memory_info().rss / MIB:.0f} MiB, peak {peak_mib():.0f} MiB", flush=True)
        started, reported = time.monotonic(), 0.0

        def report(share: float) -> None:
            nonlocal reported
            if share - reported >= 0.05:
                reported = share
                print(
                    f"{share:5.0%}  {time.monotonic() - started:6.0f} s  {process.memory_info().rss / MIB:.0f} MiB",
                    flush=True,
                )

        transcript = engine.transcribe(recording, language=None, on_progress=report, max_duration_s=1e6)
        seconds = time.monotonic() - started
    print(
        f"{seconds:.0f} s, {length_s / seconds:.1f}x real time, peak {peak_mib():.0f} MiB; "
        f"{sum(len(item.words) for item in transcript.utterances)} words"
    )


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
