"""A trial of a draft, step by step: its own tests, a file at a time, or stored calls scored by both sides, a call at a time.

What a step finds is plain data, so that it can be stored and a killed worker's trial be gone on with. Nothing of it quotes a call or
names a customer or rep: calls and reps go by their ids, and whoever shows the result looks their names up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from service.packs import PackLibrary
from service.rule_files import PackFiles
from service.scoring.backtest import Case, Comparison
from service.scoring.errors import (
    CallNotFound,
    LanguageUnsupported,
    PackError,
    PackProblem,
    ScorecardNotReady,
    TranscriptInvalid,
)
from service.scoring.kpi import KpiDefinition
from service.scoring.pack import Pack
from service.scoring.pack_texts import is_test
from service.scoring.parsing import BASELINE_FOLDER, Parsed, pack_sha256
from service.scoring.results import Scorecard
from service.scoring.scorecard import CallContext, score
from service.scoring.stored_scorecard import scorecard_from_dict, without_words
from service.scoring.transcript import Transcript
from service.scoring.trials import try_pack
from service.scoring.verdicts import labels_of
from service.store.database import Database

#: Failed tests that are kept with their sentences; all are counted.
MOST_FAILURES = 300
#: Reps that are kept, those with most calls that move.
MOST_REPS = 200
#: Built packs that a process keeps: both sides of a trial, and the draft's next state.
_BUILT_KEPT = 3


class BuiltPacks:
    """Packs that are not in use, built once each, by the hash over their files."""

    def __init__(self, database: Database, packs: PackLibrary) -> None:
        self._database = database
        self._packs = packs
        self._built: dict[str, Parsed] = {}

    def get(self, files_sha256: str, pack_id: str, language: str) -> Parsed:
        """The pack with its tests and ordinary talk. Takes seconds the first time: its models are trained.

        Raises:
            PackError: the files have problems; it carries all of them.
            DraftUnknown, StoredTextDamaged, StoreUnavailable: the files cannot be had.
        """
        known = self._built.pop(files_sha256, None)
        if known is None:
            with self._database.read() as tx:
                files = PackFiles.of(tx.packs.texts(files_sha256)).files
            known = self._packs.inspect_files(files, pack_id, language)
            if known.problems or known.pack is None:
                raise PackError(known.problems or (PackProblem(pack_id, 1, "the files give no pack"),))
        # Put in again, so that the last used one is the last to go.
        self._built[files_sha256] = known
        while len(self._built) > _BUILT_KEPT:
            self._built.pop(next(iter(self._built)))
        return known

    def in_use(self, files_sha256: str, pack_id: str, language: str) -> Pack:
        """The side that a draft is compared with: the pack that calls are scored by, if it still is that one. Raises as `get`."""
        try:
            if pack_sha256(self._packs.files(pack_id, language), pack_id, language) == self._sha256(
                files_sha256, pack_id, language
            ):
                return self._packs.load(pack_id, language)
        except (LanguageUnsupported, PackError):
            pass
        pack = self.get(files_sha256, pack_id, language).pack
        assert pack is not None  # noqa: S101 - `get` hands out whole packs only
        return pack

    def _sha256(self, files_sha256: str, pack_id: str, language: str) -> str:
        with self._database.read() as tx:
            return pack_sha256(PackFiles.of(tx.packs.texts(files_sha256)).files, pack_id, language)


def steps_of_tests(paths: Iterable[str], pack_id: str, language: str) -> list[str]:
    """The files that are steps of a trial of a draft's own tests: test files of its rules, and ordinary talk."""
    own, talk = f"{language}/{pack_id}/", f"{language}/{BASELINE_FOLDER}/"
    return sorted(path for path in paths if (path.startswith(own) and is_test(path)) or path.startswith(talk))


def try_file(parsed: Parsed, path: str) -> dict[str, Any]:
    """The tests of one file."""
    assert parsed.pack is not None  # noqa: S101 - `BuiltPacks` hands out whole packs only
    tests = [part for part in parsed.tests if part.file == path]
    trial = try_pack(parsed.pack, tests, [entry for entry in parsed.baseline if entry.file == path])
    return {
        "rule": tests[0].rule if tests else None,
        "sentences": trial.sentences,
        "known_misses": trial.known_misses,
        "failures": [asdict(failure) for failure in trial.failures],
    }


def result_of_tests(steps: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """All files together. Ordinary talk has no rule of its own; what fired in it is named in its failures."""
    files: list[dict[str, Any]] = []
    failures: list[Any] = []
    for path, found in steps:
        files.append(
            {
                "file": path,
                "rule": found.get("rule"),
                "sentences": found.get("sentences", 0),
                "known_misses": found.get("known_misses", 0),
                "failures": len(found.get("failures", ())),
            }
        )
        failures += found.get("failures", ())
    return {
        "sentences": sum(file["sentences"] for file in files),
        "known_misses": sum(file["known_misses"] for file in files),
        "failed": len(failures),
        "files": files,
        "failures": failures[:MOST_FAILURES],
    }


def score_both(database: Database, call_id: UUID, before: Pack, after: Pack) -> dict[str, Any]:
    """One stored call by both sides, without its words; nothing for a call that is gone or cannot be scored."""
    with database.read() as tx:
        try:
            call, transcript = tx.calls.get(call_id), tx.transcripts.get(call_id)
            judged = tx.reviews.get(call_id, now=datetime.now(UTC))
        except (CallNotFound, ScorecardNotReady):
            return {}
    if transcript is None:
        return {}
    context = CallContext(direction=call.direction, role=call.rep.role, rep_registered=call.rep.registered)
    try:
        sides = [score(transcript, pack, context) for pack in (before, after)]
    except (LanguageUnsupported, TranscriptInvalid):
        return {}
    return {
        "rep": str(call.rep.id),
        "direction": call.direction,
        "role": call.rep.role,
        "before": _stored(sides[0]),
        "after": _stored(sides[1]),
        "people": _stored(judged.effective) if judged.reviews else None,
    }


def result_of_backtest(
    steps: Iterable[tuple[str, Mapping[str, Any]]], definitions: Sequence[KpiDefinition]
) -> dict[str, Any]:
    """What moves: `Backtest` as plain data; reps and calls by their ids."""
    comparison, skipped = Comparison(), 0
    for call_id, found in steps:
        if not found:
            skipped += 1
            continue
        before, after = (scorecard_from_dict(found[side]) for side in ("before", "after"))
        context = CallContext(direction=found["direction"], role=found["role"])
        wordless = Transcript(before.language, ())
        people = None
        if found["people"] is not None:
            people = labels_of(call_id, scorecard_from_dict(found["people"]), wordless, context)
        comparison.add(Case(call_id, "", found["rep"], "", context, wordless, people), before, after)
    result = asdict(comparison.result(definitions))
    result["reps_total"] = len(result["reps"])
    result["reps"] = [rep for rep in result["reps"] if rep["calls_moved"]][:MOST_REPS]
    result["calls_skipped"] = skipped
    return result


def _stored(scorecard: Scorecard) -> dict[str, Any]:
    return without_words(scorecard).to_dict()
