"""Who may do what: the one table from operation to roles. A route that has no line here cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from service.store.records import ApiKey, Call, KeyRole


@dataclass(frozen=True, slots=True)
class Access:
    """`roles` may call the operation. `whole_house` operations concern everybody, so a team's key may not."""

    roles: frozenset[KeyRole]
    whole_house: bool = False


def _access(*roles: KeyRole, whole_house: bool = False) -> Access:
    return Access(frozenset(roles), whole_house)


_READERS = _access("reader", "manager", "qa_lead", "admin")
_MANAGERS = _access("manager", "qa_lead", "admin")
_LEADS = _access("qa_lead", "admin")
_ADMINS = _access("admin", whole_house=True)

ACCESS: dict[str, Access] = {
    "upload_call": _access("uploader", "admin"),
    "get_call": _access("uploader", "reader", "manager", "qa_lead", "admin"),
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
    "rescore_call": _LEADS,
    "get_kpi": _MANAGERS,
    "list_reps": _READERS,
    "create_rep": _ADMINS,
    "update_rep": _ADMINS,
    "list_teams": _READERS,
    "create_team": _ADMINS,
    "update_team": _ADMINS,
    "list_keys": _ADMINS,
    "create_key": _ADMINS,
    "revoke_key": _ADMINS,
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent the request."""

    key: ApiKey

    @property
    def role(self) -> KeyRole:
        return self.key.role

    @property
    def team_id(self) -> UUID | None:
        """The team that limits what this key sees; None for all."""
        return self.key.team_id

    @property
    def name(self) -> str:
        """As the audit log and the access log name the asker."""
        return f"key:{self.key.prefix}"

    @property
    def sees_scores(self) -> bool:
        """An uploader is told whether its call was processed, not how the rep did."""
        return self.role != "uploader"

    def may_see(self, call: Call) -> bool:
        if self.role == "uploader":
            return call.uploaded_by == self.key.id
        return self.team_id is None or (call.rep.team is not None and call.rep.team.id == self.team_id)

    def may(self, access: Access) -> bool:
        return self.role in access.roles and not (access.whole_house and self.team_id is not None)
