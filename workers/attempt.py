"""One attempt at a step of a call, and what becomes of the call however the attempt ends.

done                        the work function has saved the result
lease lost                  nothing: the call is someone else's
worker stops                given back, at once free for the next worker; the attempt does not count
store or model away         given back; the sweeper tries again, as often as it takes
no rules for its language   set aside, flagged, with its words, until there are some
the recording is at fault   failed, with the reason; only a person can change that
anything else, or too slow  counted; tried again by the sweeper until the attempts are used up
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from service.logs import get_logger, log_context
from service.scoring.errors import (
    AudioTooLong,
    AudioUnreadable,
    CallNotFound,
    CallscoreError,
    LanguageUnsupported,
    ModelUnavailable,
    PackError,
    StoredTextDamaged,
    StoreUnavailable,
    TranscriptInvalid,
)
from service.store.records import Call, WorkStep
from workers.lease import Lease, LeaseLost, claim
from workers.process import WorkerProcess

#: What is wrong with the call itself; another attempt could only end the same way.
PERMANENT = (AudioUnreadable, AudioTooLong, LanguageUnsupported, TranscriptInvalid, StoredTextDamaged)
#: What is wrong around the call, and will be mended without it.
AWAY = (StoreUnavailable, ModelUnavailable)
#: What to do about a call without rules.
_MORE_RULES = (
    "its words are kept. Add a rule pack for this language and the call is scored by itself, or, if the language was taken "
    "wrongly, retry the call with the right one"
)
#: Problems of a pack that a call's error message names; `callscore rules check` shows all.
PROBLEMS_NAMED = 3

Work = Callable[[Call, Lease], None]

log = get_logger()


def attempt(process: WorkerProcess, call_id: UUID, step: WorkStep, work: Work) -> None:
    """Claim the call, do `work`, and see to it that the call is not lost. Without a claim nothing is done.

    Raises:
        SystemExit: the worker was told to stop, and the call is given back.
        StoreUnavailable: the database could not be asked; the call waits as before.
    """
    with log_context(call_id=str(call_id), step=step):
        claimed = claim(process.database, call_id, step, lease_s=process.settings.lease_s)
        if claimed is None:
            log.info("nothing to do: the call is in work elsewhere, or done")
            return
        call, lease = claimed
        try:
            with lease:
                work(call, lease)
        except SystemExit:
            lease.release()
            log.info("call given back: the worker stops")
            raise
        except (LeaseLost, CallNotFound):
            log.info("lease lost: the call went to another worker, or was erased")
        except LanguageUnsupported as error:
            if step == "score":
                lease.set_aside(code=error.code, message=f"{error}; {_MORE_RULES}")
            else:
                _failed(process, lease, error, call, step)
        except AWAY as error:
            lease.release()
            log.warning("call given back", code=error.code, problem=str(error))
        except Exception as error:
            if not isinstance(error, CallscoreError | SoftTimeLimitExceeded):
                log.exception("unforeseen error")
            _failed(process, lease, error, call, step)


def _failed(process: WorkerProcess, lease: Lease, error: Exception, call: Call, step: WorkStep) -> None:
    code, message = explain(error, call, step)
    permanent = isinstance(error, PERMANENT)
    lease.fail(code=code, message=message, permanent=permanent, max_attempts=process.settings.max_attempts)


def pack_problems(script: str, error: PackError) -> str:
    """What is wrong with a pack, in a line."""
    named = "; ".join(str(problem) for problem in error.problems[:PROBLEMS_NAMED])
    count = len(error.problems)
    return f"the rule pack '{script}' has {count} problems: {named}. Mend it (`callscore rules check` lists them all)"


def explain(error: Exception, call: Call, step: WorkStep) -> tuple[str, str]:
    """The code and the sentence for people. An unforeseen error's own text stays out: it may quote the call."""
    if isinstance(error, SoftTimeLimitExceeded):
        length = "of unknown length" if call.audio.duration_s is None else f"of {call.audio.duration_s:.0f} s"
        return "time_limit", (
            f"the {step} step of this recording {length} took longer than its time limit; give the worker more processor "
            "threads, a GPU or a smaller model, then retry the call"
        )
    if isinstance(error, PackError):
        return error.code, f"{pack_problems(call.script, error)}; then retry the call"
    if isinstance(error, CallscoreError):
        return error.code, str(error)
    return "internal", (
        f"the {step} step stopped with an unforeseen {type(error).__name__}; the worker's log has the details under "
        f"call_id {call.id}. Retry the call, and report the error if it comes again"
    )
