"""What a problem is called on a page, and what to do next, by its code: those of `service.api.problem_kinds`."""

from __future__ import annotations

from collections.abc import Mapping

from service.web.language import said

_AGAIN = said("Try again in a moment. If it stays like this, tell an administrator the number below.")
_LOG_IN = said("Log in again and repeat it; what you typed is kept in this browser.")
_LIST = said("It may have been removed meanwhile. Load the list again.")
_RELOAD = said("Load the page again and look at what there is now; what you typed is kept in this browser.")
_ADDRESS = said("Check the address, or start from the list of calls.")
_FORM = said("Correct what is named here and send it again.")
_ANYHOW = said("Load the page again and try once more.")
_PROGRAM = said("This happens to programs, not to pages. Load the page again and repeat it.")

#: What happened.
TITLES: Mapping[str, str] = {
    # who asks
    "key_missing": said("You are not logged in"),
    "key_invalid": said("You are not logged in"),
    "session_over": said("Your login has ended"),
    "login_failed": said("E-mail and password do not fit"),
    "login_limited": said("Too many tries to log in"),
    "rate_limited": said("Too many requests in a short time"),
    "csrf_failed": said("This page is out of date"),
    "password_must_change": said("First choose a password of your own"),
    "role_insufficient": said("Your role does not allow this"),
    # what is asked for
    "not_found": said("There is no such page"),
    "method_not_allowed": said("There is no such page"),
    "call_not_found": said("There is no such call"),
    "audio_missing": said("The recording is not there"),
    "rep_not_found": said("There is no such rep"),
    "team_not_found": said("There is no such team"),
    "user_not_found": said("There is no such user"),
    "webhook_not_found": said("There is no such webhook"),
    "delivery_not_found": said("There is no such delivery"),
    "key_unknown": said("There is no such key"),
    "scorecard_not_found": said("There is no such scorecard"),
    "rescore_unknown": said("There is no such job"),
    "pack_unknown": said("There is no such rule pack"),
    # when it is asked
    "transcript_not_ready": said("Not transcribed yet"),
    "scorecard_not_ready": said("Not scored yet"),
    "text_erased": said("The words of this call were erased"),
    "audio_erased": said("The recording was erased"),
    "audio_withheld": said("This recording is not for your role"),
    "audio_preparing": said("The recording is being prepared"),
    "transcript_untimed": said("This transcript has no times"),
    "call_state_wrong": said("Not possible any more"),
    "rescore_state_wrong": said("The job has ended"),
    "call_conflict": said("Another recording has this name"),
    "last_admin": said("This is the last administrator"),
    "name_taken": said("This name is taken"),
    # reviews
    "review_outdated": said("The call was scored anew meanwhile"),
    "review_conflict": said("Somebody else reviewed the call meanwhile"),
    "call_claimed": said("Somebody else is at this call"),
    "dispute_not_found": said("There is no such dispute"),
    "dispute_state_wrong": said("Disputed or decided already"),
    "calibration_not_found": said("There is no such calibration"),
    "calibration_state_wrong": said("Not possible any more"),
    "rule_not_found": said("There is no such rule"),
    # drafts of rules
    "draft_unknown": said("There is no such draft"),
    "draft_changed": said("The draft was changed meanwhile"),
    "draft_state_wrong": said("Not possible any more"),
    "draft_invalid": said("The draft has errors"),
    # how it is asked
    "malformed_request": said("What was sent cannot be read"),
    "validation_failed": said("Something in the form is not right"),
    "idempotency_key_reused": said("This was sent before"),
    "idempotency_unfinished": said("This was sent before"),
    "idempotency_secret": said("This was sent before"),
    "password_wrong": said("The present password is not right"),
    "password_unfit": said("This password cannot be used"),
    "media_type_unsupported": said("What was sent cannot be read"),
    "body_too_large": said("That is too much at once"),
    "upload_stalled": said("The upload stopped"),
    "range_not_satisfiable": said("The recording is shorter than that"),
    # the recording
    "audio_unreadable": said("This is no whole sound recording"),
    "audio_too_long": said("The recording is too long"),
    "audio_too_large": said("The recording is too large"),
    "rep_unknown": said("This rep is not registered"),
    "team_unknown": said("There is no such team"),
    "language_unsupported": said("There are no rules for this language"),
    # our side
    "store_unavailable": said("The storage does not answer"),
    "stored_text_damaged": said("A stored text is damaged"),
    "pack_invalid": said("The rules cannot be read"),
    "internal": said("Something went wrong here"),
}
OTHERWISE = said("That did not work")

