"""Users to create and to change, as they go over the wire. A user as it is stands in schemas_session.py."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.api.schemas_people import ExternalId, TeamName
from service.api.schemas_session import Email, Password, User
from service.api.validation import Name
from service.store.records_people import Language, UserRole

_NEW: dict[str, Any] = {
    "email": "anna@example.com",
    "name": "Анна Белова",
    "role": "manager",
    "team": "North",
    "language": "ru",
    "time_zone": "Europe/Moscow",
}


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be the name of a time zone, like Europe/Moscow or UTC") from None
    return text


TimeZone = Annotated[
    Name,
    AfterValidator(_time_zone),
    Field(description="IANA name, in which pages show times.", examples=["Europe/Moscow"]),
]
_TEAM = "The team that a manager sees. A manager must have this field; null: all teams, for a head of sales."
_REP = "Who the user is in the telephony system, by the rep's id there; a user of role rep must have one."


class NewUser(BaseModel):
    """A user to create."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_NEW]})

    email: Email
    role: UserRole
    name: Name | None = None
    team: Annotated[TeamName | None, Field(description=_TEAM)] = None
    rep: Annotated[ExternalId | None, Field(description=_REP)] = None
    language: Annotated[Language | None, Field(description="Of the pages; left out: the browser's.")] = None
    time_zone: TimeZone = "UTC"
    password: Annotated[
        Password | None, Field(description="Left out: one is made, and the user has to change it at the first login.")
    ] = None


class UserChange(BaseModel):
    """What is to change; a field left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "manager", "team": "South"}]})

    role: UserRole | None = None
    name: Name | None = None
    team: Annotated[TeamName | None, Field(description=_TEAM)] = None
    rep: Annotated[ExternalId | None, Field(description=_REP)] = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    disabled: Annotated[bool | None, Field(description="True: cannot log in any more, and all sessions end.")] = None


class ProfileChange(BaseModel):
    """What users may change about themselves; a field left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"language": "ru"}]})

    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None


class CreatedUser(User):
    """A new user. `password` is shown this once; null where the request named one."""

    password: str | None = Field(
        description="The password that was made; the user has to change it at the first login."
    )


class NewPassword(BaseModel):
    """A password that was made for somebody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "hk3vp-9qmza-xw7ub-e4tcy"}]})

    password: str = Field(description="Shown this once; the user has to change it at the next login.")


class UserPage(BaseModel):
    """Users by e-mail."""

    items: list[User]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")
