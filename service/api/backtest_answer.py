"""The stored result of a backtest -> what people read: with the names of reps and the times of calls as they are known now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from service.api.schemas_pack_trials import (
    AgreementFigure,
    AgreementMoved,
    BacktestResult,
    CallFinding,
    CallMoved,
    FigureMoved,
    FindingMoved,
    GroupMoved,
)
from service.scoring.errors import CallNotFound, RepUnknown
from service.store.records import Call, Rep
from service.store.transaction import Transaction

#: Where in the figures of an evaluation each figure of agreement stands.
AGREEMENT = (
    ("items", "accuracy"),
    ("items", "kappa"),
    ("objections", "f1"),
    ("outcome", "accuracy"),
    ("handled", "agreement"),
    ("argumentation", "exact"),
    ("argumentation", "within_one"),
    ("violations", "f1"),
)


def backtest_of(tx: Transaction, result: Mapping[str, Any]) -> BacktestResult:
    """`result` is what `service.trials.result_of_backtest` made."""
    calls = _calls(tx, (call["call_id"] for call in result["calls"]))
    reps = _reps(tx, {*(rep["group"] for rep in result["reps"]), *(call["rep"] for call in result["calls"])})
    return BacktestResult(
        total=_group(result["total"], "all", ""),
        reps=[_group(rep, *_named(reps.get(rep["group"]), rep["group"])) for rep in result["reps"]],
        reps_total=result["reps_total"],
        findings=[FindingMoved(**change, calls=count) for change, count in result["changes"]],
        calls=[
            _call(call, calls.get(call["call_id"]), _named(reps.get(call["rep"]), call["rep"])[1])
            for call in result["calls"]
        ],
        calls_skipped=result["calls_skipped"],
        agreement=None if result["agreement"] is None else _agreement(result["agreement"]),
    )


def _group(group: Mapping[str, Any], name: str, title: str) -> GroupMoved:
    return GroupMoved(
        group=name,
        title=title,
        calls=group["calls"],
        calls_moved=group["calls_moved"],
        figures=[
            FigureMoved(
                id=before["id"],
                before=before["value"],
                after=after["value"],
                n_before=before["n"],
                n_after=after["n"],
            )
            for before, after in zip(group["before"], group["after"], strict=True)
        ],
    )


def _call(moved: Mapping[str, Any], call: Call | None, rep: str) -> CallMoved:
    return CallMoved(
        call_id=moved["call_id"],
        rep=rep,
        started_at=None if call is None else call.started_at or call.received_at,
        adherence_before=moved["adherence"][0],
        adherence_after=moved["adherence"][1],
        argumentation_before=moved["argumentation"][0],
        argumentation_after=moved["argumentation"][1],
        changes=[CallFinding(**change) for change in moved["changes"]],
    )


def _agreement(agreement: Mapping[str, Any]) -> AgreementMoved:
    return AgreementMoved(
        calls=agreement["calls"],
        figures=[
            AgreementFigure(
                id=f"{part}.{figure}",
                before=agreement["before"][part][figure],
                after=agreement["after"][part][figure],
            )
            for part, figure in AGREEMENT
        ],
    )


def _named(rep: Rep | None, rep_id: str) -> tuple[str, str]:
    """External id and name; of a rep that is gone, its own id."""
    return (rep_id, rep_id) if rep is None else (rep.external_id, rep.name or rep.external_id)


def _calls(tx: Transaction, ids: Iterable[str]) -> dict[str, Call]:
    found = {}
    for call_id in ids:
        try:
            found[call_id] = tx.calls.get(UUID(call_id))
        except CallNotFound:
            continue
    return found


def _reps(tx: Transaction, ids: Iterable[str]) -> dict[str, Rep]:
    found = {}
    for rep_id in ids:
        try:
            found[rep_id] = tx.reps.get(UUID(rep_id))
        except RepUnknown:
            continue
    return found
