"""The course of a dialogue -> objection episodes: who raised what, which turns answered it, how it was received.

A customer's turn opens an episode, repeats it, or reacts to the answer before it; a rep's turn answers the episode that
is open. Turns are read once, in order; nothing looks ahead but for the rep's acknowledgement, which tells that the
customer has just raised a concern.
"""

from __future__ import annotations

from service.scoring.answers import Answers
from service.scoring.dialogue import Dialogue, Turn
from service.scoring.episode import Episode
from service.scoring.hits import Hits
from service.scoring.pack import Pack
from service.scoring.reception import Reception
from service.scoring.results import Step
from service.scoring.voices import (
    ACKNOWLEDGEMENT,
    COURTESIES,
    REFUSAL,
    Setting,
    caution,
    reactions_in,
    voiced_in,
)

#: Steps that answer the objection itself.
REASONS: frozenset[Step] = frozenset({"argument", "evidence"})


def episodes(dialogue: Dialogue, hits: Hits, pack: Pack) -> tuple[Episode, ...]:
    """All objection episodes of a call in the order they were opened."""
    reader = _Reader(dialogue, hits, pack)
    for turn in dialogue.turns:
        if turn.speaker == "agent":
            reader.answer(turn)
        elif turn.speaker == "customer":
            reader.listen(turn)
    return reader.conclude()


class _Reader:
    """Walks the turns once.

    `recent` are the episodes still within reach, `addressed` those that the rep's latest turn answered, `offered` the
    steps in that turn, `left` the customer's latest turn and `addressed_then` what had been answered before it.
    """

    def __init__(self, dialogue: Dialogue, hits: Hits, pack: Pack) -> None:
        self.dialogue, self.pack = dialogue, pack
        self.answers = Answers(dialogue, hits, pack)
        self.reception = Reception(self.answers)
        self.all: list[Episode] = []
        self.recent: list[Episode] = []
        self.addressed: tuple[Episode, ...] = ()
        self.offered: set[Step] = set()
        self.left: Turn | None = None
        self.addressed_then: tuple[Episode, ...] = ()
        self.agent_turns = 0

    def answer(self, turn: Turn) -> None:
        """A rep's turn: give its steps to the episodes that it answers."""
        self.agent_turns += 1
        self.offered = {step for step, rule in self.pack.steps.items() if self.answers.hits(rule.id, turn)}
        self.addressed = self._addressed(turn)
        for episode in self.addressed:
            steps = self.answers.by_shape(episode.type, turn)
            self.offered |= steps.keys()
            if not REASONS.isdisjoint(steps):
                episode.argued = turn.index
            for step, said in steps.items():
                episode.steps.setdefault(step, []).extend(said)

    def listen(self, turn: Turn) -> None:
        """A customer's turn: open, repeat and settle episodes by what it says."""
        self.left, self.addressed_then = turn, self.addressed
        self._forget(turn)
        voiced = voiced_in(turn, self.answers.hits, self.pack, caution(self._setting(turn)))
        reactions = reactions_in(turn, self.answers.hits, self.pack, aside=self.reception.arranging(turn))
        reach = self.pack.policy.repeat_turns
        known = {e.type.type: e for e in self.recent if turn.index - max(e.last_voiced, e.outcome_turn) <= reach}
        fresh = [said for said in voiced if said.type.type not in known]
        for said in voiced:
            episode = known.get(said.type.type)
            if episode is None or (episode not in self.addressed and self.reception.only_asked(turn, self.offered)):
                continue
            episode.repeats.extend(said.hits)
            episode.last_voiced, episode.voiced_after = turn.index, self.agent_turns
            self.reception.repeat(episode, said, turn, reactions, answered=episode in self.addressed)
        for episode in self._concerned(turn):
            if episode.outcome_turn != turn.index:
                others = [said.place for said in voiced if said.type is not episode.type]
                self.reception.receive(episode, turn, reactions, offered=self.offered, until=min(others, default=None))
        if not voiced:
            if not self.addressed:
                left_open = [episode for episode in self.recent if self._in_span(episode)]
                self.reception.let_go(left_open, turn, reactions, offered=self.offered)
            handled = self.pack.policy.handled
            in_order = [e for e in self.recent if handled.holds(frozenset(e.steps), "accepted")]
            self.reception.go_along(in_order, turn, reactions)
        for said in fresh:
            self.all.append(Episode(said.type, turn.index, said.hits, turn.index, self.agent_turns))
            self.recent.append(self.all[-1])

    def conclude(self) -> tuple[Episode, ...]:
        """All episodes, after a last look at how the call ended."""
        if self.left is not None:
            self.reception.conclude(self.all, self.addressed_then, self.left)
        return tuple(self.all)

    def _concerned(self, turn: Turn) -> tuple[Episode, ...]:
        """The episodes that the customer's turn reacts to: those answered; put off, all that were voiced with them."""
        if not self.reception.put_off(turn):
            return self.addressed
        breaths = {episode.turn for episode in self.addressed}
        silent = [e for e in self.recent if e.turn in breaths and e not in self.addressed and e.outcome is None]
        return (*self.addressed, *silent)

    def _addressed(self, turn: Turn) -> tuple[Episode, ...]:
        """The episodes voiced last and not settled; of two voiced in one breath those the argument speaks to."""
        live = [episode for episode in self.recent if not episode.settled and self._in_span(episode)]
        if not live:
            return ()
        voiced = max(episode.last_voiced for episode in live)
        together = [episode for episode in live if episode.last_voiced == voiced]
        together = [episode for episode in together if episode.turn == voiced] or together
        spoken_to = [episode for episode in together if self.answers.speaks_to(episode.type, turn)]
        chosen = spoken_to or [next((e for e in together if e.outcome_turn < voiced), together[0])]
        return tuple(episode for episode in chosen if self._taken_up(episode, turn))

    def _in_span(self, episode: Episode) -> bool:
        return self.agent_turns - episode.voiced_after <= self.pack.policy.episode_turns

    def _taken_up(self, episode: Episode, turn: Turn) -> bool:
        """What the customer let rest, or overtook with another reason, is taken up again only by an argument.

        Right after a customer's remark that leaves it open, any statement of some length goes on with it.
        """
        overtaken = any(other.last_voiced > episode.last_voiced for other in self.recent)
        if not overtaken and episode.outcome not in ("accepted", "neutral"):
            return True
        left_open = episode.outcome == "neutral" and episode.outcome_turn == turn.index - 1
        if not overtaken and left_open and not self.answers.asks(turn.index - 1) and self.answers.statement(turn):
            return True
        return "argument" in self.answers.by_rule(episode.type, turn)

    def _forget(self, turn: Turn) -> None:
        """Let go of episodes that nothing said from now on can concern; keeps long calls linear."""
        reach = max(self.pack.policy.repeat_turns, 2 * self.pack.policy.episode_turns)
        self.recent = [episode for episode in self.recent if turn.index - episode.last_voiced <= reach]

    def _setting(self, turn: Turn) -> Setting:
        said, before = self.answers.said, turn.index - 1
        return Setting(
            words=sum(len(sentence.words) for sentence in self.dialogue.sentences_of(turn)),
            first=turn.ordinal == 0,
            asked=self.answers.asks(before),
            courtesy=any((rule, before) in said for rule in COURTESIES),
            refuses=(REFUSAL, turn.index) in said,
            heard=(ACKNOWLEDGEMENT, turn.index + 1) in said,
        )
