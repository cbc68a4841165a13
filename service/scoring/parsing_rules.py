"""Rule files: fields of one rule, references still by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.scoring.fields import Fields, open_file
from service.scoring.pack import (
    CALL_DIRECTIONS,
    CALL_ROLES,
    RULE_SPEAKERS,
    SEVERITIES,
    CallDirection,
    CallRole,
    Group,
    RuleSpeaker,
    Template,
    Within,
)
from service.scoring.rawpatterns import RawPattern, raw_pattern
from service.scoring.results import Severity, Text
from service.scoring.source import Node, Problems, RawFile

_RULE_KEYS = (
    "id", "title", "speaker", "phrases", "token_patterns", "unless", "negation", "like", "unlike", "threshold", "within",
    "after", "before", "near", "question", "count", "all_of", "any_of",
)  # fmt: skip
_ITEM_KEYS = ("weight", "critical", "applies_when", "partial", "order_after")
_WITHIN_KEYS = ("first_turns", "last_turns", "first_seconds", "last_seconds")
#: Who speaks in rules of a group unless the rule says so itself; None: a rule must say so.
SPEAKER_OF_GROUP: Mapping[Group, RuleSpeaker | None] = {
    "script": "agent",
    "objections": "customer",
    "steps": "agent",
    "arguments": "agent",
    "reactions": "customer",
    "violations": "agent",
    "signals": None,
}
#: Spans in turns, farthest look, and how often something may have to be said.
LONGEST_SPAN = 1_000
HEAVIEST = 100.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of another rule, as written in `key`."""

    key: str
    name: str
    line: int


@dataclass(slots=True)
class RuleDraft:
    """A rule as its file gives it; `references` by key, not looked up yet."""

    group: Group
    name: str
    file: str
    line: int
    title: Text
    speaker: RuleSpeaker
    phrases: list[Template]
    raw: list[RawPattern]
    unless: list[Template]
    negation: bool
    like: list[str]
    unlike: list[str]
    threshold: float | None
    within: Within | None
    near_turns: int
    question: bool
    count: int
    references: list[Reference] = field(default_factory=list)
    weight: float = 1.0
    critical: bool = False
    directions: tuple[CallDirection, ...] = ()
    roles: tuple[CallRole, ...] = ()
    partial_points: float = 0.0
    severity: Severity = "medium"

    @property
    def id(self) -> str:
        """Full id."""
        return f"{self.group}/{self.name}"

    def named(self, key: str) -> list[Reference]:
        """The references given under a key."""
        return [reference for reference in self.references if reference.key == key]


def parse_rule(
    file: RawFile, group: Group, name: str, examples: tuple[list[str], list[str]], problems: Problems
) -> RuleDraft | None:
    """Read one rule file; `examples` are those of the file beside it. None where its YAML could not be read."""
    extra = _ITEM_KEYS if group == "script" else ("severity",) if group == "violations" else ()
    fields = open_file(problems, file, (*_RULE_KEYS, *extra), "rule")
    if fields is None:
        return None
    given = fields.name("id")
    if given is not None and given != name:
        fields.problem(fields.node("id"), f"'id': expected {name!r}, the name of the file; found {given!r}")
    like, unlike = examples
    references: list[Reference] = []
    near = fields.inside("near", ("rule", "turns"))
    draft = RuleDraft(
        group=group,
        name=name,
        file=file.path,
        line=fields.line,
        title=fields.titles("title"),
        speaker=_speaker(fields, group),
        phrases=_templates(fields, "phrases"),
        raw=_raw_patterns(fields),
        unless=_templates(fields, "unless"),
        negation=fields.flag("negation", default=True),
        like=[*(text for text, _ in fields.texts("like")), *like],
        unlike=[*(text for text, _ in fields.texts("unlike")), *unlike],
        threshold=fields.number("threshold", default=0.5, least=0, most=1) if "threshold" in fields else None,
        within=_within(fields),
        near_turns=near.whole("turns", default=1, least=0, most=LONGEST_SPAN, required=True) if near else 0,
        question=fields.flag("question", default=False),
        count=fields.whole("count", default=1, least=1, most=LONGEST_SPAN),
        references=references,
    )
    for key in ("after", "before"):
        _refer(fields, key, key, references)
    if near:
        near.require("rule")
        _refer(near, "rule", "near", references)
    for key in ("all_of", "any_of"):
        references += [Reference(key, text, line) for text, line in fields.texts(key)]
    _check_shape(fields, draft)
    if group == "script":
        _item(fields, draft)
    if group == "violations":
        draft.severity = fields.one_of("severity", SEVERITIES, default="medium", required=True)
    return draft


