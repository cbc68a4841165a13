"""Who sent a request: a machine with a key, or a person with a session. Both stand in the same table of rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.api.access import ACCESS, Access, Role
from service.store.records import ApiKey, Call
from service.store.records_people import Language, Session, User

#: Nobody's id: what a user of role rep sees whose rep is not there any more.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and whom that may see. Routes limit what they show by `team_id` and `rep_id`, both at once."""

    role: Role
    #: As the audit log and the access log name the asker: `key:cs_1a2b3c4d`, `user:<id>`. Never an e-mail.
    name: str
    #: The team that limits what is seen; None for all.
    team_id: UUID | None
    #: The rep that limits what is seen; None for all.
    rep_id: UUID | None = None
    key: ApiKey | None = None
    user: User | None = None
    session: Session | None = None
    #: For the forms and the header `X-CSRF-Token` of this session; None with a key, which no browser sends by itself.
    csrf_token: str | None = None

    @classmethod
    def of_key(cls, key: ApiKey) -> Asker:
        return cls(role=key.role, name=f"key:{key.prefix}", team_id=key.team_id, key=key)

    @classmethod
    def of_user(cls, user: User, session: Session, csrf_token: str) -> Asker:
        """A rep sees itself, a manager its team (or all, without one); a QA lead and an admin see all."""
        own_rep = NOBODY if user.rep is None else user.rep.id
        return cls(
            role=user.role,
            name=f"user:{user.id}",
            team_id=user.team.id if user.role == "manager" and user.team is not None else None,
            rep_id=own_rep if user.role == "rep" else None,
            user=user,
            session=session,
            csrf_token=csrf_token,
        )

    @property
    def sees_scores(self) -> bool:
        """An uploader is told whether its call was processed, not how the rep did."""
        return self.role != "uploader"

    @property
    def sees_redacted(self) -> bool:
        """Who decides about scores hears and reads all of a call; others read it without its redacted spans."""
        return self.role in ("qa_lead", "admin")

    @property
    def language(self) -> Language | None:
        """The language the user reads; None for a key."""
        return None if self.user is None else self.user.language

    @property
    def time_zone(self) -> str | None:
        """The IANA name of the zone in which the user is shown times; None for a key."""
        return None if self.user is None else self.user.time_zone

    @property
    def expires_at(self) -> datetime | None:
        return None if self.session is None else self.session.expires_at

    def may_see(self, call: Call) -> bool:
        """Whether this call is one of those the asker may know of."""
        if self.role == "uploader":
            return self.key is not None and call.uploaded_by == self.key.id
        if self.rep_id is not None and call.rep.id != self.rep_id:
            return False
        return self.team_id is None or (call.rep.team is not None and call.rep.team.id == self.team_id)

    def may_see_rep(self, rep_id: UUID, team_id: UUID | None) -> bool:
        """The same for a rep of this team."""
        return self.rep_id in (None, rep_id) and self.team_id in (None, team_id)

    def may_do(self, operation: str) -> bool:
        """Whether the role allows an operation of the table at all; for pages that show only what can be done."""
        return self.may(ACCESS[operation])

    def may(self, access: Access) -> bool:
        limited = self.team_id is not None or self.rep_id is not None
        fits = not (access.whole_house and limited) and not (access.people and self.user is None)
        return self.role in access.roles and fits
