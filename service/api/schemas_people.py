"""Reps, teams and keys, as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.validation import Name
from service.store import records
from service.store.records import KeyRole, RepRole

_REP: dict[str, Any] = {
    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
    "external_id": "r-17",
    "name": "Анна Белова",
    "role": "sdr",
    "team": {"id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a01", "name": "North"},
    "registered": True,
}
ExternalId = Annotated[Name, Field(description="The rep's id in the telephony system.")]
TeamName = Annotated[Name, Field(description="A team's name.")]


class Team(BaseModel):
    """A team of reps."""

    id: UUID
    name: str

    @classmethod
    def of(cls, team: records.Team) -> Team:
        return cls(id=team.id, name=team.name)


class Rep(BaseModel):
    """Someone whose calls are scored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REP]})

    id: UUID
    external_id: str = Field(description="The rep's id in the telephony system.")
    name: str | None
    role: RepRole | None
    team: Team | None
    registered: bool = Field(description="False for a rep that an upload named and nobody has registered.")

    @classmethod
    def of(cls, rep: records.Rep) -> Rep:
        return cls(
            id=rep.id,
            external_id=rep.external_id,
            name=rep.name,
            role=rep.role,
            team=None if rep.team is None else Team.of(rep.team),
            registered=rep.registered,
        )


class RepPage(BaseModel):
    """Reps by external id."""

    items: list[Rep]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class NewRep(BaseModel):
    """A rep to register."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"external_id": "r-17", "name": "Анна Белова", "role": "sdr", "team": "North"}]
        },
    )

    external_id: ExternalId
    name: Name | None = None
    role: RepRole | None = None
    team: TeamName | None = None


class RepChange(BaseModel):
    """What is to change; a field left out stays, null clears it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"role": "sales_manager", "team": "South"}]}
    )

    name: Name | None = None
    role: RepRole | None = None
    team: TeamName | None = None


class TeamPage(BaseModel):
    """Teams by name."""

    items: list[Team]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class NewTeam(BaseModel):
    """A team to create, or its new name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "North"}]})

    name: Name


class ApiKey(BaseModel):
    """A key as it may be shown: never its secret."""

    id: UUID
    name: str
    role: KeyRole
    prefix: str = Field(description="Its first characters, by which logs name it.", examples=["cs_1a2b3c4d"])
    team_id: UUID | None = Field(description="The team that limits what it sees; null for all.")
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None

    @classmethod
    def of(cls, key: records.ApiKey) -> ApiKey:
        return cls.model_validate(key, from_attributes=True)


class ApiKeyPage(BaseModel):
    """Keys, revoked ones too, oldest first."""

    items: list[ApiKey]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class NewApiKey(BaseModel):
    """A key to create."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "PBX Moscow", "role": "uploader", "team": None}]}
    )

    name: Name
    role: KeyRole
    team: TeamName | None = Field(None, description="Limits the key to this team's calls and reps.")


class CreatedApiKey(ApiKey):
    """A new key with its secret, which is shown this once."""

    key: str = Field(description="Send it as `Authorization: Bearer <key>`. It cannot be shown again.")
