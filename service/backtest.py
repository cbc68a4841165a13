"""A changed rule pack against stored calls: what would move if it were put to use. Nothing is written.

For the command line and for pages; whoever calls it chooses the calls. Both sides are scored anew by the same engine, so that
what moves is the rules' doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.packs import PackLibrary
from service.scoring.backtest import Backtest, Case, Comparison
from service.scoring.errors import LanguageUnsupported, PackNotFound, ScorecardNotReady, TranscriptInvalid
from service.scoring.labels import LabelledCall
from service.scoring.lexicon import LANGUAGES
from service.scoring.parsing import PACK_FILE
from service.scoring.results import Scorecard
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript
from service.scoring.verdicts import labels_of
from service.store.database import Database
from service.store.records import Call, CallFilter

#: Calls read from the database at once.
CALLS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ChangedPack:
    """A pack to try: its id, the languages in which it was changed, and the library that reads it."""

    pack_id: str
    languages: tuple[str, ...]
    packs: PackLibrary


def changed_pack(folder: Path) -> ChangedPack:
    """The pack in a folder `.../LANGUAGE/PACK`, as it lies in a copy of the rules folder with the shared lists beside it.

    Raises:
        PackNotFound: the folder is no such pack; the message says what was expected.
    """
    folder = folder.resolve()
    language = folder.parent.name
    if language not in LANGUAGES or not (folder / PACK_FILE).is_file():
        expected = "|".join(LANGUAGES)
        raise PackNotFound(
            f"{folder} is no rule pack; expected RULES/{expected}/PACK with a {PACK_FILE} in it: copy the rules folder, change "
            "the copy, and name the pack's folder in it"
        )
    return ChangedPack(folder.name, (language,), PackLibrary(folder.parent.parent))


def backtest(
    cases: Iterable[Case], installed: PackLibrary, changed: ChangedPack, *, labelled: Iterable[LabelledCall] = ()
) -> Backtest:
    """Score every case by the rules in use and by the changed ones, and compare.

    `labelled` calls only count for the agreement with people. Cases in other languages than the changed pack's are left out, as
    are transcripts that cannot be scored.

    Raises:
        PackNotFound: no pack of this id and language is in use.
        PackError: one of the two packs has errors; it carries all of them.
    """
    for language in changed.languages:
        if language not in installed.languages(changed.pack_id):
            raise PackNotFound(
                f"no pack {changed.pack_id!r} is in use for language {language!r}; there is nothing to compare with"
            )
        changed.packs.load(changed.pack_id, language)
    comparison = Comparison()
    for case in cases:
        pair = _both(case.transcript, case.context, installed, changed)
        if pair is not None:
            comparison.add(case, *pair)
    for call in labelled:
        context = CallContext(direction=call.direction, role=call.role)
        pair = _both(call.transcript, context, installed, changed) if call.pack_id == changed.pack_id else None
        if pair is not None:
            comparison.judge(call, *pair)
    return comparison.result(installed.kpis())


def stored_cases(database: Database, wanted: CallFilter) -> Iterator[Case]:
    """The scored calls of a filter, newest first, with what reviewers said about them; some are in memory at a time.

    Raises:
        StoreUnavailable: the database cannot be read.
    """
    cursor: str | None = None
    while True:
        with database.read() as tx:
            page = tx.calls.list(wanted, limit=CALLS_AT_ONCE, cursor=cursor)
        for call in page.calls:
            case = _case(database, call)
            if case is not None:
                yield case
        cursor = page.next_cursor
        if cursor is None:
            return


def _case(database: Database, call: Call) -> Case | None:
    with database.read() as tx:
        try:
            transcript, judged = tx.transcripts.get(call.id), tx.reviews.get(call.id, now=datetime.now(UTC))
        except ScorecardNotReady:
            return None
    if transcript is None:
        return None
    context = CallContext(direction=call.direction, role=call.rep.role, rep_registered=call.rep.registered)
    people = labels_of(str(call.id), judged.effective, transcript, context) if judged.reviews else None
    name = call.rep.name or call.rep.external_id
    return Case(str(call.id), call.external_id, call.rep.external_id, name, context, transcript, people)


def _both(
    transcript: Transcript, context: CallContext, installed: PackLibrary, changed: ChangedPack
) -> tuple[Scorecard, Scorecard] | None:
    language = transcript.language
    if language not in changed.languages:
        return None
    try:
        with installed.alone():
            before = score(transcript, installed.load(changed.pack_id, language), context)
        with changed.packs.alone():
            after = score(transcript, changed.packs.load(changed.pack_id, language), context)
    except (LanguageUnsupported, TranscriptInvalid):
        return None
    return before, after
