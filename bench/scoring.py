"""What scoring a call costs, as ratios within one run: `python -m bench.scoring [ru|en]`.

Times are CPU seconds of this process, so that a busy machine changes the ratios little.

    tokenize    cutting a call into words with lemmas, the yardstick
    hits        finding every rule's hits (the call already cut)
    score       the whole scorecard, from transcript to result
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path

from service.packs import PackLibrary
from service.scoring.dialogue import Dialogue
from service.scoring.language import pipeline
from service.scoring.matching import find_hits
from service.scoring.pack import Pack
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript, Utterance

ROOT = Path(__file__).resolve().parent.parent
CALLS = ROOT / "tests" / "fixtures" / "dialogues"
TURNS_OF_A_CALL = 25
#: Goals: at least this many calls a second on one core, at most this many times the cost of tokenizing.
CALLS_PER_SECOND = 60
TIMES_TOKENIZING = 8.0
ROUNDS = 5
LENGTHS = (25, 250, 2500)


def main(languages: Iterable[str]) -> None:
    """Print the figures of each language."""
    library = PackLibrary(ROOT / "scripts_rules")
    for language in languages:
        pack = library.load("b2b_sales", language)
        utterances = _utterances(language)
        calls = _calls(language, utterances, TURNS_OF_A_CALL)
        patterns = sum(len(ways) for ways in pack.matcher.ways.values())
        print(
            f"{language}: {len(pack.rules)} rules, {patterns} patterns, {len(calls)} calls of {TURNS_OF_A_CALL} turns"
        )
        _costs(calls, pack)
        _lengths(language, utterances, pack)


def _utterances(language: str) -> list[Utterance]:
    files = sorted(CALLS.glob(f"{language}-*.json"))
    turns = [turn for file in files for turn in json.loads(file.read_text(encoding="utf-8"))["turns"]]
    return [Utterance(turn["speaker"], turn["text"]) for turn in turns]


def _calls(language: str, utterances: list[Utterance], turns: int) -> list[Transcript]:
    starts = range(0, len(utterances) - turns + 1, turns)
    return [Transcript(language, tuple(utterances[start : start + turns])) for start in starts]


def _seconds(work: Callable[[Transcript], object], calls: list[Transcript]) -> float:
    """CPU seconds a call, the best of some rounds after one to warm up."""
    best = float("inf")
    for number in range(ROUNDS + 1):
        start = time.process_time()
        for call in calls:
            work(call)
        if number:
            best = min(best, (time.process_time() - start) / len(calls))
    return best


def _costs(calls: list[Transcript], pack: Pack) -> None:
    language = pipeline(pack.language)
    context = CallContext(direction="outbound", role="sdr")
    dialogues = {id(call): Dialogue.of(call, pack) for call in calls}
    tokenize = _seconds(lambda call: [language.words(utterance.text) for utterance in call.utterances], calls)
    hits = _seconds(lambda call: find_hits(dialogues[id(call)], pack), calls)
    whole = _seconds(lambda call: score(call, pack, context), calls)
    print(f"  tokenize {tokenize * 1000:6.2f} ms a call      1.0 x")
    print(f"  hits     {hits * 1000:6.2f} ms a call   {hits / tokenize:6.1f} x")
    print(
        f"  score    {whole * 1000:6.2f} ms a call   {whole / tokenize:6.1f} x   goal: at most {TIMES_TOKENIZING:g} x"
    )
    print(f"  {1 / whole:6.0f} calls a second on one core     goal: at least {CALLS_PER_SECOND}")


def _lengths(language: str, utterances: list[Utterance], pack: Pack) -> None:
    context = CallContext(direction="outbound", role="sdr")
    first: float | None = None
    for turns in LENGTHS:
        call = Transcript(language, tuple(islice(cycle(utterances), turns)))
        a_turn = _seconds(lambda transcript: score(transcript, pack, context), [call]) / turns
        first = first or a_turn
        print(f"  {turns:5d} turns {a_turn * 1000:6.3f} ms a turn   {a_turn / first:5.2f} x   goal: no growth")


if __name__ == "__main__":
    main(sys.argv[1:] or ("ru", "en"))
