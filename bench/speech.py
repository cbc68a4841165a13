"""Speed, words and memory of the speech engine beside faster-whisper alone, on labelled two-channel recordings.

    python bench/speech.py AUDIO LABELS [--only en-dev-03 ...] [--engine accurate fast batched whisper] [--runs 3]

AUDIO holds ID.wav, ID.mp3 ..., LABELS the ID.json with the turns that were said (agent on the left channel). Every engine runs in
a process of its own on the same model files, all of them in every run; figures are medians and ranges of the runs. For callscore
the shares of the stages and the distance to the encoder's floor follow: the time that encoding the windows alone would take. WER is of lower-case words without punctuation; "ё" counts as "е", figures written as
digits count as wrong where the label spells them out, for all engines alike. On a machine with other work, compare the processor
seconds.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jiwer

ENGINES = {
    "accurate": "callscore, preset accurate",
    "fast": "callscore, preset fast",
    "batched": "BatchedInferencePipeline per channel, defaults",
    "whisper": "WhisperModel.transcribe per channel, defaults + VAD",
}
SPEAKERS = ("agent", "customer")


def normal(text: str) -> str:
    return " ".join(re.sub(r"[^\w']+", " ", text.lower().replace("ё", "е")).split())


def calls(audio: Path, labels: Path, only: list[str]) -> list[tuple[Path, dict[str, Any]]]:
    found = []
    for path in sorted(audio.iterdir()):
        label = labels / f"{path.stem}.json"
        if path.suffix != ".json" and label.is_file() and (not only or path.stem in only):
            found.append((path, json.loads(label.read_text(encoding="utf-8"))))
    return found


def callscore(data_dir: Path, preset: str, stages: dict[str, float]) -> Callable[[Path, str], tuple[str, str]]:
    from workers.speech import activities  # noqa: PLC0415
    from workers.speech import engine as module  # noqa: PLC0415  each process loads its engine only
    from workers.speech.search import Search  # noqa: PLC0415
    from workers.speech.whisper import Recognizer  # noqa: PLC0415

    timed(module, "decode", "decoding", stages)
    timed(activities, "_measured", "finding speech", stages)
    timed(Recognizer, "_features", "features", stages)
    timed(Recognizer, "_encode", "encoder", stages)
    timed(Search, "texts", "decoder", stages)
    timed(Recognizer, "_aligned", "word times", stages)
    engine = module.SpeechEngine.load(
        model="auto", data_dir=data_dir, preset="fast" if preset == "fast" else "accurate"
    )

    def run(path: Path, language: str) -> tuple[str, str]:
        said = engine.transcribe(path, language=language, max_duration_s=1e6).utterances
        texts = [" ".join(item.text for item in said if item.speaker == speaker) for speaker in SPEAKERS]
        return texts[0], texts[1]

    return run


def timed(owner: Any, name: str, stage: str, stages: dict[str, float]) -> None:
    """Count the seconds that threads spend in a function, under the stage's name; on a quiet machine that is their work."""
    function = getattr(owner, name)

    def counted(*arguments: Any, **options: Any) -> Any:
        started = time.monotonic()
        try:
            return function(*arguments, **options)
        finally:
            stages[stage] = stages.get(stage, 0.0) + time.monotonic() - started

    setattr(owner, name, counted)


def alone(data_dir: Path, *, batched: bool) -> Callable[[Path, str], tuple[str, str]]:
    from faster_whisper import BatchedInferencePipeline, WhisperModel  # noqa: PLC0415
    from faster_whisper.audio import decode_audio  # noqa: PLC0415

    from workers.speech.model import resolve_model  # noqa: PLC0415

    model = WhisperModel(str(resolve_model("auto", data_dir)), device="cpu", compute_type="int8")
    engine = BatchedInferencePipeline(model) if batched else model
    options: dict[str, Any] = {} if batched else {"vad_filter": True}

    def run(path: Path, language: str) -> tuple[str, str]:
        texts = []
        for channel in decode_audio(str(path), split_stereo=True):
            segments, _ = engine.transcribe(channel, language=language, word_timestamps=True, **options)
            texts.append("".join(segment.text for segment in segments))
        return texts[0], texts[1]

    return run