#: What to do about it.
NEXT_STEPS: Mapping[str, str] = {
    "key_missing": _LOG_IN,
    "key_invalid": _LOG_IN,
    "session_over": _LOG_IN,
    "login_failed": said("Check both, or ask an administrator for a new password."),
    "login_limited": said("Wait, then try again."),
    "rate_limited": said("Wait, then try again."),
    "csrf_failed": said("Load the page again and repeat it; what you typed is kept in this browser."),
    "password_must_change": said("You find it behind your name in the top bar."),
    "role_insufficient": said("Ask an administrator if you need this, or log in as somebody else."),
    "not_found": _ADDRESS,
    "method_not_allowed": _ADDRESS,
    "call_not_found": said("It may have been erased, or belong to another team. Look for it in the list of calls."),
    "audio_missing": said("The scorecard and the words are kept; the sound was deleted or lost."),
    "rep_not_found": said("Look for the rep in the list of reps."),
    "team_not_found": _LIST,
    "user_not_found": _LIST,
    "webhook_not_found": _LIST,
    "delivery_not_found": _LIST,
    "key_unknown": _LIST,
    "scorecard_not_found": _LIST,
    "rescore_unknown": _LIST,
    "pack_unknown": said("Choose one on the page of rules."),
    "transcript_not_ready": said("Wait until the call is transcribed; this page shows how far it is."),
    "scorecard_not_ready": said("Wait until the call is scored; this page shows how far it is."),
    "text_erased": said("The verdicts and figures are kept."),
    "audio_erased": said("The words and the scorecard are kept."),
    "audio_withheld": said(
        "Parts of this call are not for your role, and nothing tells at which seconds they are. Ask a QA lead to listen."
    ),
    "audio_preparing": said(
        "Parts of this recording are not for your role. A copy without them is being made; it takes some seconds."
    ),
    "transcript_untimed": said("It came as text. Take it as text, not as subtitles."),
    "call_state_wrong": said("Reload the page: somebody else or a worker was quicker."),
    "rescore_state_wrong": said("Reload the page: somebody else or a worker was quicker."),
    "call_conflict": said("Load the page again and upload the recording anew."),
    "last_admin": said("Make another user an administrator first."),
    "name_taken": said("Choose another name."),
    "review_outdated": _RELOAD,
    "review_conflict": _RELOAD,
    "call_claimed": said("Take another one, or come back later; what you typed is kept in this browser."),
    "dispute_not_found": _LIST,
    "dispute_state_wrong": said("Load the page again: it shows what was decided, or who disputed it."),
    "calibration_not_found": _LIST,
    "calibration_state_wrong": _LIST,
    "rule_not_found": said("Load the page of rules again: it counts already, or is no longer there."),
    "draft_unknown": said("Choose one on the page of rules."),
    "draft_changed": _RELOAD,
    "draft_state_wrong": _RELOAD,
    "draft_invalid": said("Correct what is named in the draft and check it again."),
    "malformed_request": _PROGRAM,
    "validation_failed": _FORM,
    "idempotency_key_reused": _PROGRAM,
    "idempotency_unfinished": _PROGRAM,
    "idempotency_secret": _PROGRAM,
    "password_wrong": said("Check it, or ask an administrator."),
    "password_unfit": said("Choose another one."),
    "media_type_unsupported": _PROGRAM,
    "body_too_large": said("Send less at once."),
    "upload_stalled": said("Check the connection and send the recording again."),
    "range_not_satisfiable": said("Load the page again."),
    "audio_unreadable": said("Choose a sound file (WAV, MP3, OGG, M4A, FLAC, WebM, AMR), whole and not empty."),
    "audio_too_long": said("Split it, or have an administrator raise the limit."),
    "audio_too_large": said("Compress or split it, or have an administrator raise the limit."),
    "rep_unknown": said("An administrator registers reps under Admin."),
    "team_unknown": said("An administrator creates teams under Admin."),
    "language_unsupported": said("Choose another language, or leave it to be detected."),
    "store_unavailable": _AGAIN,
    "stored_text_damaged": said(
        "Tell an administrator the number below: the database has to be restored from a backup."
    ),
    "pack_invalid": said("An administrator finds the errors on the page of rules."),
    "internal": _AGAIN,
}


def next_step(code: str, *, ours: bool) -> str:
    """What to do about a problem of this code; `ours`: it is the service's fault. To be translated."""
    return NEXT_STEPS.get(code, _AGAIN if ours else _ANYHOW)
