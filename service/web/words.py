"""What the service's codes are called on a page."""

from __future__ import annotations

from collections.abc import Mapping

from service.web.language import said

WORDS: Mapping[str, Mapping[str, str]] = {
    "call_status": {
        "received": said("Waiting"),
        "transcribing": said("Transcribing"),
        "transcribed": said("Waiting for its score"),
        "scored": said("Scored"),
        "failed": said("Failed"),
    },
    "item_status": {
        "met": said("Met"),
        "partial": said("Partly met"),
        "missed": said("Missed"),
        "not_applicable": said("Not applicable"),
        "not_assessable": said("Not assessable"),
        "not_counted": said("Not counted"),
    },
    "mark": {
        "met": "✓",
        "partial": "◐",
        "missed": "✗",
        "not_applicable": "–",
        "not_assessable": "?",
        "not_counted": "–",
    },
    "outcome": {
        "accepted": said("Customer agreed"),
        "neutral": said("Left open"),
        "rejected": said("Customer refused"),
    },
    "step": {
        "acknowledge": said("Heard"),
        "clarify": said("Asked"),
        "argument": said("Argued"),
        "evidence": said("Proved"),
        "confirm": said("Checked"),
    },
    "severity": {"low": said("low"), "medium": said("medium"), "high": said("high")},
    "direction": {"inbound": said("Inbound"), "outbound": said("Outbound")},
    "speaker": {"agent": said("Rep"), "customer": said("Customer"), "unknown": said("Speaker unknown")},
    "rep_role": {
        "sdr": said("Sales development"),
        "sales_manager": said("Sales manager"),
        "account_manager": said("Account manager"),
        "head_of_sales": said("Head of sales"),
    },
    "user_role": {
        "uploader": said("Uploader"),
        "reader": said("Reader"),
        "rep": said("Rep"),
        "manager": said("Manager"),
        "qa_lead": said("QA lead"),
        "admin": said("Administrator"),
    },
    "flag": {
        "critical_missed": said("Critical item missed"),
        "violation": said("Violation"),
        "objection_unresolved": said("Objection unresolved"),
        "low_adherence": said("Low script adherence"),
        "low_argumentation": said("Weak argumentation"),
        "low_confidence": said("Hard to hear"),
        "no_speech": said("No speech"),
        "unknown_rep": said("Rep not registered"),
        "random_sample": said("Random sample"),
    },
    "doubt": {
        "silence_boilerplate": said("Said over silence: probably invented by the recognizer"),
        "repetition": said("The recognizer repeated itself here"),
        "crosstalk": said("The other party's voice leaking into this channel"),
        "low_confidence": said("Recognized with little confidence"),
        "foreign_language": said("In another language"),
    },
    "kpi_status": {
        "met": said("Target met"),
        "missed": said("Target missed"),
        "too_few": said("Too few calls to judge"),
    },
    "unit": {"points": said("of 5"), "share": "", "count": "", "seconds": ""},
    "hit": {
        "item": said("Script item"),
        "objection": said("Objection"),
        "repeat": said("Objection again"),
        "step": said("Step"),
        "reaction": said("Reaction"),
        "violation": said("Violation"),
    },
    "rule_group": {
        "script": said("Script items"),
        "objections": said("Objections"),
        "steps": said("Steps of an answer"),
        "arguments": said("Arguments"),
        "reactions": said("Reactions of the customer"),
        "violations": said("Violations"),
        "signals": said("Signals that other rules are built from"),
    },
    "job_state": {
        "running": said("Running"),
        "waiting": said("Waiting"),
        "paused": said("Paused"),
        "cancelled": said("Cancelled"),
        "done": said("Done"),
        "finished": said("Done"),
    },
    "event": {
        "call.scored": said("call scored"),
        "call.failed": said("call failed"),
        "call.flagged": said("call flagged"),
        "review.completed": said("review completed"),
        "ping": said("test message"),
    },
    "delivery_state": {"waiting": said("Waiting"), "delivered": said("Delivered"), "failed": said("Failed")},
    "kept": {"audio": said("Recordings"), "text": said("Texts")},
    "verdict": {
        "confirmed": said("Confirmed"),
        "corrected": said("Corrected"),
        "unusable": said("Cannot be judged"),
    },
    "dispute_state": {"open": said("Open"), "upheld": said("Upheld"), "rejected": said("Rejected")},
    "saved": {
        "confirmed": said("Saved: you agree with the scorecard."),
        "corrected": said("Saved: your corrections count from now on."),
        "unusable": said("Saved: the call counts as one that cannot be judged."),
        "dispute": said("Sent: a QA lead will decide."),
        "decided": said("Saved: whoever disputed it reads your answer."),
    },
    "speaker_source": {
        "channels": said("each party on a channel of its own"),
        "estimated": said("told apart by voice: estimated"),
        "given": said("given with the text"),
        "unknown": said("one channel, speakers unknown"),
    },
}
