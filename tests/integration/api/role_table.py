"""The table of the documentation, written down a second time on purpose: a change of rights needs two hands.

A new route needs a line here; test_access.py fails without one, and then asks it in every role, for its own and for others' calls.
"""

from __future__ import annotations

from service.api.access import ROLES, Role

UPLOADER, READER, REP, MANAGER, QA_LEAD, ADMIN = ROLES
READERS: tuple[Role, ...] = (READER, REP, MANAGER, QA_LEAD, ADMIN)
FIGURES: tuple[Role, ...] = (REP, MANAGER, QA_LEAD, ADMIN)
MANAGERS: tuple[Role, ...] = (MANAGER, QA_LEAD, ADMIN)
LEADS: tuple[Role, ...] = (QA_LEAD, ADMIN)
PEOPLE: tuple[Role, ...] = (REP, MANAGER, QA_LEAD, ADMIN)
ADMINS: tuple[Role, ...] = (ADMIN,)

EXPECTED: dict[str, tuple[Role, ...]] = {
    "upload_call": (UPLOADER, ADMIN),
    "get_call": ROLES,
    "list_calls": READERS,
    "get_audio": READERS,
    "head_audio": READERS,
    "get_transcript": READERS,
    "get_transcript_vtt": READERS,
    "get_transcript_txt": READERS,
    "get_scorecard": READERS,
    "list_scorecards": READERS,
    "get_earlier_scorecard": READERS,
    "retry_call": LEADS,
    "cancel_call": LEADS,
    "rescore_call": LEADS,
    "get_review": READERS,
    "create_review": LEADS,
    "list_review_queue": LEADS,
    "claim_next_review": LEADS,
    "claim_call": LEADS,
    "release_call": LEADS,
    "assign_calls": LEADS,
    "list_reviewers": LEADS,
    "create_dispute": (REP, MANAGER),
    "list_disputes": FIGURES,
    "decide_dispute": LEADS,
    "create_calibration": LEADS,
    "list_calibrations": LEADS,
    "get_calibration": LEADS,
    "get_calibration_form": LEADS,
    "hand_in_calibration_sheet": LEADS,
    "close_calibration": LEADS,
    "get_calibration_agreement": LEADS,
    "get_agreement": LEADS,
    "list_labels": LEADS,
    "list_retention": ADMINS,
    "change_retention": ADMINS,
    "erase_call": ADMINS,
    "erase_person": ADMINS,
    "list_rule_switches": LEADS,
    "stop_rule": LEADS,
    "resume_rule": LEADS,
    "get_kpi": FIGURES,
    "get_rep_quality": FIGURES,
    "export_calls_csv": MANAGERS,
    "export_calls_xlsx": MANAGERS,
    "export_kpi_csv": MANAGERS,
    "export_kpi_xlsx": MANAGERS,
    "list_reps": READERS,
    "create_rep": ADMINS,
    "update_rep": ADMINS,
    "list_teams": READERS,
    "create_team": ADMINS,
    "update_team": ADMINS,
    "list_keys": ADMINS,
    "create_key": ADMINS,
    "revoke_key": ADMINS,
    "list_users": ADMINS,
    "create_user": ADMINS,
    "get_user": ADMINS,
    "update_user": ADMINS,
    "reset_password": ADMINS,
    "list_audit": ADMINS,
    "list_webhooks": ADMINS,
    "create_webhook": ADMINS,
    "get_webhook": ADMINS,
    "update_webhook": ADMINS,
    "delete_webhook": ADMINS,
    "renew_webhook_secret": ADMINS,
    "list_deliveries": ADMINS,
    "redeliver": ADMINS,
    "ping_webhook": ADMINS,
    "list_packs": READERS,
    "get_pack": READERS,
    "list_pack_versions": LEADS,
    "restore_pack_version": ADMINS,
    "list_pack_drafts": LEADS,
    "create_pack_draft": LEADS,
    "upload_pack_draft": LEADS,
    "get_pack_draft": LEADS,
    "discard_pack_draft": LEADS,
    "download_pack_draft": LEADS,
    "get_pack_draft_file": LEADS,
    "write_pack_draft_file": LEADS,
    "remove_pack_draft_file": LEADS,
    "start_pack_trial": LEADS,
    "get_pack_trial": LEADS,
    "cancel_pack_trial": LEADS,
    "publish_pack_draft": ADMINS,
    "start_rescore": ADMINS,
    "list_rescores": ADMINS,
    "get_rescore": ADMINS,
    "pause_rescore": ADMINS,
    "resume_rescore": ADMINS,
    "cancel_rescore": ADMINS,
    "get_session": ROLES,
    "end_session": ROLES,
    "change_own_password": PEOPLE,
    "update_own_profile": PEOPLE,
}
#: Concern everybody, so a key of one team may not, whatever its role.
WHOLE_HOUSE = (
    frozenset(name for name, roles in EXPECTED.items() if roles == ADMINS)
    | {"stop_rule", "resume_rule"}
    # Rules concern everybody, so their drafts do.
    | {name for name in EXPECTED if "_pack_draft" in name or "_pack_trial" in name or name == "list_pack_versions"}
)
#: For users who log in; no key may.
PEOPLE_ONLY = frozenset({"change_own_password", "update_own_profile"})
#: For everybody, also before anybody is known.
OPEN = frozenset({"healthz", "readyz", "metrics", "start_session"})
