"""Calibration: several reviewers judge the same calls blind, then see how far they agree."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from service.api import cursors
from service.api.calibration_answer import agreement_of
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.problems import invalid
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_calibration import (
    Calibration,
    CalibrationAgreement,
    CalibrationForm,
    CalibrationPage,
    NewCalibration,
    Question,
    Sheet,
)
from service.api.validation import FieldError
from service.scoring.sheets import questions, wrong

router = guarded_router("reviews")
_LIST = "calibrations"


@router.post(
    "/calibrations",
    operation_id="create_calibration",
    summary="Let several reviewers judge the same calls",
    status_code=201,
    response_model=Calibration,
    responses=problems("call_not_found", "scorecard_not_ready", "body_too_large", "malformed_request"),
)
def create_calibration(new: NewCalibration, services: ServicesDep, asker: AskerDep) -> Calibration:
    """Whoever may review can hand in sheets until it is closed."""
    if len(set(new.calls)) != len(new.calls):
        raise invalid([FieldError("calls", "must name each call once")])
    now = services.now()
    with services.database.transaction() as tx:
        for call_id in new.calls:
            visible_call(tx, call_id, asker)
        created = tx.calibrations.create(new.title, new.calls, by=asker.name, now=now)
        tx.audit.write(asker.name, "calibration.create", f"calibration:{created.id}", now=now)
    return Calibration.of(created)


@router.get(
    "/calibrations",
    operation_id="list_calibrations",
    summary="List calibrations",
    response_model=CalibrationPage,
    responses=problems(),
)
def list_calibrations(query: Annotated[PageQuery, Query()], services: ServicesDep, asker: AskerDep) -> CalibrationPage:  # noqa: ARG001
    """Newest first."""
    with services.database.read() as tx:
        found = tx.calibrations.list(limit=query.limit + 1, after=cursors.decode_id(_LIST, query.cursor))
    page = found[: query.limit]
    return CalibrationPage(
        items=[Calibration.of(one) for one in page],
        next_cursor=cursors.encode(_LIST, page[-1].id.hex) if len(found) > len(page) else None,
    )


@router.get(
    "/calibrations/{calibration_id}",
    operation_id="get_calibration",
    summary="One calibration, and who has handed in what",
    response_model=Calibration,
    responses=problems("calibration_not_found"),
)
def get_calibration(calibration_id: UUID, services: ServicesDep, asker: AskerDep) -> Calibration:  # noqa: ARG001
    """Not what is on the sheets."""
    with services.database.read() as tx:
        return Calibration.of(tx.calibrations.get(calibration_id))


@router.get(
    "/calibrations/{calibration_id}/calls/{call_id}",
    operation_id="get_calibration_form",
    summary="What is asked about a call",
    response_model=CalibrationForm,
    responses=problems("calibration_not_found", "call_not_found"),
)
def get_calibration_form(
    calibration_id: UUID, call_id: UUID, services: ServicesDep, asker: AskerDep
) -> CalibrationForm:
    """The questions, and your own sheet if you have handed one in."""
    with services.database.read() as tx:
        form = tx.calibrations.form(calibration_id, call_id)
        visible_call(tx, call_id, asker)
        own = [sheet for sheet in tx.calibrations.own_sheets(calibration_id, asker.name) if sheet.call_id == call_id]
    return CalibrationForm(
        call_id=call_id,
        questions=[Question.model_validate(one, from_attributes=True) for one in questions(form.machine, form.rulings)],
        own=Sheet(verdicts=dict(own[0].verdicts), comment=own[0].comment) if own else None,
    )


@router.put(
    "/calibrations/{calibration_id}/calls/{call_id}",
    operation_id="hand_in_calibration_sheet",
    summary="Hand in your verdicts about a call",
    status_code=204,
    responses=problems(
        "calibration_not_found", "calibration_state_wrong", "call_not_found", "body_too_large", "malformed_request"
    ),
)
def hand_in_calibration_sheet(
    calibration_id: UUID, call_id: UUID, sheet: Sheet, services: ServicesDep, asker: AskerDep
) -> Response:
    """Again replaces your own, until the calibration is closed."""
    now = services.now()
    with services.database.transaction() as tx:
        form = tx.calibrations.form(calibration_id, call_id)
        visible_call(tx, call_id, asker)
        if found := wrong(sheet.verdicts, questions(form.machine, form.rulings)):
            raise invalid([FieldError(f"verdicts.{rule}", message) for rule, message in found])
        tx.calibrations.hand_in(
            calibration_id,
            call_id,
            reviewer=asker.name,
            verdicts={rule: verdict for rule, verdict in sheet.verdicts.items() if verdict is not None},
            comment=sheet.comment,
            now=now,
        )
        tx.audit.write(
            asker.name, "calibration.hand_in", f"calibration:{calibration_id}", now=now, detail={"call": str(call_id)}
        )
    return Response(status_code=204)


@router.post(
    "/calibrations/{calibration_id}/close",
    operation_id="close_calibration",
    summary="Close a calibration",
    response_model=Calibration,
    responses=problems("calibration_not_found", "calibration_state_wrong"),
)
def close_calibration(calibration_id: UUID, services: ServicesDep, asker: AskerDep) -> Calibration:
    """From now on everybody sees what all said, and nobody can change it."""
    now = services.now()
    with services.database.transaction() as tx:
        closed = tx.calibrations.close(calibration_id, by=asker.name, now=now)
        tx.audit.write(asker.name, "calibration.close", f"calibration:{calibration_id}", now=now)
    return Calibration.of(closed)


@router.get(
    "/calibrations/{calibration_id}/agreement",
    operation_id="get_calibration_agreement",
    summary="How far the reviewers agree",
    response_model=CalibrationAgreement,
    responses=problems("calibration_not_found", "calibration_state_wrong"),
)
def get_calibration_agreement(
    calibration_id: UUID,
    services: ServicesDep,
    asker: AskerDep,  # noqa: ARG001
) -> CalibrationAgreement:
    """Krippendorff's alpha over all, Cohen's kappa of every two, each against the machine, and where they differ. Once it is closed."""
    with services.database.read() as tx:
        sheets = tx.calibrations.sheets(calibration_id)
        calls = tx.calibrations.get(calibration_id).calls
        forms = [tx.calibrations.form(calibration_id, call_id) for call_id in calls]
    return agreement_of(sheets, forms)
