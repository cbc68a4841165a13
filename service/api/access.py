"""Who may do what: the one table from operation to roles. A route that has no line here cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from service.store.records_people import UserRole

#: Those of keys and those of users. Keys have no role `rep`, users no `uploader` and no `reader`.
Role = Literal["uploader", "reader", "rep", "manager", "qa_lead", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
#: Roles that a person can have who logs in.
USER_ROLES: tuple[UserRole, ...] = get_args(UserRole)


@dataclass(frozen=True, slots=True)
class Access:
    """`roles` may call the operation. `whole_house` operations concern everybody, so who is limited to a team may not;
    `people` ones are for users who log in, not for keys."""

    roles: frozenset[Role]
    whole_house: bool = False
    people: bool = False


def _access(*roles: Role, whole_house: bool = False, people: bool = False) -> Access:
    return Access(frozenset(roles), whole_house, people)


_EVERYBODY = _access(*ROLES)
#: What a rep may do here it may do with its own calls, figures and data.
_READERS = _access("reader", "rep", "manager", "qa_lead", "admin")
_MANAGERS = _access("manager", "qa_lead", "admin")
_LEADS = _access("qa_lead", "admin")
_HOUSE_LEADS = _access("qa_lead", "admin", whole_house=True)
_ADMINS = _access("admin", whole_house=True)

ACCESS: dict[str, Access] = {
    "upload_call": _access("uploader", "admin"),
    "get_call": _EVERYBODY,
    "list_calls": _READERS,
    "get_audio": _READERS,
    "head_audio": _READERS,
    "get_transcript": _READERS,
    "get_transcript_vtt": _READERS,
    "get_transcript_txt": _READERS,
    "get_scorecard": _READERS,
    "list_scorecards": _READERS,
    "get_earlier_scorecard": _READERS,
    "retry_call": _LEADS,
    "cancel_call": _LEADS,
    "get_review": _READERS,
    "create_review": _LEADS,
    "list_review_queue": _LEADS,
    "claim_next_review": _LEADS,
    "claim_call": _LEADS,
    "release_call": _LEADS,
    "assign_calls": _LEADS,
    "list_reviewers": _LEADS,
    "create_dispute": _access("rep", "manager"),
    "list_disputes": _access("rep", "manager", "qa_lead", "admin"),
    "decide_dispute": _LEADS,
    "create_calibration": _LEADS,
    "list_calibrations": _LEADS,
    "get_calibration": _LEADS,
    "get_calibration_form": _LEADS,
    "hand_in_calibration_sheet": _LEADS,
    "close_calibration": _LEADS,
    "get_calibration_agreement": _LEADS,
    "get_agreement": _LEADS,
    "list_labels": _LEADS,
    "list_retention": _ADMINS,
    "change_retention": _ADMINS,
    "erase_call": _ADMINS,
    "erase_person": _ADMINS,
    "list_rule_switches": _LEADS,
    "stop_rule": _HOUSE_LEADS,
    "resume_rule": _HOUSE_LEADS,
    "rescore_call": _LEADS,
    "get_kpi": _access("rep", "manager", "qa_lead", "admin"),
    "get_rep_quality": _access("rep", "manager", "qa_lead", "admin"),
    "export_calls_csv": _MANAGERS,
    "export_calls_xlsx": _MANAGERS,
    "export_kpi_csv": _MANAGERS,
    "export_kpi_xlsx": _MANAGERS,
    "list_reps": _READERS,
    "create_rep": _ADMINS,
    "update_rep": _ADMINS,
    "list_teams": _READERS,
    "create_team": _ADMINS,
    "update_team": _ADMINS,
    "list_keys": _ADMINS,
    "create_key": _ADMINS,
    "revoke_key": _ADMINS,
    "list_users": _ADMINS,
    "create_user": _ADMINS,
    "get_user": _ADMINS,
    "update_user": _ADMINS,
    "reset_password": _ADMINS,
    "list_audit": _ADMINS,
    "list_webhooks": _ADMINS,
    "create_webhook": _ADMINS,
    "get_webhook": _ADMINS,
    "update_webhook": _ADMINS,
    "delete_webhook": _ADMINS,
    "renew_webhook_secret": _ADMINS,
    "list_deliveries": _ADMINS,
    "redeliver": _ADMINS,
    "ping_webhook": _ADMINS,
    "start_rescore": _ADMINS,
    "list_rescores": _ADMINS,
    "get_rescore": _ADMINS,
    "pause_rescore": _ADMINS,
    "resume_rescore": _ADMINS,
    "cancel_rescore": _ADMINS,
    "list_packs": _READERS,
    "get_pack": _READERS,
    "list_pack_versions": _HOUSE_LEADS,
    "restore_pack_version": _ADMINS,
    "list_pack_drafts": _HOUSE_LEADS,
    "create_pack_draft": _HOUSE_LEADS,
    "upload_pack_draft": _HOUSE_LEADS,
    "get_pack_draft": _HOUSE_LEADS,
    "discard_pack_draft": _HOUSE_LEADS,
    "download_pack_draft": _HOUSE_LEADS,
    "get_pack_draft_file": _HOUSE_LEADS,
    "write_pack_draft_file": _HOUSE_LEADS,
    "remove_pack_draft_file": _HOUSE_LEADS,
    "start_pack_trial": _HOUSE_LEADS,
    "get_pack_trial": _HOUSE_LEADS,
    "cancel_pack_trial": _HOUSE_LEADS,
    "publish_pack_draft": _ADMINS,
    "get_session": _EVERYBODY,
    "end_session": _EVERYBODY,
    "change_own_password": _access(*USER_ROLES, people=True),
    "update_own_profile": _access(*USER_ROLES, people=True),
}
