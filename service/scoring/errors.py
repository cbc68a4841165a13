"""The domain's errors.

    CallscoreError
    ├── PackError                  a rule pack cannot be used; carries every problem found
    ├── PackNotFound               a folder holds no rule pack, or no pack of this id is in use
    ├── LanguageUnsupported        no pipeline or no pack for this language
    ├── TranscriptInvalid          a transcript that cannot be scored, and why
    ├── LabelsInvalid              a labelled call that does not follow the format, and where
    ├── AudioUnreadable            bytes that are no complete audio recording, naming what was found
    ├── AudioTooLong               longer than the limit
    ├── AudioTooLarge              more bytes than the limit
    ├── AudioMissing               the audio store does not hold this recording (any more)
    ├── ModelUnavailable           the speech model is missing or not the published one
    ├── CallNotFound               no call with this id (or it is not visible to the asker)
    ├── CallConflict               the same source and external id with other audio
    ├── CallStateWrong             the call's status does not allow this
    ├── RepUnknown                 the rep is not registered and settings forbid creating one
    ├── TeamUnknown                no team of this name or id
    ├── KeyUnknown                 no API key of this name or id
    ├── UserUnknown                no user with this id
    ├── WebhookUnknown             no webhook with this id
    ├── DeliveryUnknown            no delivery with this id of this webhook
    ├── PasswordUnfit              a password that must not be used, and why
    ├── ScorecardNotReady          the call is not scored yet, so there is nothing to decide about
    ├── ReviewOutdated             the call was scored anew since the reviewer looked at it
    ├── ReviewConflict             somebody else reviewed the call meanwhile
    ├── CallClaimed                another reviewer is at this call
    ├── DecisionsInvalid           decisions about points that are not there, or that do not say enough; carries all problems
    ├── DisputeUnknown             no dispute of this id
    ├── DisputeStateWrong          the point is disputed already, or the dispute is decided
    ├── CalibrationUnknown         no calibration of this id
    ├── CalibrationStateWrong      the calibration is closed, or the sheet was handed in
    ├── SwitchUnknown              no such rule, or it counts already
    ├── RescoreUnknown             no job that scores stored calls again has this id
    ├── RescoreStateWrong          such a job has ended and cannot be paused, resumed or cancelled
    ├── DraftInvalid               files that cannot be a draft of a rule pack; carries every problem found
    ├── DraftUnknown               no draft of a rule pack, no file of it or no trial of it has this id or name
    ├── DraftChanged               somebody else changed this file, or published another version, meanwhile
    ├── DraftStateWrong            the draft cannot be published, tried or edited as it is; the message says what is missing
    ├── StoreUnavailable           the audio store or the database cannot take a write now
    ├── StoredTextDamaged          a stored transcript or scorecard is not what was stored; asking again does not help
    └── NameTaken                  a team, rep, key, user or webhook of that name exists

Every error has a stable `code` that the API, the CLI and `calls.error_code` share, and a message that says
what was wrong and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecisionProblem:
    """What is wrong with the decision at `index` (0-based): the field, and what it may be."""

    index: int
    field: str
    message: str


class CallscoreError(Exception):
    """Base of all errors that callscore raises on purpose."""

    code = "internal"


@dataclass(frozen=True, slots=True, order=True)
class PackProblem:
    """One thing wrong in a pack: where it is (path relative to the rules folder, 1-based line) and what was expected."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PackError(CallscoreError):
    """A pack with problems. `problems` holds all of them, sorted by file and line."""

    code = "pack_invalid"

    def __init__(self, problems: tuple[PackProblem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PackNotFound(CallscoreError):
    code = "pack_unknown"


class LanguageUnsupported(CallscoreError):
    code = "language_unsupported"


class TranscriptInvalid(CallscoreError):
    code = "transcript_invalid"


class LabelsInvalid(CallscoreError):
    code = "labels_invalid"


class AudioUnreadable(CallscoreError):
    code = "audio_unreadable"


class AudioTooLong(CallscoreError):
    code = "audio_too_long"


class AudioTooLarge(CallscoreError):
    code = "audio_too_large"


class AudioMissing(CallscoreError):
    code = "audio_missing"


class ModelUnavailable(CallscoreError):
    code = "model_unavailable"


class CallNotFound(CallscoreError):
    code = "call_not_found"


class CallConflict(CallscoreError):
    code = "call_conflict"


class CallStateWrong(CallscoreError):
    code = "call_state_wrong"


class RepUnknown(CallscoreError):
    code = "rep_unknown"


class TeamUnknown(CallscoreError):
    code = "team_unknown"


class KeyUnknown(CallscoreError):
    code = "key_unknown"


class UserUnknown(CallscoreError):
    code = "user_not_found"


class WebhookUnknown(CallscoreError):
    code = "webhook_not_found"


class DeliveryUnknown(CallscoreError):
    code = "delivery_not_found"


class PasswordUnfit(CallscoreError):
    code = "password_unfit"


class ScorecardNotReady(CallscoreError):
    code = "scorecard_not_ready"


class ReviewOutdated(CallscoreError):
    code = "review_outdated"


class ReviewConflict(CallscoreError):
    code = "review_conflict"


class CallClaimed(CallscoreError):
    code = "call_claimed"


class DecisionsInvalid(CallscoreError):
    """`problems` are all that is wrong, in the order of the decisions."""

    code = "validation_failed"

    def __init__(self, problems: Sequence[DecisionProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"decision {found.index}: {found.field} {found.message}" for found in self.problems))


class DisputeUnknown(CallscoreError):
    code = "dispute_not_found"


class DisputeStateWrong(CallscoreError):
    code = "dispute_state_wrong"


class CalibrationUnknown(CallscoreError):
    code = "calibration_not_found"


class CalibrationStateWrong(CallscoreError):
    code = "calibration_state_wrong"


class SwitchUnknown(CallscoreError):
    code = "rule_not_found"


class RescoreUnknown(CallscoreError):
    code = "rescore_unknown"


class RescoreStateWrong(CallscoreError):
    code = "rescore_state_wrong"


class DraftInvalid(CallscoreError):
    """`problems` are all that was found, sorted by file and line."""

    code = "draft_invalid"

    def __init__(self, problems: tuple[PackProblem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(str(problem) for problem in self.problems))


class DraftUnknown(CallscoreError):
    code = "draft_unknown"


class DraftChanged(CallscoreError):
    code = "draft_changed"


class DraftStateWrong(CallscoreError):
    code = "draft_state_wrong"


class StoreUnavailable(CallscoreError):
    code = "store_unavailable"


class StoredTextDamaged(CallscoreError):
    code = "stored_text_damaged"


class NameTaken(CallscoreError):
    code = "name_taken"
