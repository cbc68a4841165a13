"""How far the machine agrees with reviewers, rule by rule, and the switch for rules that do not agree enough."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.deps import AskerDep, Services, ServicesDep
from service.api.periods import Day, LastDay
from service.api.problems import invalid
from service.api.routing import guarded_router, problems
from service.api.schemas_agreement import (
    AgreementAnswer,
    GateOfPack,
    RuleAgreement,
    RuleSwitch,
    RuleSwitchList,
    SwitchChange,
)
from service.api.validation import FieldError, Name
from service.scoring.rule_agreement import by_rule
from service.store.agreement import AgreementFilter

router = guarded_router("reviews")


class AgreementQuery(BaseModel):
    """Which reviews are counted."""

    model_config = ConfigDict(extra="forbid")

    script: Name | None = Field(None, description="A rule pack's id; default: the installation's default script.")
    language: Name | None = Field(None, description="Language that was spoken, like `ru`.")
    pack_version: Name | None = Field(None, description="Only scorecards of this version of the pack.")
    date_from: Day = Field(None, alias="from", description="Reviewed in the month of this day or later.")
    date_to: LastDay = Field(None, alias="to", description="Reviewed in the month of this day or earlier.")
    sample_only: bool = Field(
        False,
        description="Only calls of the random sample: the others were picked because something seemed wrong with them.",
    )


@router.get(
    "/agreement",
    operation_id="get_agreement",
    summary="Machine against reviewers, by rule",
    response_model=AgreementAnswer,
    responses=problems(),
)
def get_agreement(query: Annotated[AgreementQuery, Query()], services: ServicesDep, asker: AskerDep) -> AgreementAnswer:
    """n, accuracy and kappa with 95 % intervals, month by month. What reviewers left as it was counts as agreed."""
    pack_id = query.script or services.settings.default_script
    wanted = AgreementFilter(
        pack_id=pack_id,
        language=query.language,
        pack_version=query.pack_version,
        month_from=None if query.date_from is None else query.date_from.replace(day=1),
        month_to=None if query.date_to is None else query.date_to.replace(day=1),
        sample_share=services.settings.review_sample_share if query.sample_only else None,
        team_id=asker.team_id,
    )
    with services.database.read() as tx:
        rows = tx.agreement.counts(wanted)
        gate = tx.rulings.latest_gate(pack_id)
        off = {switch.rule for switch in tx.switches.list(pack_id) if switch.ended_at is None}
    return AgreementAnswer(
        pack_id=pack_id,
        sample_only=query.sample_only,
        gate=None if gate is None else GateOfPack(accuracy=gate.accuracy, minimum_n=gate.minimum_n),
        rules=[RuleAgreement.of(found, counted=found.rule not in off) for found in by_rule(rows, gate)],
    )


@router.get(
    "/rule-switches",
    operation_id="list_rule_switches",
    summary="Rules that do not count, and those that did not",
    response_model=RuleSwitchList,
    responses=problems(takes_input=False),
)
def list_rule_switches(services: ServicesDep, asker: AskerDep) -> RuleSwitchList:  # noqa: ARG001
    """Newest first, with who and why."""
    with services.database.read() as tx:
        return RuleSwitchList(items=[RuleSwitch.model_validate(switch) for switch in tx.switches.list()])


@router.post(
    "/rule-switches",
    operation_id="stop_rule",
    summary="Let a rule stop counting",
    status_code=201,
    response_model=RuleSwitch,
    responses=problems("name_taken", "body_too_large", "malformed_request"),
)
def stop_rule(change: SwitchChange, services: ServicesDep, asker: AskerDep) -> RuleSwitch:
    """Its items, objections or violations leave the KPIs and are shown as not counted: new calls at once, stored ones as they
    are counted anew in the background.
    """
    _check_rule(change, services)
    now = services.now()
    with services.database.transaction() as tx:
        switch = tx.switches.stop(change.pack_id, change.rule, reason=change.reason, by=asker.name, now=now)
        tx.audit.write(
            asker.name, "rule.stop", f"rule:{change.pack_id}/{change.rule}", now=now, detail={"reason": change.reason}
        )
    return RuleSwitch.model_validate(switch)


@router.post(
    "/rule-switches/resume",
    operation_id="resume_rule",
    summary="Let a rule count again",
    response_model=RuleSwitch,
    responses=problems("rule_not_found", "body_too_large", "malformed_request"),
)
def resume_rule(change: SwitchChange, services: ServicesDep, asker: AskerDep) -> RuleSwitch:
    """As it was before, stored calls too."""
    now = services.now()
    with services.database.transaction() as tx:
        switch = tx.switches.resume(change.pack_id, change.rule, reason=change.reason, by=asker.name, now=now)
        tx.audit.write(
            asker.name, "rule.resume", f"rule:{change.pack_id}/{change.rule}", now=now, detail={"reason": change.reason}
        )
    return RuleSwitch.model_validate(switch)


def _check_rule(change: SwitchChange, services: Services) -> None:
    if change.pack_id not in services.packs.ids():
        known = ", ".join(services.packs.ids()) or "none"
        raise invalid([FieldError("pack_id", f"is no rule pack here; there are {known}")])
