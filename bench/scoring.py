"""What scoring a call costs, as ratios within one run: `python -m bench.scoring [ru|en]`.

Times are CPU seconds of this process, so that a busy machine changes the ratios little.

    tokenize    cutting a call into words with lemmas, every word met before
    new         the same, no word met before (a service is between the two)
    read        the same, and into sentences and turns with fillers told apart
    hits        finding every rule's hits (the call already read)
    score       the whole scorecard, from transcript to result
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from service.packs import PackLibrary
from service.scoring.dialogue import Dialogue
from service.scoring.language import Pipeline, pipeline
from service.scoring.matching import find_hits
from service.scoring.pack import Pack
from service.scoring.parsing import parse
from service.scoring.scorecard import CallContext, score
from service.scoring.source import Node, RawFile
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
        _rules(library, language, calls)


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
    figures = {
        "tokenize": tokenize,
        "new": _first_time(pack.language, calls),
        "read": _seconds(lambda call: Dialogue.of(call, pack), calls),
        "hits": _seconds(lambda call: find_hits(dialogues[id(call)], pack), calls),
        "score": _seconds(lambda call: score(call, pack, context), calls),
    }
    for name, seconds in figures.items():
        times = "".join(
            f"{seconds / figures[yardstick]:7.1f} x {yardstick}" for yardstick in ("tokenize", "read", "new")
        )
        print(f"  {name:9}{seconds * 1000:6.2f} ms a call {times}")
    print(f"  goal: score at most {TIMES_TOKENIZING:g} x")
    print(f"  {1 / figures['score']:6.0f} calls a second on one core     goal: at least {CALLS_PER_SECOND}")


def _first_time(language: str, calls: list[Transcript]) -> float:
    """CPU seconds a call for words that were never met: a pipeline with nothing remembered."""
    best = float("inf")
    for _ in range(ROUNDS):
        fresh = Pipeline(language)
        fresh.words("")
        start = time.process_time()
        for call in calls:
            for utterance in call.utterances:
                fresh.words(utterance.text)
        best = min(best, (time.process_time() - start) / len(calls))
    return best


def _lengths(language: str, utterances: list[Utterance], pack: Pack) -> None:
    context = CallContext(direction="outbound", role="sdr")
    first: float | None = None
    for turns in LENGTHS:
        call = Transcript(language, tuple(islice(cycle(utterances), turns)))
        a_turn = _seconds(lambda transcript: score(transcript, pack, context), [call]) / turns
        first = first or a_turn
        print(f"  {turns:5d} turns {a_turn * 1000:6.3f} ms a turn   {a_turn / first:5.2f} x   goal: no growth")


def _rules(library: PackLibrary, language: str, calls: list[Transcript]) -> None:
    """The cost of searching against the number of templates: every eighth, fourth, second, and all of them."""
    files = library.read(language)
    whole: tuple[int, float] | None = None
    for part in (1, 2, 4, 8):
        pack = parse({path: _thinned(file, part) for path, file in files.items()}, "b2b_sales", language).pack
        if pack is None:
            continue
        dialogues = {id(call): Dialogue.of(call, pack) for call in calls}
        templates = len({(way.rule, way.template) for ways in pack.matcher.ways.values() for way in ways})
        seconds = _seconds(lambda call: find_hits(dialogues[id(call)], pack), calls)  # noqa: B023 - called at once
        whole = whole or (templates, seconds)
        print(
            f"  {templates:5d} templates {seconds * 1000:6.2f} ms a call   {templates / whole[0]:5.2f} of the templates, "
            f"{seconds / whole[1]:5.2f} of the time"
        )


def _thinned(file: RawFile, part: int) -> RawFile:
    """A rule file with every n-th phrase only, examples untouched."""
    root = file.root
    if part == 1 or root is None or not isinstance(root.value, Mapping) or "phrases" not in root.value:
        return file
    phrases = root.value["phrases"]
    if not isinstance(phrases.value, tuple):
        return file
    fewer = Node(phrases.value[::part], phrases.line)
    return replace(file, root=Node({**root.value, "phrases": fewer}, root.line))


if __name__ == "__main__":
    main(sys.argv[1:] or ("ru", "en"))
