"""Logging in, and who one is, as it goes over the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from service.api.access import Role
from service.api.asker import Asker
from service.api.schemas_people import Rep, Team
from service.api.validation import has_control_characters
from service.store import records_people
from service.store.passwords import LONGEST, SHORTEST
from service.store.records_people import Language, UserRole

#: RFC 5321, section 4.5.3.1.3, less the angle brackets.
EMAIL_LIMIT = 254
_USER: dict[str, Any] = {
    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2b01",
    "email": "anna@example.com",
    "name": "Анна Белова",
    "role": "manager",
    "rep": None,
    "team": {"id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a01", "name": "North"},
    "language": "ru",
    "time_zone": "Europe/Moscow",
    "password_must_change": False,
    "created_at": "2025-11-01T09:00:00Z",
    "last_login_at": "2025-11-23T07:00:00Z",
    "disabled_at": None,
}


def _email(text: str) -> str:
    local, at, domain = text.partition("@")
    if not at or not local or not domain or "@" in domain or " " in text or has_control_characters(text):
        raise ValueError("must be an e-mail like anna@example.com")
    return text.lower()


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=EMAIL_LIMIT),
    AfterValidator(_email),
    Field(examples=["anna@example.com"]),
]
#: Blanks count: a password is taken as it was typed.
Password = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, json_schema_extra={"format": "password"}, examples=["green-tea-at-noon"]),
]


class User(BaseModel):
    """Someone who logs in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_USER]})

    id: UUID
    email: str
    name: str | None
    role: UserRole
    rep: Rep | None = Field(description="Who the user is in the telephony system; always set for the role rep.")
    team: Team | None = Field(description="The team that a manager sees; null for all teams.")
    language: Language | None = Field(description="Of the pages; null: the browser's.")
    time_zone: str = Field(description="IANA name, in which pages show times.", examples=["Europe/Moscow"])
    password_must_change: bool = Field(description="True until the user has chosen a password of its own.")
    created_at: AwareDatetime
    last_login_at: AwareDatetime | None
    disabled_at: AwareDatetime | None = Field(description="Set for a user who cannot log in any more.")

    @classmethod
    def of(cls, user: records_people.User) -> User:
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role,
            rep=None if user.rep is None else Rep.of(user.rep),
            team=None if user.team is None else Team.of(user.team),
            language=user.language,
            time_zone=user.time_zone,
            password_must_change=user.password_must_change,
            created_at=user.created_at,
            last_login_at=user.last_login_at,
            disabled_at=user.disabled_at,
        )


class Credentials(BaseModel):
    """What a person logs in with."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "anna@example.com", "password": "green-tea-at-noon"}]}
    )

    email: Annotated[str, Field(min_length=1, max_length=EMAIL_LIMIT)]
    password: Password


class PasswordChange(BaseModel):
    """One's own password, old and new."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"current": "green-tea-at-noon", "new": "black-coffee-at-six"}]}
    )

    current: Password
    new: Annotated[Password, Field(description=f"At least {SHORTEST} characters; any of them.")]


class WhoAmI(BaseModel):
    """Who sent this request, and what limits it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "user",
                    "role": "manager",
                    "user": _USER,
                    "key_id": None,
                    "team_id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a01",
                    "rep_id": None,
                    "operations": ["list_calls", "get_kpi"],
                    "csrf_token": "3f1c0a52e0b14f0c9b6f7f0c3f1c0a52e0b14f0c9b6f7f0c3f1c0a52e0b14f0c",
                    "expires_at": "2025-11-23T19:00:00Z",
                }
            ]
        }
    )

    kind: Literal["user", "key"]
    role: Role
    user: User | None = Field(description="Null for a key.")
    key_id: UUID | None = Field(description="Null for a user.")
    team_id: UUID | None = Field(description="Only this team's calls and figures are seen; null for all.")
    rep_id: UUID | None = Field(description="Only this rep's calls and figures are seen; null for all.")
    operations: list[str] = Field(description="Operations of this description that the role allows.")
    csrf_token: str | None = Field(
        description="Send it as `X-CSRF-Token` with every request that changes something by the session cookie; null for a key."
    )
    expires_at: AwareDatetime | None = Field(description="When the session ends unless it is used; null for a key.")

    @classmethod
    def of(cls, asker: Asker, operations: list[str]) -> WhoAmI:
        return cls(
            kind="key" if asker.user is None else "user",
            role=asker.role,
            user=None if asker.user is None else User.of(asker.user),
            key_id=None if asker.key is None else asker.key.id,
            team_id=asker.team_id,
            rep_id=asker.rep_id,
            operations=operations,
            csrf_token=asker.csrf_token,
            expires_at=asker.expires_at,
        )
