"""The one table of problems: a stable code, its HTTP status, its title, and an example of what it says.

Codes of `service.scoring.errors` stand here under their own name, so a domain error finds its row by `error.code`.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Seconds after which an uploader should try again when the store is away: longer than a database restart takes.
RETRY_AFTER_S = 10
#: Where the answer's own header does not say how long to wait for the next request.
RATE_WAIT_S = 1
#: The longest that a login may be refused; the answer's own header says how long it really is.
LOGIN_WAIT_S = 15 * 60


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """`example` is a `detail` as it may come. `field` names the input at fault where there can be only one."""

    status: int
    title: str
    example: str
    field: str | None = None
    retry_after_s: int | None = None


KINDS: dict[str, ProblemKind] = {
    # Who asks
    "key_missing": ProblemKind(
        401, "API key missing", "Send your key in the header `Authorization: Bearer cs_...`, or log in."
    ),
    "key_invalid": ProblemKind(
        401, "API key not valid", "This key does not exist or was revoked; ask an admin for one."
    ),
    "session_over": ProblemKind(401, "Not logged in any more", "This login has ended; log in again."),
    "login_failed": ProblemKind(
        401, "E-mail or password not right", "No user has this e-mail and password; check both, or ask an admin."
    ),
    "login_limited": ProblemKind(
        429, "Too many tries", "Too many tries to log in; wait 14 minutes and try again.", retry_after_s=LOGIN_WAIT_S
    ),
    "rate_limited": ProblemKind(
        429, "Too many requests", "More than 6000 requests in a minute; wait 3 s.", retry_after_s=RATE_WAIT_S
    ),
    "csrf_failed": ProblemKind(
        403,
        "CSRF token missing or not right",
        "Send the csrf_token of GET /v1/session in the header X-CSRF-Token; with a form, load the page again.",
    ),
    "password_must_change": ProblemKind(
        403, "Password must be changed", "Choose a password of your own first: PUT /v1/session/password."
    ),
    "role_insufficient": ProblemKind(
        403, "Not allowed for this role", "This needs the role qa_lead or admin; yours has the role reader."
    ),
    # What is asked for
    "not_found": ProblemKind(404, "No such address", "There is nothing at this address; see /openapi.json."),
    "method_not_allowed": ProblemKind(405, "Method not allowed", "This address answers to GET only."),
    "call_not_found": ProblemKind(404, "No such call", "No call has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."),
    "audio_missing": ProblemKind(404, "Recording not there", "The audio store holds no recording of this call."),
    "rep_not_found": ProblemKind(404, "No such rep", "No rep has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."),
    "team_not_found": ProblemKind(404, "No such team", "No team has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."),
    "user_not_found": ProblemKind(404, "No such user", "No user has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."),
    "webhook_not_found": ProblemKind(
        404, "No such webhook", "No webhook has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."
    ),
    "delivery_not_found": ProblemKind(404, "No such delivery", "This webhook has no delivery of this id."),
    "key_unknown": ProblemKind(404, "No such key", "No API key has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."),
    "scorecard_not_found": ProblemKind(404, "No such scorecard", "This call has no scorecard of this id."),
    "rescore_unknown": ProblemKind(
        404, "No such job", "No re-scoring has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."
    ),
    "pack_unknown": ProblemKind(404, "No such rule pack", "No pack has the id 'b2b'; there are b2b_sales."),
    # When it is asked
    "transcript_not_ready": ProblemKind(
        409, "Not transcribed yet", "The call has no transcript yet; its status is transcribing."
    ),
    "scorecard_not_ready": ProblemKind(409, "Not scored yet", "The call has no scorecard yet; its status is received."),
    "text_erased": ProblemKind(410, "Text erased", "What was said was erased on 2025-11-23; the verdicts are kept."),
    "audio_erased": ProblemKind(
        410, "Recording erased", "The recording was erased on 2025-11-23; what was said is kept."
    ),
    "audio_withheld": ProblemKind(
        403,
        "Recording withheld",
        "Parts of this call are not for your role, and nothing tells at which seconds they are; ask a QA lead to listen.",
    ),
    "audio_preparing": ProblemKind(
        503,
        "Recording being prepared",
        "Parts of this recording are not for your role; a copy without them is being made. Ask again in a few seconds.",
        retry_after_s=RETRY_AFTER_S,
    ),
    "transcript_untimed": ProblemKind(
        409, "Transcript without times", "This transcript came as text, so it cannot be shown as subtitles; take .txt."
    ),
    "call_state_wrong": ProblemKind(
        409, "Not possible in this state", "The call is scored; only a failed one can be retried."
    ),
    "rescore_state_wrong": ProblemKind(
        409, "The job has ended", "The re-scoring is done; only one that is running or paused can be changed."
    ),
    "call_conflict": ProblemKind(
        409,
        "Another recording has this id",
        "Call 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77 was uploaded under this id with other audio.",
    ),
    "last_admin": ProblemKind(
        409, "The last admin", "This is the only admin who can log in; make another user an admin first."
    ),
    "name_taken": ProblemKind(409, "Name taken", "A team named 'North' exists; choose another name."),
    # Reviews
    "review_outdated": ProblemKind(
        409, "Scored anew meanwhile", "The call was scored anew since you looked at it; look at what changed."
    ),
    "review_conflict": ProblemKind(
        409, "Reviewed meanwhile", "Somebody reviewed this call since you looked at it: it is at version 1, you sent 0."
    ),
    "call_claimed": ProblemKind(409, "Somebody is at it", "Another reviewer is at this call until 14:30 UTC."),
    "dispute_not_found": ProblemKind(
        404, "No such dispute", "No dispute has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."
    ),
    "dispute_state_wrong": ProblemKind(409, "Disputed or decided already", "This dispute was decided already."),
    "calibration_not_found": ProblemKind(
        404, "No such calibration", "No calibration has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77."
    ),
    "calibration_state_wrong": ProblemKind(
        409, "Not possible in this state", "The calibration is open; who said what is told once it is closed."
    ),
    "rule_not_found": ProblemKind(404, "Rule counts", "The rule 'script/greeting' is not switched off."),
    # Drafts of rule packs
    "draft_unknown": ProblemKind(
        404, "No such draft", "No draft has the id 01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77; it may have been thrown away."
    ),
    "draft_changed": ProblemKind(
        409,
        "Changed meanwhile",
        "Somebody else saved ru/b2b_sales/pack.yaml since you opened it; look at what stands there now.",
    ),
    "draft_state_wrong": ProblemKind(
        409,
        "Not possible with this draft",
        "The version must be higher than 1.2.0, found 1.2.0; raise it in pack.yaml.",
    ),
    "draft_invalid": ProblemKind(
        422,
        "Files cannot be used",
        "ru/b2b_sales/script/greeting.yaml:3: 'speaker': expected one of agent, customer, any; found 'rep'",
    ),
    # How it is asked
    "malformed_request": ProblemKind(400, "Malformed request", "The body cannot be read as multipart/form-data."),
    "validation_failed": ProblemKind(422, "Input not valid", "1 field is not valid: started_at."),
    "idempotency_key_reused": ProblemKind(
        422,
        "Idempotency key used before",
        "This key was sent with another request in the last 24 hours; take a new one.",
        "Idempotency-Key",
    ),
    "idempotency_unfinished": ProblemKind(
        409,
        "First request not answered",
        "The first request with this key is in work, or broke off; wait a moment, then look whether it was carried out and take a new key.",
    ),
    "idempotency_secret": ProblemKind(
        409,
        "Carried out, answer shown once",
        "The first request with this key was carried out; its answer held a secret that is not shown again. Make another one.",
    ),
    "password_wrong": ProblemKind(
        422, "Current password not right", "This is not the current password; check it, or ask an admin.", "current"
    ),
    "password_unfit": ProblemKind(
        422, "Password must not be used", "A password must have at least 12 characters, found 8.", "new"
    ),
    "media_type_unsupported": ProblemKind(
        415, "Content type not supported", "Send the recording as multipart/form-data; found application/json."
    ),
    "body_too_large": ProblemKind(413, "Request too large", "The body is larger than the 65536 bytes allowed here."),
    "upload_stalled": ProblemKind(408, "Upload stalled", "Nothing arrived for 60 seconds; send the recording again."),
    "range_not_satisfiable": ProblemKind(416, "Range not in the recording", "The recording has 2558284 bytes."),
    # The recording
    "audio_unreadable": ProblemKind(
        422,
        "Not a whole sound recording",
        "The file is a PNG picture, not a sound recording; send WAV, MP3 ...",
        "audio",
    ),
    "audio_too_long": ProblemKind(
        422, "Recording too long", "The recording lasts 18000 s, the limit is 14400 s; split it.", "audio"
    ),
    "audio_too_large": ProblemKind(
        413, "Recording too large", "The recording is larger than the limit of 524288000 bytes.", "audio"
    ),
    "rep_unknown": ProblemKind(422, "Rep not registered", "No rep has the id 'r-17'; register it first.", "rep"),
    "team_unknown": ProblemKind(422, "Team not known", "No team is named 'Nort'; create it first.", "team"),
    "language_unsupported": ProblemKind(
        422, "Language not supported", "There are no rules for this language.", "language"
    ),
    # Our side
    "store_unavailable": ProblemKind(
        503,
        "Storage not available",
        "The database cannot be used now; try again in a moment.",
        retry_after_s=RETRY_AFTER_S,
    ),
    "stored_text_damaged": ProblemKind(
        500, "Stored text damaged", "A stored text is damaged; restore the database from a backup."
    ),
    "pack_invalid": ProblemKind(
        503, "Rules cannot be read", "A rule pack has errors; an admin finds them with `callscore rules check`."
    ),
    "internal": ProblemKind(
        500, "Internal error", "Something went wrong here; quote the request id when you report it."
    ),
}

_STATUS_CODES = {400: "malformed_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def kind_of_status(status: int) -> str:
    """The code for an error that the web framework found by itself."""
    return _STATUS_CODES.get(status, "internal" if status >= 500 else "malformed_request")  # noqa: PLR2004
