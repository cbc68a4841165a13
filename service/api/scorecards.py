"""Scorecards: the one that counts, and those before it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import JSONResponse

from service.api.blind import refuse_blind
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.problems import Refused
from service.api.redaction import hidden_from, shown_quotes
from service.api.routing import guarded_router, problems
from service.api.schemas_calls import ScorecardHistory, ScorecardVersion
from service.api.schemas_reviews import CallReview
from service.api.schemas_scorecards import ExplainedScorecard, Explanation
from service.packs import PackLibrary
from service.scoring.errors import LanguageUnsupported
from service.scoring.explaining import nearest_to_items
from service.scoring.results import Scorecard
from service.scoring.scorecard import ENGINE_VERSION
from service.scoring.transcript import Transcript

router = guarded_router("calls")


@router.get(
    "/calls/{call_id}/scorecard",
    operation_id="get_scorecard",
    summary="How the call was scored, and why",
    response_class=JSONResponse,
    responses={
        200: {"model": ExplainedScorecard, "description": "Every point with the words behind it."},
        **problems("call_not_found", "scorecard_not_ready", "calibration_state_wrong", "pack_invalid"),
    },
)
def get_scorecard(
    call_id: UUID,
    services: ServicesDep,
    asker: AskerDep,
    explain: Annotated[
        bool, Query(description="Add to every missed item what came nearest to it, by the rules as they stand now.")
    ] = False,
) -> JSONResponse:
    """Script items, the objection ledger, violations and flags, as the machine found them; `utterance` counts from 0 in the
    transcript. `review` is what people decided about it, with the scorecard that counts.
    """
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        refuse_blind(tx, call_id, asker)
        scorecard = tx.scorecards.current(call_id)
        review = None if scorecard is None else CallReview.of(tx.reviews.get(call_id, now=services.now()))
        transcript = tx.transcripts.get(call_id) if explain else None
        hidden = hidden_from(tx, call_id, asker)
    if scorecard is None:
        why = f": {call.error_message}" if call.error_message else ""
        raise Refused(
            "scorecard_not_ready",
            f"the call has no scorecard; its status is {call.status}{why}",
            call_status=call.status,
        )
    # As it was stored: an earlier engine's scorecard may lack what today's has.
    shown = scorecard if transcript is None else _explained(scorecard, transcript, services.packs)
    whole = shown | {"review": None if review is None else review.model_dump(mode="json")}
    return JSONResponse(shown_quotes(whole, hidden))


@router.get(
    "/calls/{call_id}/scorecards",
    operation_id="list_scorecards",
    summary="When the call was scored by which rules",
    response_model=ScorecardHistory,
    responses=problems("call_not_found"),
)
def list_scorecards(call_id: UUID, services: ServicesDep, asker: AskerDep) -> ScorecardHistory:
    """Newest first; empty while the call is not scored."""
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        history = tx.scorecards.history(call_id)
    return ScorecardHistory(items=[ScorecardVersion(**version) for version in history])


@router.get(
    "/calls/{call_id}/scorecards/{scorecard_id}",
    operation_id="get_earlier_scorecard",
    summary="One scorecard of the call's history",
    response_class=JSONResponse,
    responses={
        200: {"model": Scorecard, "description": "The scorecard as it was."},
        **problems("call_not_found", "calibration_state_wrong", "scorecard_not_found"),
    },
)
def get_earlier_scorecard(call_id: UUID, scorecard_id: UUID, services: ServicesDep, asker: AskerDep) -> JSONResponse:
    """The same form as the current one."""
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        refuse_blind(tx, call_id, asker)
        scorecard = tx.scorecards.get(call_id, scorecard_id)
        hidden = hidden_from(tx, call_id, asker)
    if scorecard is None:
        raise Refused("scorecard_not_found", f"the call has no scorecard of the id {scorecard_id}")
    return JSONResponse(shown_quotes(scorecard, hidden))


def _explained(scorecard: dict[str, Any], transcript: Transcript, packs: PackLibrary) -> dict[str, Any]:
    """The stored scorecard with the near misses of its missed items; nothing that it says is changed.

    As it was stored where the pack is not there any more.
    """
    missed = [item["id"] for item in scorecard["items"] if item["status"] == "missed"]
    try:
        with packs.alone():
            pack = packs.load(scorecard["pack_id"], transcript.language)
            nearest = nearest_to_items(transcript, pack, missed)
    except LanguageUnsupported:
        return scorecard
    items = [
        item | {"near_misses": [asdict(miss) for miss in nearest.get(item["id"], ())]} for item in scorecard["items"]
    ]
    used = (scorecard["pack_sha256"], scorecard["engine_version"])
    by = Explanation(pack.version, pack.sha256, ENGINE_VERSION, used == (pack.sha256, ENGINE_VERSION))
    return scorecard | {"items": items, "explained_by": asdict(by)}
