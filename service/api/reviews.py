"""Reviews of calls: what people decide about a scorecard."""

from __future__ import annotations

from uuid import UUID

from service.api.blind import refuse_blind
from service.api.decisions import refused
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.problems import Refused
from service.api.redaction import hidden_from, shown_quotes
from service.api.routing import guarded_router, problems
from service.api.schemas_reviews import CallReview, NewReview
from service.scoring.errors import DecisionsInvalid, ReviewConflict, ReviewOutdated
from service.scoring.results import Scorecard
from service.scoring.stored_scorecard import scorecard_from_dict
from service.scoring.transcript import Transcript
from service.store.reviews import changes
from service.store.transaction import Transaction

router = guarded_router("reviews")


@router.get(
    "/calls/{call_id}/review",
    operation_id="get_review",
    summary="What people decided about a call",
    response_model=CallReview,
    responses=problems("call_not_found", "scorecard_not_ready", "calibration_state_wrong"),
)
def get_review(call_id: UUID, services: ServicesDep, asker: AskerDep) -> CallReview:
    """The scorecard that counts, the decisions behind it, and `scorecard_id` and `version` for a review of your own."""
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        refuse_blind(tx, call_id, asker)
        review = CallReview.of(tx.reviews.get(call_id, now=services.now()))
        hidden = hidden_from(tx, call_id, asker)
    return review if hidden is None else review.model_copy(update={"effective": _shown(review, hidden)})


@router.post(
    "/calls/{call_id}/reviews",
    operation_id="create_review",
    summary="Review a call",
    status_code=201,
    response_model=CallReview,
    responses=problems(
        "call_not_found",
        "scorecard_not_ready",
        "review_outdated",
        "review_conflict",
        "call_claimed",
        "body_too_large",
        "malformed_request",
    ),
)
def create_review(call_id: UUID, new: NewReview, services: ServicesDep, asker: AskerDep) -> CallReview:
    """Decisions count at once, KPIs included; the machine's own verdicts stay. Points that are not mentioned stay as they are.

    409 `review_conflict`: somebody reviewed it meanwhile, `current` is what is there now. 409 `review_outdated`: it was
    scored anew meanwhile, `changes` is what is different. Nothing is stored in either case.
    """
    now = services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        try:
            reviewed = tx.reviews.submit(call_id, new.stored(), reviewer=asker.name, now=now)
        except DecisionsInvalid as error:
            raise refused(error, "decisions") from None
        except ReviewConflict as error:
            there = CallReview.of(tx.reviews.get(call_id, now=now))
            raise Refused("review_conflict", str(error), current=there.model_dump(mode="json")) from None
        except ReviewOutdated as error:
            raise _outdated(tx, call_id, new.scorecard_id, error) from None
        latest = reviewed.reviews[-1]
        detail = {"verdict": latest.verdict, "version": latest.version, "decisions": len(new.decisions)}
        told = tx.outbox.review_completed(
            call_id, review_id=latest.id, verdict=latest.verdict, overrides=len(new.decisions), now=now
        )
        if told:
            tx.after_commit(services.queue.send_deliver)
        tx.audit.write(asker.name, "call.review", f"call:{call_id}", now=now, detail=detail)
    return CallReview.of(reviewed)


def _shown(review: CallReview, hidden: Transcript) -> Scorecard:
    return scorecard_from_dict(shown_quotes(review.effective.to_dict(), hidden))


def _outdated(tx: Transaction, call_id: UUID, looked_at: UUID, error: ReviewOutdated) -> Refused:
    before, after = tx.scorecards.get(call_id, looked_at), tx.scorecards.current(call_id)
    if before is None:
        return Refused(
            "review_outdated", f"the call has no scorecard {looked_at}; look at it, then send its scorecard_id"
        )
    return Refused(
        "review_outdated",
        str(error),
        changes=changes(scorecard_from_dict(before), scorecard_from_dict(after or before)),
    )
