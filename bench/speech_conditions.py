"""Words of the speech engine under bad conditions: noise, the other party's voice in a channel, lost packets.

    python -m bench.speech_conditions AUDIO LABELS [--only en-dev-03 ...] [--condition clean white-20 ...] [--keep FILE]

AUDIO holds ID.wav, ID.mp3 ... and ID.times.json (when each turn was said), LABELS the ID.json with the turns. Conditions are made from
the recordings with seeds that are fixed for the first, second ... of a run, so that the same run hears the same:

    clean                 as recorded
    white-N, babble-N     noise N dB below the channel's speech; babble is six voices of other recordings at once
    bleed-N               each channel, silent but for its own turns, with the other one N dB below
    loss-N                N % of the frames of 20 ms are lost (zeros), each for itself

For each language: WER as in bench/speech.py, of all words and of those that are not marked as doubtful, and the unmarked words on the wrong side: said
while only the other party talks. `--keep` gathers the results of several runs in a file; the table is of all that it holds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import numpy.typing as npt

from bench.speech import SPEAKERS, calls, normal
from service.scoring.transcript import Transcript
from workers.speech.audio import decode
from workers.speech.engine import SpeechEngine
from workers.speech.presets import Preset
from workers.speech.spans import SAMPLE_RATE_HZ, Span

Sound = npt.NDArray[np.float32]
CONDITIONS = (
    "clean", "white-20", "white-10", "babble-20", "babble-10", "bleed-25", "bleed-30", "bleed-40", "loss-1", "loss-3", "loss-5",
)  # fmt: skip
SEED = 20
BABBLE_VOICES = 6
FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
#: Around its turns a channel keeps what was recorded; elsewhere it has the noise of a quiet line, in dB of full scale.
TURN_MARGIN_S, LINE_NOISE_DB = 0.3, -65.0
#: A word this close to a turn of its own party is on the right side.
OWN_TURN_S = 0.5


def sound_of(path: Path) -> Sound:
    """Both channels, float32 (2, samples) at 16 kHz."""
    with decode(path, max_duration_s=1e6) as call:
        whole = Span(0, call.samples)
        return np.stack([call.read(channel, whole) for channel in range(call.channels)])


def made(condition: str, sound: Sound, turns: list[dict[str, Any]], others: list[Sound], seed: int) -> Sound:
    """A recording under a condition."""
    kind, _, text = condition.partition("-")
    level = float(text or 0)
    draw = np.random.default_rng([SEED, seed])
    if kind == "white":
        return with_noise(sound, draw.standard_normal(sound.shape).astype(np.float32), turns, level)
    if kind == "babble":
        return with_noise(sound, babble(sound.shape[1], others, draw), turns, level)
    if kind == "bleed":
        own = np.stack([gated(sound[side], side, turns, draw) for side in (0, 1)])
        return own + own[::-1] * np.float32(10 ** (-level / 20))
    if kind == "loss":
        lost = draw.random((2, -(-sound.shape[1] // FRAME_SAMPLES))) < level / 100
        return sound * ~np.repeat(lost, FRAME_SAMPLES, axis=1)[:, : sound.shape[1]]
    return sound


def with_noise(sound: Sound, noise: Sound, turns: list[dict[str, Any]], snr_db: float) -> Sound:
    """Each channel with noise `snr_db` below what is said in it."""
    result = []
    for side in (0, 1):
        said = np.concatenate([sound[side, a:b] for a, b in spans(turns, side)])
        scale = np.sqrt(np.mean(said**2) / np.mean(noise[side] ** 2)) * 10 ** (-snr_db / 20)
        result.append(sound[side] + noise[side] * np.float32(scale))
    return np.stack(result)


def babble(samples: int, others: list[Sound], draw: np.random.Generator) -> Sound:
    """Several people talking at once, others in each channel."""
    voices = [voice for sound in others for voice in sound]
    total = np.zeros((2, samples), dtype=np.float32)
    for side in (0, 1):
        for index in draw.permutation(len(voices))[:BABBLE_VOICES]:
            voice = np.resize(voices[index], samples + 1)
            total[side] += np.roll(voice, int(draw.integers(samples)))[:samples] / np.float32(np.std(voice))
    return total


def gated(channel: Sound, side: int, turns: list[dict[str, Any]], draw: np.random.Generator) -> Sound:
    """A channel with its own turns, and a quiet line between them."""
    open_ = np.zeros(len(channel), dtype=np.float32)
    for first, last in spans(turns, side, TURN_MARGIN_S):
        open_[first:last] = 1
    noise = draw.standard_normal(len(channel)).astype(np.float32) * np.float32(10 ** (LINE_NOISE_DB / 20))
    return channel * open_ + noise


def spans(turns: list[dict[str, Any]], side: int, margin_s: float = 0.0) -> Iterable[tuple[int, int]]:
    """The samples of a party's turns."""
    for turn in turns:
        if turn["speaker"] == SPEAKERS[side]:
            start, end = max(0.0, turn["start"] - margin_s), turn["end"] + margin_s
            yield int(start * SAMPLE_RATE_HZ), int(end * SAMPLE_RATE_HZ)


