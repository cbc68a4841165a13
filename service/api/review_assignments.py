"""Giving calls of the review queue to colleagues, and who has what."""

from __future__ import annotations

from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.problems import invalid
from service.api.routing import guarded_router, problems
from service.api.schemas_assignments import Assigned, Assignment, LeftOut, Reviewer, ReviewerList
from service.api.validation import FieldError
from service.scoring.errors import CallClaimed, CallNotFound, CallStateWrong, ScorecardNotReady
from service.store.records_reviews import Holding

router = guarded_router("reviews")
_NOTHING = Holding(0, 0)


@router.put(
    "/review/assignments",
    operation_id="assign_calls",
    summary="Give calls to a reviewer",
    response_model=Assigned,
    responses=problems("body_too_large", "malformed_request"),
)
def assign_calls(wish: Assignment, services: ServicesDep, asker: AskerDep) -> Assigned:
    """They stay the reviewer's until reviewed or given to somebody else. What cannot be given is left out and named: reviewed already,
    somebody else is at it, not yours to see.
    """
    now = services.now()
    assigned, left_out = [], []
    with services.database.transaction() as tx:
        to = None
        if wish.to is not None:
            if wish.to not in {user.id for user in tx.users.reviewers()}:
                message = "must be the id of a user who may review and can log in; see GET /v1/review/reviewers"
                raise invalid([FieldError("to", message)])
            to = f"user:{wish.to}"
        # In one order: two who give away the same calls at once would wait for each other.
        for call_id in sorted(set(wish.calls)):
            try:
                visible_call(tx, call_id, asker)
                tx.assignments.assign(call_id, to, now=now)
            except (CallNotFound, ScorecardNotReady, CallStateWrong, CallClaimed) as error:
                left_out.append(LeftOut(call_id=call_id, code=error.code, detail=str(error)))
                continue
            tx.audit.write(asker.name, "review.assign", f"call:{call_id}", now=now, detail={"to": to})
            assigned.append(call_id)
    return Assigned(assigned=assigned, left_out=left_out)


@router.get(
    "/review/reviewers",
    operation_id="list_reviewers",
    summary="Who reviews, and who has what",
    response_model=ReviewerList,
    responses=problems(),
)
def list_reviewers(services: ServicesDep, asker: AskerDep) -> ReviewerList:
    """All QA leads and admins who can log in."""
    with services.database.read() as tx:
        held = tx.assignments.held(now=services.now(), team_id=asker.team_id)
        found = tx.users.reviewers()
    return ReviewerList(
        items=[
            Reviewer(
                user_id=user.id,
                name=user.name or user.email,
                at_now=(has := held.get(f"user:{user.id}", _NOTHING)).at_now,
                assigned=has.assigned,
            )
            for user in found
        ]
    )
