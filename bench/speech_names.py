"""What telling the recognizer names is worth: names heard, names heard that nobody said, and WER, with and without.

    python -m bench.speech_names AUDIO LABELS NAMES [--only en-dev-01 ...] [--told none own all others] [--keep FILE]

AUDIO and LABELS as in bench/speech.py; NAMES is JSON `{"ID": {"own": [...], "customer": [...]}, ...}`: who calls (rep, company, product) and whom (people,
companies). Told are none, the caller's own names, all names of the call, or all and the own names of every other call in the language (too many, most of them
wrong). A name counts word by word, and as heard where a word begins as it does (case endings do not matter).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jiwer

from bench.speech import SPEAKERS, calls, normal
from workers.speech.engine import SpeechEngine

TOLD = ("none", "own", "all", "others")
Names = Mapping[str, Mapping[str, list[str]]]


def told(kind: str, call: str, names: Names) -> list[str]:
    own, customer = names[call]["own"], names[call]["customer"]
    if kind == "none":
        return []
    if kind == "own":
        return own
    rest = [name for other, of in names.items() if other != call and other[:2] == call[:2] for name in of["own"]]
    return [*own, *customer] if kind == "all" else [*own, *customer, *rest]


def stems(names: Iterable[str]) -> set[str]:
    """How a name's words begin, whatever their ending."""
    return {word[: max(3, len(word) - 2)] for name in names for word in normal(name).split()}


def counted(text: str, wanted: set[str]) -> Counter[str]:
    """How often words that begin like this occur."""
    return Counter(stem for word in normal(text).split() for stem in wanted if word.startswith(stem))


def judged(texts: Mapping[str, str], label: dict[str, Any], wanted: set[str], all_known: set[str]) -> dict[str, Any]:
    reference = {s: " ".join(turn["text"] for turn in label["turns"] if turn["speaker"] == s) for s in SPEAKERS}
    said, heard = counted(" ".join(reference.values()), wanted), counted(" ".join(texts.values()), wanted)
    extra = counted(" ".join(texts.values()), all_known) - counted(" ".join(reference.values()), all_known)
    return {
        "language": label["language"],
        "said": said.total(),
        "heard": (said & heard).total(),
        "invented": dict(extra),
        "pairs": [[normal(reference[speaker]), normal(texts[speaker])] for speaker in SPEAKERS],
    }


def table(results: dict[str, dict[str, Any]]) -> str:
    lines = ["| told | language | names heard | names invented | WER |", "|---|---|---|---|---|"]
    for kind in [kind for kind in TOLD if kind in results]:
        for language in sorted({call["language"] for call in results[kind].values()}):
            of = [call for call in results[kind].values() if call["language"] == language]
            said, heard = sum(call["said"] for call in of), sum(call["heard"] for call in of)
            invented = sum(sum(call["invented"].values()) for call in of)
            pairs = [pair for call in of for pair in call["pairs"]]
            wer = jiwer.wer([reference for reference, _ in pairs], [text for _, text in pairs])
            lines.append(f"| {kind} | {language} | {heard} of {said} | {invented} | {wer:.1%} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("names", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="ID")
    parser.add_argument("--told", nargs="*", choices=TOLD, default=list(TOLD))
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "callscore-bench")
    parser.add_argument("--keep", type=Path, help="results of this and earlier runs")
    arguments = parser.parse_args()
    results = json.loads(arguments.keep.read_text()) if arguments.keep and arguments.keep.exists() else {}
    names: Names = json.loads(arguments.names.read_text(encoding="utf-8"))
    engine = SpeechEngine.load(model="auto", data_dir=arguments.data_dir)
    for kind in arguments.told:
        started = time.monotonic()
        for path, label in calls(arguments.audio, arguments.labels, arguments.only):
            language = [of for other, of in names.items() if other[:2] == path.stem[:2]]
            known = stems(name for of in language for group in of.values() for name in group)
            transcript = engine.transcribe(
                path, language=label["language"], max_duration_s=1e6, names=told(kind, path.stem, names)
            )
            texts = {s: " ".join(u.text for u in transcript.utterances if u.speaker == s) for s in SPEAKERS}
            wanted = stems(name for group in names[path.stem].values() for name in group)
            results.setdefault(kind, {})[path.stem] = judged(texts, label, wanted, known)
        print(f"{kind}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        if arguments.keep:
            arguments.keep.write_text(json.dumps(results, ensure_ascii=False), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