def _refer(fields: Fields, key: str, as_key: str, references: list[Reference]) -> None:
    node = fields.node(key)
    text = fields.text(key)
    if node is not None and text is not None:
        references.append(Reference(as_key, text, node.line))


def _speaker(fields: Fields, group: Group) -> RuleSpeaker:
    usual = SPEAKER_OF_GROUP[group]
    speaker = fields.one_of("speaker", RULE_SPEAKERS, default=usual or "any", required=usual is None)
    if usual is not None and speaker != usual:
        fields.problem(
            fields.node("speaker"), f"'speaker': rules in {group} are spoken by the {usual}, found {speaker}"
        )
    return speaker


def _templates(fields: Fields, key: str) -> list[Template]:
    templates = [Template(text, line) for text, line in fields.texts(key)]
    seen: dict[str, int] = {}
    for template in templates:
        if template.text in seen:
            fields.problem_at(template.line, f"{key!r}: the same template stands in line {seen[template.text]}")
        seen.setdefault(template.text, template.line)
    return templates


def _raw_patterns(fields: Fields) -> list[RawPattern]:
    found: list[RawPattern] = []
    for item in fields.items("token_patterns"):
        tokens = item.plain()
        if not isinstance(tokens, list) or not tokens or not all(isinstance(token, dict) for token in tokens):
            fields.problem(
                item, "'token_patterns': expected a list of token descriptions such as [{LEMMA: цена}, {OP: '?'}]"
            )
            continue
        try:
            found.append(raw_pattern(tokens, _shown(item)))
        except ValueError as error:
            fields.problem(item, f"'token_patterns': {error}")
    return found


def _shown(node: Node) -> str:
    """A raw pattern as evidence shows it."""
    value = node.value
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(item)}" for key, item in value.items()) + "}"
    return str(value)


def _within(fields: Fields) -> Within | None:
    inside = fields.inside("within", _WITHIN_KEYS)
    if inside is None:
        return None
    if not any(key in inside for key in _WITHIN_KEYS):
        inside.problem(None, f"'within': expected one of {', '.join(_WITHIN_KEYS)}")
        return None
    return Within(
        first_turns=inside.whole("first_turns", default=1, least=1) if "first_turns" in inside else None,
        last_turns=inside.whole("last_turns", default=1, least=1) if "last_turns" in inside else None,
        first_seconds=inside.number("first_seconds", default=1, least=1) if "first_seconds" in inside else None,
        last_seconds=inside.number("last_seconds", default=1, least=1) if "last_seconds" in inside else None,
    )


def _check_shape(fields: Fields, draft: RuleDraft) -> None:
    """A rule finds something by itself or is built from other rules, never both."""
    own = [key for key in ("phrases", "token_patterns", "like") if key in fields]
    built = [key for key in ("all_of", "any_of") if key in fields]
    if own and built:
        fields.problem(
            fields.node(built[0]),
            f"{built[0]!r} cannot stand beside {own[0]!r}: a rule is built from others or finds words",
        )
    if not (draft.phrases or draft.raw or draft.like or draft.references):
        fields.problem(
            None, "the rule can never fire: expected 'phrases', 'token_patterns', 'like', 'all_of' or 'any_of'"
        )
    elif not own and not built and not draft.like:
        fields.problem(None, "the rule can never fire: it has conditions but nothing to find")
    if draft.unless and not (draft.phrases or draft.raw or draft.like):
        fields.problem(fields.node("unless"), "'unless' means nothing without 'phrases'")


def _item(fields: Fields, draft: RuleDraft) -> None:
    draft.weight = fields.number("weight", default=1.0, least=0, most=HEAVIEST)
    if draft.weight == 0:
        fields.problem(fields.node("weight"), "'weight': 0 leaves the item out; delete it, or give it a weight above 0")
    draft.critical = fields.flag("critical", default=False)
    applies = fields.inside("applies_when", ("direction", "role", "rule"))
    if applies:
        draft.directions = applies.choices("direction", CALL_DIRECTIONS)
        draft.roles = applies.choices("role", CALL_ROLES)
        _refer(applies, "rule", "applies_when", draft.references)
    partial = fields.inside("partial", ("rule", "points"))
    if partial:
        partial.require("rule")
        _refer(partial, "rule", "partial", draft.references)
        draft.partial_points = partial.number("points", default=0.5, least=0, most=1, required=True)
    _refer(fields, "order_after", "order_after", draft.references)