def measure(engine: str, audio: Path, labels: Path, only: list[str], data_dir: Path) -> dict[str, Any]:
    stages: dict[str, float] = {}
    run = (
        callscore(data_dir, engine, stages)
        if engine in ("accurate", "fast")
        else alone(data_dir, batched=engine == "batched")
    )
    result: dict[str, Any] = {"calls": {}, "stages": stages}
    for path, label in calls(audio, labels, only):
        started, worked = time.monotonic(), time.process_time()
        texts = run(path, label["language"])
        seconds, cpu_s = time.monotonic() - started, time.process_time() - worked
        words = {
            speaker: {
                "reference": normal(" ".join(turn["text"] for turn in label["turns"] if turn["speaker"] == speaker)),
                "heard": normal(text),
            }
            for speaker, text in zip(SPEAKERS, texts, strict=True)
        }
        result["calls"][path.stem] = {"language": label["language"], "seconds": seconds, "cpu_s": cpu_s, "words": words}
        print(f"  {engine} {path.stem}: {seconds:.1f} s, processor {cpu_s:.1f} s", file=sys.stderr, flush=True)
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result


def wer(result: dict[str, Any], language: str, speaker: str | None = None) -> float:
    pairs = [
        (said["reference"], said["heard"])
        for call in result["calls"].values()
        if call["language"] == language
        for name, said in call["words"].items()
        if speaker in (None, name)
    ]
    return float(jiwer.wer([reference for reference, _ in pairs], [heard for _, heard in pairs]))


def length_s(path: Path) -> float:
    from faster_whisper.audio import decode_audio  # noqa: PLC0415

    return len(decode_audio(str(path))) / 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="ID")
    parser.add_argument("--engine", nargs="*", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "callscore-bench")
    parser.add_argument("--json", type=Path, help="one engine's figures go here instead of being printed")
    arguments = parser.parse_args()
    if arguments.json is not None:
        figures = measure(arguments.engine[0], arguments.audio, arguments.labels, arguments.only, arguments.data_dir)
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
        return
    chosen = calls(arguments.audio, arguments.labels, arguments.only)
    total_s = sum(length_s(path) for path, _ in chosen)
    languages = sorted({label["language"] for _, label in chosen})
    print(f"{len(chosen)} recordings, {total_s:.0f} s")
    runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in arguments.engine}
    for number in range(arguments.runs):
        for engine in arguments.engine:
            print(f"run {number + 1} of {arguments.runs}: {ENGINES[engine]}", flush=True)
            runs[engine].append(apart(engine, arguments))
    for engine, figures in runs.items():
        print(summary(engine, figures, total_s, languages), flush=True)


def apart(engine: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """One run of one engine in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, __file__, str(arguments.audio), str(arguments.labels), "--engine", engine]
        command += ["--data-dir", str(arguments.data_dir), "--json", str(out), "--only", *arguments.only]
        subprocess.run(command, check=True)  # noqa: S603  this very file
        return dict(json.loads(out.read_text(encoding="utf-8")))


def summary(engine: str, runs: list[dict[str, Any]], total_s: float, languages: list[str]) -> str:
    def spread(values: list[float], unit: str) -> str:
        return f"{statistics.median(values):.1f}{unit} ({min(values):.1f}-{max(values):.1f})"

    seconds = [sum(call["seconds"] for call in run["calls"].values()) for run in runs]
    cpu_s = [sum(call["cpu_s"] for call in run["calls"].values()) for run in runs]
    words = "  ".join(
        f"WER {language} {wer(runs[0], language):.1%} (agent {wer(runs[0], language, 'agent'):.1%}, "
        f"customer {wer(runs[0], language, 'customer'):.1%})"
        for language in languages
    )
    lines = [
        f"{ENGINES[engine]}: {spread(seconds, ' s')}, {spread([total_s / value for value in seconds], 'x real time')}, "
        f"processor {spread(cpu_s, ' s')}, {words}, peak {max(run['peak_mib'] for run in runs):.0f} MiB"
    ]
    if stages := runs[0]["stages"]:
        whole = sum(stages.values())
        shares = ", ".join(f"{stage} {value / whole:.0%}" for stage, value in stages.items())
        lines.append(f"    {shares}; {whole / stages['encoder']:.1f} times the encoder's floor")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
