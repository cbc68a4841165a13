"""A call and its transcript -> what a scorecard's transaction stores: shared by scoring and scoring again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from service.logs import get_logger
from service.packs import PackLibrary
from service.published import PublishedPacks
from service.scoring.errors import PackError, StoreUnavailable
from service.scoring.flags import mean_confidence
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings
from service.scoring.scorecard import CallContext, score
from service.scoring.transcript import Transcript
from service.store.records import Call
from workers.attempt import pack_problems
from workers.process import WorkerProcess

log = get_logger()


class Process(WorkerProcess):
    """A process with the rule packs in memory."""

    @cached_property
    def packs(self) -> PackLibrary:
        return PackLibrary(self.settings.effective_rules_dir, published=PublishedPacks(self.database))

    def warm_up(self) -> None:
        """Build the default pack in all its languages, while the first recordings are still being transcribed."""
        script = self.settings.default_script
        try:
            languages = self.packs.languages(script)
        except StoreUnavailable as error:
            log.warning("rule packs not built yet: the database is away", problem=str(error))
            return
        for language in languages:
            try:
                self.packs.load(script, language)
            except PackError as error:
                # Other packs can be used; each call with this one fails with the same words, to be retried.
                problem = pack_problems(script, error)
                log.error("the default rule pack cannot be used", language=language, problem=problem)  # noqa: TRY400


@dataclass(frozen=True, slots=True)
class Judgement:
    """`rulings` are what of the pack reviews need, `confidence` the recognizer's mean (0..1), None for text."""

    scorecard: Scorecard
    rulings: Rulings
    confidence: float | None


def judge(packs: PackLibrary, call: Call, transcript: Transcript) -> Judgement:
    """Score the transcript by the rules as they stand now.

    Raises:
        PackError, LanguageUnsupported, TranscriptInvalid.
    """
    pack = packs.load(call.script, transcript.language)
    context = CallContext(direction=call.direction, role=call.rep.role, rep_registered=call.rep.registered)
    return Judgement(score(transcript, pack, context), Rulings.of(pack), mean_confidence(transcript))
