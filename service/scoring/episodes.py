"""The course of a dialogue -> objection episodes: who raised what, which turns answered it, how it was received.

A customer's turn opens an episode, repeats it, or reacts to the answer before it; a rep's turn answers the episode that
is open. Turns are read once, in order; nothing looks ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.scoring.answers import Answers, Steps
from service.scoring.dialogue import Dialogue, Turn
from service.scoring.hits import Hit, Hits
from service.scoring.pack import ObjectionType, Pack
from service.scoring.results import Evidence, Outcome, Step
from service.scoring.voices import COURTESIES, Place, Reaction, Voiced, caution, reactions_in, voiced_in

#: Steps that give the customer something to react to; a question alone is answered, not accepted or refused.
SUBSTANCE: frozenset[Step] = frozenset({"argument", "evidence", "confirm"})
#: Steps that answer the objection itself.
REASONS: frozenset[Step] = frozenset({"argument", "evidence"})
#: All that a rep did who gave in politely.
MERE_COURTESY: frozenset[Step] = frozenset({"acknowledge"})
#: Script items by which a call moves on; a customer who goes along with one lets the objection go.
MOVING_ON = ("script/next_step", "script/next_step_dated", "script/contact_confirmation")
#: The item that makes a next step binding: a day or an hour.
DATED_STEP = "script/next_step_dated"
#: The rep's goodbye; what the customer says to it is a goodbye, too.
CLOSING = "script/closing"


@dataclass(slots=True, eq=False)
class Episode:
    """One objection while the call is being read. Turns are indices; -1: never.

    `argued` is the rep's last turn with a reason or proof, `voiced_after` counts the rep's turns before it was last voiced. `outcome` is None until the customer reacts.
    """

    type: ObjectionType
    turn: int
    opening: tuple[Hit, ...]
    last_voiced: int
    voiced_after: int
    repeats: list[Hit] = field(default_factory=list)
    steps: Steps = field(default_factory=dict)
    argued: int = -1
    outcome: Outcome | None = None
    outcome_turn: int = -1
    outcome_hits: tuple[Hit, ...] = ()

    @property
    def settled(self) -> bool:
        """True once the customer accepted an answer that had an argument."""
        return self.outcome == "accepted" and "argument" in self.steps

    @property
    def open(self) -> bool:
        """True until the customer accepted or refused."""
        return self.outcome in (None, "neutral")

    def react(self, outcome: Outcome, turn: int, hits: tuple[Hit, ...]) -> None:
        """Take the customer's newest reaction; the last one stands."""
        self.outcome, self.outcome_turn, self.outcome_hits = outcome, turn, hits


def episodes(dialogue: Dialogue, hits: Hits, pack: Pack) -> tuple[Episode, ...]:
    """All objection episodes of a call in the order they were opened."""
    reader = _Reader(dialogue, hits, pack)
    for turn in dialogue.turns:
        if turn.speaker == "agent":
            reader.answer(turn)
        elif turn.speaker == "customer":
            reader.listen(turn)
    reader.conclude()
    return tuple(reader.all)


