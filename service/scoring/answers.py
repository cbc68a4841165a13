"""A rep's turn as an answer to an objection: the steps in it, by rule and, if the pack says so, by its shape.

Nobody can list every wording of an argument, but an answer has a shape: who replies to an objection with a statement of
some length gives a reason, who ends such a statement with a question checks, who only asks wants to know more.
"""

from __future__ import annotations

from collections import defaultdict

from service.scoring.dialogue import Dialogue, Sentence, Turn
from service.scoring.evidence import hit_on
from service.scoring.hits import Hit, Hits
from service.scoring.lexicon_type import words_of
from service.scoring.pack import ObjectionType, Pack
from service.scoring.results import Step

Steps = dict[Step, list[Hit]]

#: Rules whose sentences are something else than a reason: courtesy, questions, summaries, arrangements. Violations are, too.
NO_REASON = (
    "steps/acknowledge",
    "steps/clarify",
    "steps/confirm",
    "script/needs_summary",
    "script/next_step",
    "script/next_step_dated",
    "script/contact_confirmation",
    "script/closing",
)
#: Rules whose questions do not ask about the objection.
NO_INQUIRY = ("script/next_step", "script/next_step_dated", "script/contact_confirmation", "script/closing")
#: Words that make a question ask for something new rather than for a yes: at its beginning, or after a comma.
INQUIRING = words_of(
    "кто что какой каков чей сколько когда где куда откуда почему зачем как насколько "
    "what which who whom whose when where why how"
)
#: Words that do so anywhere in a question, and those that offer a choice.
INQUIRING_ANYWHERE = words_of("кто сколько где куда откуда почему зачем или либо which whose why or")


class Answers:
    """Finds the steps of rep's turns. `said` holds all hits by rule and turn."""

    def __init__(self, dialogue: Dialogue, hits: Hits, pack: Pack) -> None:
        self.dialogue, self.pack = dialogue, pack
        self.said: dict[tuple[str, int], list[Hit]] = defaultdict(list)
        self._sentences_of: dict[str, set[int]] = defaultdict(set)
        for hit in hits:
            self.said[hit.rule, hit.turn].append(hit)
            self._sentences_of[hit.rule].add(hit.sentence)
        self._violations = tuple(violation.rule.id for violation in pack.violations)

    def hits(self, rule: str, turn: Turn) -> list[Hit]:
        """Hits of a rule in a turn."""
        return self.said.get((rule, turn.index), [])

    def asks(self, index: int) -> bool:
        """True if the turn at this index ends with a question."""
        sentences = self.dialogue.sentences_of(self.dialogue.turns[index]) if index >= 0 else ()
        return bool(sentences) and sentences[-1].question

    def speaks_to(self, objection: ObjectionType, turn: Turn) -> bool:
        """True if an argument rule of this type, not a general one, fired in the turn."""
        return any(self._stated(rule, turn) for rule in objection.arguments[:1])

    def by_rule(self, objection: ObjectionType, turn: Turn) -> Steps:
        """The steps whose rules fired in the turn; an argument has to be of this type or a general one."""
        found: Steps = {
            step: said
            for step, rule in self.pack.steps.items()
            if (said := self._stated(rule.id, turn) if step == "evidence" else self.hits(rule.id, turn))
        }
        if argued := [hit for rule in objection.arguments for hit in self._stated(rule, turn)]:
            found["argument"] = argued
        return found

    def by_shape(self, objection: ObjectionType, turn: Turn) -> Steps:
        """The steps by rule, and those that the shape of a direct answer adds."""
        found = self.by_rule(objection, turn)
        if self.pack.policy.statement_words is None:
            return found
        if "argument" not in found and (statement := self.statement(turn)):
            found["argument"] = [self._cite(sentence, "dialogue/statement") for sentence in statement]
        last = self.dialogue.sentences_of(turn)[-1:]
        if last and last[0].question and "confirm" not in found:
            if ("argument" in found or "evidence" in found) and not _inquires(last[0]):
                found["confirm"] = [self._cite(last[0], "dialogue/closing_question")]
            elif "clarify" not in found and not self._is(last[0], (*NO_INQUIRY, *self._violations)):
                found["clarify"] = [self._cite(last[0], "dialogue/question")]
        return found

    def statement(self, turn: Turn) -> tuple[Sentence, ...]:
        """What the turn states in answer, if that is as long as the pack asks for; questions and courtesies aside."""
        wanted = self.pack.policy.statement_words
        stated = tuple(
            sentence
            for sentence in self.dialogue.sentences_of(turn)
            if not sentence.question and not self._is(sentence, (*NO_REASON, *self._violations))
        )
        words = sum(len(sentence.words) - len(sentence.fillers) for sentence in stated)
        return stated if wanted is not None and words >= wanted else ()

    def _stated(self, rule: str, turn: Turn) -> list[Hit]:
        """Hits of a rule in a turn, without questions that merely resemble an example: a question proves nothing."""
        return [
            hit
            for hit in self.hits(rule, turn)
            if hit.similarity is None or not self.dialogue.sentences[hit.sentence].question
        ]

    def _is(self, sentence: Sentence, rules: tuple[str, ...]) -> bool:
        return any(sentence.index in self._sentences_of.get(rule, ()) for rule in rules)

    def _cite(self, sentence: Sentence, rule: str) -> Hit:
        return hit_on(self.dialogue, sentence, 0, len(sentence.words), rule=rule, template="")


def _inquires(question: Sentence) -> bool:
    """True for a question that wants to know which, what or why; False for one that a yes would answer."""
    opening = next((i for i in range(len(question.words)) if i not in question.fillers), 0)
    return any(
        not INQUIRING_ANYWHERE.isdisjoint(word.lemmas)
        or ((index == opening or word.pause) and not INQUIRING.isdisjoint(word.lemmas))
        for index, word in enumerate(question.words)
    )
