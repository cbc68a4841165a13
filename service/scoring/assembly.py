"""Drafts of all rules of a pack -> the compiled Pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.scoring.example_sets import FEWEST_EXAMPLES, ExampleSet, example_sets
from service.scoring.examples import TrainedModels, train
from service.scoring.language import pipeline
from service.scoring.lexemes import TemplateError
from service.scoring.pack import (
    GENERAL_ARGUMENT,
    OUTCOMES,
    AppliesWhen,
    Near,
    ObjectionType,
    Outline,
    Pack,
    Partial,
    Rule,
    ScriptItem,
    Template,
    TokenPattern,
    ViolationRule,
)
from service.scoring.parsing_header import Header
from service.scoring.parsing_rules import RuleDraft
from service.scoring.parsing_tests import BaselineEntry
from service.scoring.references import References, in_dependency_order
from service.scoring.results import STEPS
from service.scoring.rulebook import CompiledRules, RuleSource
from service.scoring.slots import Expander, Row
from service.scoring.source import Problems
from service.scoring.templates import Sequence as Tree
from service.scoring.templates import parse_template


@dataclass(frozen=True, slots=True)
class _Checked:
    sources: Sequence[RuleSource]
    order: Sequence[str]
    script: tuple[ScriptItem, ...]
    sets: tuple[ExampleSet, ...]


class Assembly:
    """Puts a pack together; notes what only shows when everything is there."""

    def __init__(
        self,
        header: Header,
        drafts: Sequence[RuleDraft],
        references: References,
        *,
        lists: Mapping[str, tuple[Tree, ...]],
        language: str,
        problems: Problems,
    ) -> None:
        self._header = header
        self._drafts = drafts
        self._references = references
        self._problems = problems
        self._language = language
        self._expander = Expander(pipeline(language), lists)
        self._rules = {draft.id: self._rule(draft) for draft in drafts}

    def pack(
        self, sha256: str, baseline: tuple[BaselineEntry, ...], models: TrainedModels | None = None
    ) -> Pack | None:
        """The pack, None where problems forbid one. `models` are those that were trained for the same hash before."""
        checked = self._checked(baseline)
        arguments = {draft.name: self._rules[draft.id] for draft in self._of("arguments")}
        if self._problems.blocking:
            return None
        header = self._header
        return Pack(
            id=header.id,
            version=header.version,
            language=self._language,
            title=header.title,
            sha256=sha256,
            pass_mark=header.pass_mark,
            critical_cap=header.critical_cap,
            rules=self._rules,
            script=checked.script,
            objections=tuple(
                ObjectionType(
                    self._rules[draft.id],
                    tuple(arguments[name].id for name in (draft.name, GENERAL_ARGUMENT) if name in arguments),
                )
                for draft in self._of("objections")
            ),
            steps={step: self._rules[f"steps/{step}"] for step in STEPS if f"steps/{step}" in self._rules},
            arguments=arguments,
            reactions={
                name: self._rules[f"reactions/{name}"] for name in OUTCOMES if f"reactions/{name}" in self._rules
            },
            violations=self._violations(),
            policy=header.policy,
            flags=header.flags,
            gate=header.gate,
            matcher=CompiledRules(
                pipeline(self._language),
                checked.sources,
                checked.order,
                models or train(checked.sets, pipeline(self._language)),
            ),
        )

    def outline(self, sha256: str, baseline: tuple[BaselineEntry, ...]) -> Outline | None:
        """What the pack says about itself, None where problems forbid a pack. Notes the same problems as `pack`."""
        checked = self._checked(baseline)
        if self._problems.blocking:
            return None
        return Outline(
            id=self._header.id,
            version=self._header.version,
            language=self._language,
            title=self._header.title,
            sha256=sha256,
            pass_mark=self._header.pass_mark,
            rules=self._rules,
            script=checked.script,
            violations=self._violations(),
        )

    def _checked(self, baseline: tuple[BaselineEntry, ...]) -> _Checked:
        """What compiling needs; whatever is wrong shows here."""
        return _Checked(
            sources=[self._source(draft) for draft in self._drafts],
            order=in_dependency_order(self._drafts, self._references, self._problems),
            script=self._script(),
            sets=self._example_sets(baseline),
        )

    def _violations(self) -> tuple[ViolationRule, ...]:
        return tuple(ViolationRule(self._rules[draft.id], draft.severity) for draft in self._of("violations"))

    def _example_sets(self, baseline: tuple[BaselineEntry, ...]) -> tuple[ExampleSet, ...]:
        """What the example models learn from; rules with too little are noted."""
        sets = example_sets(tuple(self._rules.values()), baseline)
        learning = {rule for examples in sets for rule in examples.rules}
        for rule in self._rules.values():
            if rule.like and rule.id not in learning:
                enough = len(rule.like) >= FEWEST_EXAMPLES
                message = (
                    f"'like': nothing to tell the examples from; expected at least {FEWEST_EXAMPLES} in 'unlike' or a baseline"
                    if enough
                    else f"'like': {len(rule.like)} examples; expected at least {FEWEST_EXAMPLES}"
                )
                self._problems.add(rule.file, rule.line, message, blocking=False)
        return sets

    def _of(self, group: str) -> list[RuleDraft]:
        return [draft for draft in self._drafts if draft.group == group]

    def _rule(self, draft: RuleDraft) -> Rule:
        references = self._references
        near = references.one(draft, "near")
        return Rule(
            id=draft.id,
            group=draft.group,
            name=draft.name,
            title=draft.title,
            speaker=draft.speaker,
            file=draft.file,
            line=draft.line,
            phrases=tuple(draft.phrases),
            token_patterns=tuple(TokenPattern(pattern.tokens, draft.line) for pattern in draft.raw),
            unless=tuple(draft.unless),
            negation=draft.negation,
            like=tuple(dict.fromkeys(draft.like)),
            unlike=tuple(dict.fromkeys(draft.unlike)),
            threshold=self._header.thresholds[draft.group] if draft.threshold is None else draft.threshold,
            floor=self._header.floors[draft.group],
            odds=self._header.odds[draft.group],
            within=draft.within,
            after=references.one(draft, "after"),
            before=references.one(draft, "before"),
            near=Near(near, draft.near_turns) if near else None,
            question=draft.question,
            count=draft.count,
            all_of=references.many(draft, "all_of"),
            any_of=references.many(draft, "any_of"),
        )

    def _source(self, draft: RuleDraft) -> RuleSource:
        return RuleSource(
            rule=self._rules[draft.id],
            phrases=self._expanded(draft, draft.phrases),
            raw=tuple(draft.raw),
            unless=self._expanded(draft, draft.unless),
        )

    def _expanded(
        self, draft: RuleDraft, templates: Sequence[Template]
    ) -> tuple[tuple[Template, tuple[Row, ...]], ...]:
        expanded: list[tuple[Template, tuple[Row, ...]]] = []
        for template in templates:
            try:
                expanded.append((template, self._expander.rows(parse_template(template.text))))
            except TemplateError as error:
                message = f"column {error.column}: {error.message} (in {template.text!r})"
                self._problems.add(draft.file, template.line, message)
        return tuple(expanded)

    def _script(self) -> tuple[ScriptItem, ...]:
        drafts = {draft.name: draft for draft in self._of("script")}
        items: list[ScriptItem] = []
        for name in dict.fromkeys(name for name, _ in self._header.script):
            draft = drafts.get(name)
            if draft is None:
                continue
            partial = self._references.one(draft, "partial")
            items.append(
                ScriptItem(
                    rule=self._rules[draft.id],
                    weight=draft.weight,
                    critical=draft.critical,
                    applies_when=AppliesWhen(
                        draft.directions, draft.roles, self._references.one(draft, "applies_when")
                    ),
                    partial=Partial(partial, draft.partial_points) if partial else None,
                    order_after=self._order_after(draft),
                )
            )
        return tuple(items)

    def _order_after(self, draft: RuleDraft) -> str | None:
        target = self._references.one(draft, "order_after")
        if target is not None and not target.startswith("script/"):
            line = draft.named("order_after")[0].line
            self._problems.add(draft.file, line, f"'order_after': expected a script item, {target} is none")
            return None
        return target