def write(path: Path, sound: Sound) -> None:
    """16-bit stereo WAV."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes())


def judged(transcript: Transcript, label: dict[str, Any], turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Texts of both sides, and how many unmarked words stand on the wrong one."""
    texts: dict[str, dict[str, str]] = {}
    wrong: list[str] = []
    words = 0
    for speaker in SPEAKERS:
        said = [item for item in transcript.utterances if item.speaker == speaker]
        sure = [
            word
            for item in said
            for index, word in enumerate(item.words)
            if not any(mark.first <= index <= mark.last for mark in item.marks)
        ]
        words += len(sure)
        wrong += [word.text for word in sure if not near(word.start_s, word.end_s, speaker, turns, OWN_TURN_S)]
        texts[speaker] = {
            "reference": normal(" ".join(turn["text"] for turn in label["turns"] if turn["speaker"] == speaker)),
            "all": normal(" ".join(item.text for item in said)),
            "unmarked": normal(" ".join(word.text for word in sure)),
        }
    return {"language": label["language"], "texts": texts, "words": words, "wrong": wrong}


def near(start_s: float, end_s: float, speaker: str, turns: list[dict[str, Any]], margin_s: float) -> bool:
    """True if a word lies in, or close to, a turn of this party."""
    own = (turn for turn in turns if turn["speaker"] == speaker)
    return any(turn["start"] - margin_s < end_s and start_s < turn["end"] + margin_s for turn in own)


def table(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        "| condition | language | WER | WER of unmarked words | unmarked words on the wrong side |",
        "|---|---|---|---|---|",
    ]
    for condition in [name for name in CONDITIONS if name in results]:
        found = list(results[condition].values())
        for language in sorted({call["language"] for call in found}):
            of = [call for call in found if call["language"] == language]
            sides = [side for call in of for side in call["texts"].values()]
            reference = [side["reference"] for side in sides]
            wer = [jiwer.wer(reference, [side[kind] for side in sides]) for kind in ("all", "unmarked")]
            wrong, words = sum(len(call["wrong"]) for call in of), sum(call["words"] for call in of)
            lines.append(f"| {condition} | {language} | {wer[0]:.1%} | {wer[1]:.1%} | {wrong} of {words} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="ID")
    parser.add_argument("--condition", nargs="*", choices=CONDITIONS, default=list(CONDITIONS))
    parser.add_argument("--preset", choices=("accurate", "fast"), default="accurate")
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "callscore-bench")
    parser.add_argument("--keep", type=Path, help="results of this and earlier runs")
    arguments = parser.parse_args()
    results = json.loads(arguments.keep.read_text()) if arguments.keep and arguments.keep.exists() else {}
    preset: Preset = arguments.preset
    engine = SpeechEngine.load(model="auto", data_dir=arguments.data_dir, preset=preset)
    known = calls(arguments.audio, arguments.labels, [])
    sounds = {path.stem: sound_of(path) for path, _ in known}
    chosen = [(path, label) for path, label in known if not arguments.only or path.stem in arguments.only]
    with tempfile.TemporaryDirectory() as folder:
        for condition in arguments.condition:
            started = time.monotonic()
            for number, (path, label) in enumerate(chosen):
                times = json.loads((path.parent / f"{path.stem}.times.json").read_text(encoding="utf-8"))
                others = [sound for name, sound in sounds.items() if name != path.stem]
                target = Path(folder) / f"{path.stem}-{condition}.wav"
                write(target, made(condition, sounds[path.stem], times["turns"], others, number))
                heard = engine.transcribe(target, language=label["language"], max_duration_s=1e6)
                results.setdefault(condition, {})[path.stem] = judged(heard, label, times["turns"])
            print(f"{condition}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            if arguments.keep:
                arguments.keep.write_text(json.dumps(results, ensure_ascii=False), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
