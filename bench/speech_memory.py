"""Memory of one process: the peak of one long two-channel recording, made by joining the calls of a folder, or that of many short ones.

    python -m bench.speech_memory AUDIO [--hours 2] [--share 0.1]
    python -m bench.speech_memory AUDIO --calls 200

With `--share` only that share of a long recording's batches is recognized; the others get as many made-up words, which costs the memory and not the time.
Short calls are pieces of 5 to 20 s of the folder's calls, cut with a fixed seed, one after the other through the same engine as a worker does.
"""

from __future__ import annotations

import argparse
import io
import itertools
import resource
import struct
import tempfile
import time
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import psutil

from service.scoring.transcript import Word
from workers.speech.audio import decode
from workers.speech.engine import SpeechEngine
from workers.speech.heard import Heard
from workers.speech.model import resolve_model
from workers.speech.outline import outline
from workers.speech.recording import Recording
from workers.speech.spans import SAMPLE_RATE_HZ, Span
from workers.speech.transcriber import Sound
from workers.speech.whisper import Recognizer

MIB = 1024 * 1024
SEED, SHORTEST_S, LONGEST_S = 20, 5.0, 20.0


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


def piece(call: Recording, draw: np.random.Generator) -> io.BytesIO:
    """A stretch of a call as a WAV file in memory."""
    samples = int(draw.uniform(SHORTEST_S, LONGEST_S) * SAMPLE_RATE_HZ)
    start = int(draw.integers(max(1, call.samples - samples)))
    sound = np.stack([call.read(channel, Span(start, start + samples)) for channel in range(call.channels)], axis=1)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(sound.shape[1])
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    file.seek(0)
    return file


def many(folder: Path, count: int, data_dir: Path) -> None:
    """Print the memory after every tenth part of `count` short calls."""
    process, draw = psutil.Process(), np.random.default_rng(SEED)
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in {".wav", ".mp3", ".ogg"}]
    engine = SpeechEngine.load(model="auto", data_dir=data_dir)
    print(f"model loaded: {process.memory_info().rss / MIB:.0f} MiB", flush=True)
    started, heard_s = time.monotonic(), 0.0
    for number in range(1, count + 1):
        with decode(paths[number % len(paths)], max_duration_s=1e6) as call:
            file = piece(call, draw)
        transcript = engine.transcribe(file, language=None, max_duration_s=1e6, on_recording=outline)
        heard_s += transcript.duration_s or 0.0
        if number % max(1, count // 10) == 0:
            print(
                f"{number} calls, {heard_s:.0f} s of sound, {time.monotonic() - started:.0f} s: "
                f"{process.memory_info().rss / MIB:.0f} MiB, peak {peak_mib():.0f} MiB",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--share", type=float, default=1.0, help="share of the batches that is recognized, 0..1")
    parser.add_argument("--calls", type=int, help="so many short calls instead of a long one")
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "callscore-bench")
    arguments = parser.parse_args()
    if arguments.calls:
        many(arguments.audio, arguments.calls, arguments.data_dir)
        return
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "long.wav"
        length_s = joined(arguments.audio, arguments.hours, recording)
        print(
            f"recording of {length_s / 3600:.2f} h, {recording.stat().st_size / MIB:.0f} MiB; memory by then "
            f"{process.memory_info().rss / MIB:.0f} MiB"
        )
        model = Recognizer(resolve_model("auto", arguments.data_dir))
        engine = SpeechEngine(Sampled(model, arguments.share), name="bench", scratch_dir=Path(folder))
        print(f"model loaded: {process.memory_info().rss / MIB:.0f} MiB, peak {peak_mib():.0f} MiB", flush=True)
        started, reported = time.monotonic(), 0.0

        def report(share: float) -> None:
            nonlocal reported
            if share - reported >= 0.05:
                reported = share
                print(
                    f"{share:5.0%}  {time.monotonic() - started:6.0f} s  {process.memory_info().rss / MIB:.0f} MiB, peak {peak_mib():.0f} MiB",
                    flush=True,
                )

        transcript = engine.transcribe(recording, language=None, on_progress=report, max_duration_s=1e6)
        words = sum(len(item.words) for item in transcript.utterances)
        seconds = time.monotonic() - started
    print(f"{seconds:.0f} s, {length_s / seconds:.1f}x real time, peak {peak_mib():.0f} MiB; {words} words")


class Sampled:
    """A recognizer that really recognizes every so manieth batch, and says made-up words for the others."""

    def __init__(self, model: Recognizer, share: float) -> None:
        self._model = model
        self._every = max(1, round(1 / share))
        self._batches = itertools.count()
        self.parallel, self.batch_size, self.longest_s = model.parallel, model.batch_size, model.longest_s

    def check_language(self, language: str) -> None:
        self._model.check_language(language)

    def language_probabilities(self, sound: Sound) -> Mapping[str, float]:
        return self._model.language_probabilities(sound)

    def recognize(self, windows: Sequence[Sound], language: str, names: Sequence[str] = ()) -> list[Heard]:
        if next(self._batches) % self._every == 0:
            return self._model.recognize(windows, language, names)
        ends_s = [len(window) / SAMPLE_RATE_HZ for window in windows]
        return [
            Heard(
                tuple(Word(f"word{number}", at, at + 0.3, 0.9) for number, at in enumerate(np.arange(0, end_s, 0.4))),
                -0.3,
                0.0,
            )
            for end_s in ends_s
        ]


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