class _Reader:
    """Walks the turns once.

    `recent` are the episodes still within reach, `addressed` those that the rep's latest turn answered, `offered` the
    steps in that turn.
    """

    def __init__(self, dialogue: Dialogue, hits: Hits, pack: Pack) -> None:
        self.dialogue, self.pack = dialogue, pack
        self.answers = Answers(dialogue, hits, pack)
        self.all: list[Episode] = []
        self.recent: list[Episode] = []
        self.addressed: tuple[Episode, ...] = ()
        self.addressed_last: tuple[Episode, ...] = ()
        self.offered: set[Step] = set()
        self.agent_turns = 0

    # The rep's side.

    def answer(self, turn: Turn) -> None:
        """Give the turn's steps to the episodes that it answers."""
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

    # The customer's side.

    def listen(self, turn: Turn) -> None:
        """Open, repeat and settle episodes by what the customer says."""
        self.addressed_last = self.addressed
        reach = self.pack.policy.repeat_turns
        keep = max(reach, 2 * self.pack.policy.episode_turns)
        self.recent = [episode for episode in self.recent if turn.index - episode.last_voiced <= keep]
        voiced = voiced_in(turn, self.answers.hits, self.pack, self._caution(turn))
        parting = (CLOSING, turn.index - 1) in self.answers.said
        reactions = reactions_in(turn, self.answers.hits, self.pack, parting=parting)
        known = {e.type.type: e for e in self.recent if turn.index - max(e.last_voiced, e.outcome_turn) <= reach}
        fresh = [said for said in voiced if said.type.type not in known]
        for said in voiced:
            if said.type.type in known:
                self._repeat(known[said.type.type], said, turn, reactions)
        for episode in self.addressed:
            if episode.outcome_turn != turn.index:
                self._receive(episode, turn, reactions, fresh[0].place if fresh else None)
        if not voiced:
            if not self.addressed:
                self._let_go(turn, reactions)
            self._go_along(turn, reactions)
        for said in fresh:
            episode = Episode(said.type, turn.index, said.hits, turn.index, self.agent_turns)
            self.all.append(episode)
            self.recent.append(episode)

    def _caution(self, turn: Turn) -> float:
        words = sum(len(sentence.words) for sentence in self.dialogue.sentences_of(turn))
        courtesy = any((rule, turn.index - 1) in self.answers.said for rule in COURTESIES)
        return caution(turn, words, asked=self.answers.asks(turn.index - 1), courtesy=courtesy)

    def conclude(self) -> None:
        """The end of the call: who hung up, and what was never answered in a call that led to nothing."""
        left = next((turn for turn in reversed(self.dialogue.turns) if turn.speaker == "customer"), None)
        if left is None:
            return
        led_on = max((turn for rule, turn in self.answers.said if rule in MOVING_ON), default=-1)
        parted = (CLOSING, left.index - 1) in self.answers.said
        for episode in self.all:
            if episode.outcome is None and not episode.steps and led_on < episode.turn:
                episode.react("rejected", left.index, self._whole("dialogue/left_with_it", left))
        hung_up = not parted and led_on < left.index - 1 and not self.answers.asks(left.index)
        for episode in self.addressed_last if hung_up else ():
            if episode.outcome != "accepted" and episode.outcome_turn < left.index:
                episode.react("rejected", left.index, self._whole("dialogue/hung_up", left))

    def _repeat(self, episode: Episode, said: Voiced, turn: Turn, reactions: Sequence[Reaction]) -> None:
        """The same reason again is a refusal, unless the customer comes round in the same breath."""
        episode.repeats.extend(said.hits)
        episode.last_voiced, episode.voiced_after = turn.index, self.agent_turns
        after = [reaction for reaction in reactions if reaction.place > said.place]
        if after and episode in self.addressed:
            self._take(episode, after[-1], turn)
        else:
            episode.react("rejected", turn.index, said.hits)

    def _receive(self, episode: Episode, turn: Turn, reactions: Sequence[Reaction], until: Place | None) -> None:
        """The turn after an answer: the last reaction before any new objection (`until`) counts.

        Without words that react, going along with a next step accepts, so does not objecting when asked whether that
        settles it; piling another reason on an answer that said nothing refuses; anything but a question leaves an
        argued objection open.
        """
        heard = [reaction for reaction in reactions if until is None or reaction.place < until]
        asks = self.answers.asks(turn.index)
        if heard and (heard[-1].outcome == "rejected" or not self._only_asked(turn)):
            self._take(episode, heard[-1], turn)
        elif (
            self._moving_on(turn)
            and until is None
            and not asks
            and episode.open
            and not episode.steps.keys() <= MERE_COURTESY
        ):
            episode.react("accepted", turn.index, self._whole("dialogue/moved_on", turn))
        elif "confirm" in self.offered and not SUBSTANCE.isdisjoint(episode.steps) and not asks:
            episode.react("accepted", turn.index, self._whole("dialogue/did_not_object", turn))
        elif until is not None and not episode.steps and episode.outcome is None:
            episode.react("rejected", turn.index, self._whole("dialogue/piled_on", turn))
        elif episode.argued > episode.outcome_turn and not asks:
            episode.react("neutral", turn.index, ())

    def _take(self, episode: Episode, said: Reaction, turn: Turn) -> None:
        """Agreeing to nothing more than an acknowledgement accepts nothing; a shrug takes back no refusal unargued."""
        nothing_offered = episode.steps.keys() <= MERE_COURTESY
        outcome: Outcome = "neutral" if said.outcome == "accepted" and nothing_offered else said.outcome
        if outcome == "neutral" and episode.outcome == "rejected" and episode.argued < episode.outcome_turn:
            return
        episode.react(outcome, turn.index, (said.hit,))

    def _let_go(self, turn: Turn, reactions: Sequence[Reaction]) -> None:
        """Who comes round without a word of doubt lets go of what was left open before."""
        if not reactions or any(said.outcome != "accepted" for said in reactions) or self._only_asked(turn):
            return
        for episode in self.recent:
            if episode.outcome == "neutral" and self._in_span(episode):
                episode.react("accepted", turn.index, (reactions[-1].hit,))

    def _go_along(self, turn: Turn, reactions: Sequence[Reaction]) -> None:
        """Who agrees to a next step on a day has accepted every answer that was in order, said or not."""
        before = turn.index - 1
        if (DATED_STEP, before) not in self.answers.said or (CLOSING, before) in self.answers.said:
            return
        if any(said.outcome == "rejected" for said in reactions):
            return
        for episode in self.recent:
            in_order = self.pack.policy.handled.holds(frozenset(episode.steps), "accepted")
            if in_order and episode.open:
                episode.react("accepted", turn.index, self._whole("dialogue/moved_on", turn))

    def _moving_on(self, turn: Turn) -> bool:
        """True if the rep proposed a next step just before."""
        return any((rule, turn.index - 1) in self.answers.said for rule in MOVING_ON)

    def _only_asked(self, turn: Turn) -> bool:
        """True if the rep's turn before was a question: the customer's yes answers it and accepts nothing."""
        offered = self._moving_on(turn) or not SUBSTANCE.isdisjoint(self.offered)
        return not offered and self.answers.asks(turn.index - 1)

    def _whole(self, rule: str, turn: Turn) -> tuple[Hit, ...]:
        """The whole turn as a hit of one of the engine's own rules."""
        index, sentence = turn.first_utterance, turn.first_sentence
        said = self.dialogue.transcript.utterances[index]
        evidence = Evidence(index, said.start_s, said.end_s, said.text, rule, "")
        return (Hit(rule, index, turn.index, sentence, 0, len(said.text), lambda: evidence),)
