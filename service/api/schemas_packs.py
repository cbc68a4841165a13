"""Rule packs, as they go over the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from service.packs import PackHeader, PackState
from service.scoring import pack as model
from service.scoring.errors import PackProblem
from service.scoring.results import Text

_VERSION: dict[str, Any] = {
    "language": "ru",
    "version": "1.4.0",
    "sha256": "5f0c" * 16,
    "title": {"ru": "Продажи B2B", "en": "B2B sales"},
    "problems": 0,
    "published": True,
}


class PackVersion(BaseModel):
    """A pack in one language."""

    language: str
    version: str | None = Field(description="As its files say; null if they do not.")
    sha256: str | None = Field(description="Of every file that can change a score; scorecards name it.")
    title: Text | None
    problems: int | None = Field(
        description="Of these files; null as long as nobody looked. While there are any, the last good version stays in use."
    )
    published: bool = Field(description="Published from a draft; false: it lies in the rules folder.")

    @classmethod
    def listed(cls, header: PackHeader) -> PackVersion:
        return cls(
            language=header.language,
            version=header.version,
            sha256=header.sha256,
            title=header.title,
            problems=None,
            published=header.published,
        )

    @classmethod
    def of(cls, state: PackState) -> PackVersion:
        pack = state.pack
        return cls(
            language=state.language,
            version=None if pack is None else pack.version,
            sha256=None if pack is None else pack.sha256,
            title=None if pack is None else pack.title,
            problems=len(state.problems),
            published=state.published,
        )


class PackSummary(BaseModel):
    """A pack."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "b2b_sales", "languages": [_VERSION]}]})

    id: str
    languages: list[PackVersion]


class PackList(BaseModel):
    """All packs, by id."""

    items: list[PackSummary]


class Problem(BaseModel):
    """Something wrong in a file of a pack."""

    file: str
    line: int
    message: str

    @classmethod
    def of(cls, problem: PackProblem) -> Problem:
        return cls(file=problem.file, line=problem.line, message=problem.message)


class PackRule(BaseModel):
    """A rule. `weight` and `critical` are those of script items, `severity` that of violations; null elsewhere."""

    id: str = Field(description="As evidence names it.", examples=["objections/price"])
    group: model.Group
    title: Text
    speaker: model.RuleSpeaker
    phrases: int
    examples: int
    weight: float | None = None
    critical: bool | None = None
    severity: str | None = None


class PackDetails(PackVersion):
    """A pack in one language, with its rules and everything that is wrong with its files. `version`, `sha256` and rules are those in use."""

    folder_version: str | None = Field(description="Of the pack in the rules folder, in use or not; null without one.")
    pass_mark: float | None = Field(description="Share of script adherence from which a call passes.")
    rules: list[PackRule]
    problem_list: list[Problem]

    @classmethod
    def of(cls, state: PackState) -> PackDetails:
        return cls(
            **PackVersion.of(state).model_dump(),
            folder_version=state.folder_version,
            pass_mark=None if state.pack is None else state.pack.pass_mark,
            rules=[] if state.pack is None else _rules(state.pack),
            problem_list=[Problem.of(problem) for problem in state.problems],
        )


class PackAnswer(BaseModel):
    """One pack in all its languages."""

    id: str
    languages: list[PackDetails]


def _rules(pack: model.Pack | model.Outline) -> list[PackRule]:
    items = {item.rule.id: item for item in pack.script}
    severities = {violation.rule.id: violation.severity for violation in pack.violations}
    return [
        PackRule(
            id=rule.id,
            group=rule.group,
            title=rule.title,
            speaker=rule.speaker,
            phrases=len(rule.phrases) + len(rule.token_patterns),
            examples=len(rule.like),
            weight=items[rule.id].weight if rule.id in items else None,
            critical=items[rule.id].critical if rule.id in items else None,
            severity=severities.get(rule.id),
        )
        for rule in pack.rules.values()
    ]
