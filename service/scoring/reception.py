"""How the customer takes the rep's answers: by words that react, and by the course of the talk where there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from service.scoring.answers import Answers
from service.scoring.dialogue import Turn
from service.scoring.episode import Episode
from service.scoring.hits import Hit
from service.scoring.results import Evidence, Outcome, Step
from service.scoring.voices import Place, Reaction, Voiced, last_word

#: Steps that give the customer something to react to; a question alone is answered, not accepted or refused.
SUBSTANCE: frozenset[Step] = frozenset({"argument", "evidence", "confirm"})
#: Script items by which a call moves on; a customer who goes along with one lets the objection go.
MOVING_ON = ("script/next_step", "script/next_step_dated", "script/contact_confirmation")
#: The item that makes a next step binding: a day or an hour.
DATED_STEP = "script/next_step_dated"
CONTACT = "script/contact_confirmation"
#: Answers that put a customer off: who does not come round to one has refused it.
OFFENCES = ("violations/confrontation", "violations/competitor_bashing")
#: The rep's goodbye; what the customer says to it is a goodbye, too.
CLOSING = "script/closing"


class Reception:
    """Decides outcomes, turn by turn. `answers` knows what was said where."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def repeat(
        self, episode: Episode, said: Voiced, turn: Turn, reactions: Sequence[Reaction], *, answered: bool
    ) -> None:
        """The same reason again is a refusal, unless the customer comes round in the same breath to an answer."""
        after = last_word([reaction for reaction in reactions if reaction.place > said.place])
        if after is not None and answered:
            self._take(episode, after, turn)
        else:
            episode.react("rejected", turn.index, said.hits)

    def receive(
        self,
        episode: Episode,
        turn: Turn,
        reactions: Sequence[Reaction],
        *,
        offered: Collection[Step],
        until: Place | None,
    ) -> None:
        """The turn after an answer with the steps `offered`: the last reaction before any new objection (`until`) counts.

        Without words that react, going along with a next step accepts, so does not objecting when asked whether that
        settles it; piling another reason on an answer that said nothing refuses; anything but a question leaves an
        argued objection open.
        """
        heard = last_word([reaction for reaction in reactions if until is None or reaction.place < until])
        asks = self._answers.asks(turn.index)
        if self.put_off(turn) and not asks and (heard is None or heard.outcome == "neutral"):
            episode.react("rejected", turn.index, self._whole("dialogue/put_off", turn))
        elif heard is not None and (heard.outcome == "rejected" or not self.only_asked(turn, offered)):
            self._take(episode, heard, turn)
        elif self._moving_on(turn) and until is None and not asks and episode.open and not episode.unanswered:
            episode.react("accepted", turn.index, self._whole("dialogue/moved_on", turn))
        elif "confirm" in offered and not SUBSTANCE.isdisjoint(episode.steps) and not asks:
            episode.react("accepted", turn.index, self._whole("dialogue/did_not_object", turn))
        elif until is not None and not episode.steps and episode.outcome is None:
            episode.react("rejected", turn.index, self._whole("dialogue/piled_on", turn))
        elif episode.argued > episode.outcome_turn and not asks:
            episode.react("neutral", turn.index, ())

    def let_go(
        self, left_open: Iterable[Episode], turn: Turn, reactions: Sequence[Reaction], *, offered: Collection[Step]
    ) -> None:
        """Who comes round without a word of doubt lets go of what was left open before."""
        if not reactions or any(said.outcome != "accepted" for said in reactions) or self.only_asked(turn, offered):
            return
        for episode in left_open:
            if episode.outcome == "neutral":
                episode.react("accepted", turn.index, (reactions[-1].hit,))

    def go_along(self, in_order: Iterable[Episode], turn: Turn, reactions: Sequence[Reaction]) -> None:
        """Who agrees to a next step on a day has accepted every answer that was in order, said or not."""
        before = turn.index - 1
        if (DATED_STEP, before) not in self._answers.said or self.parting(turn):
            return
        if any(said.outcome == "rejected" for said in reactions):
            return
        for episode in in_order:
            if episode.open:
                episode.react("accepted", turn.index, self._whole("dialogue/moved_on", turn))

    def conclude(self, episodes: Iterable[Episode], addressed_last: Iterable[Episode], left: Turn) -> None:
        """The end of the call, `left` being the customer's last turn: who hung up, and what was never answered at all."""
        led_on = max((turn for rule, turn in self._answers.said if rule in MOVING_ON), default=-1)
        for episode in episodes:
            if episode.outcome is None and not episode.steps and led_on < episode.turn:
                episode.react("rejected", left.index, self._whole("dialogue/left_with_it", left))
        if self.parting(left) or led_on >= left.index - 1 or self._answers.asks(left.index):
            return
        for episode in addressed_last:
            if episode.outcome != "accepted" and episode.outcome_turn < left.index:
                episode.react("rejected", left.index, self._whole("dialogue/hung_up", left))

    def parting(self, turn: Turn) -> bool:
        """True if the rep has just said goodbye."""
        return (CLOSING, turn.index - 1) in self._answers.said

    def arranging(self, turn: Turn) -> bool:
        """True if the rep has just said goodbye or confirmed a contact: the answer is to that, not to an argument."""
        return self.parting(turn) or (CONTACT, turn.index - 1) in self._answers.said

    def _take(self, episode: Episode, said: Reaction, turn: Turn) -> None:
        """Agreeing to nothing more than an acknowledgement accepts nothing; a shrug takes back no refusal unargued."""
        outcome: Outcome = "neutral" if said.outcome == "accepted" and episode.unanswered else said.outcome
        if outcome == "neutral" and episode.outcome == "rejected" and episode.argued < episode.outcome_turn:
            return
        episode.react(outcome, turn.index, (said.hit,))

    def put_off(self, turn: Turn) -> bool:
        """True if the rep has just told the customer that they are wrong, or spoken ill of whom they work with."""
        return any((rule, turn.index - 1) in self._answers.said for rule in OFFENCES)

    def _moving_on(self, turn: Turn) -> bool:
        """True if the rep proposed a next step just before."""
        return any((rule, turn.index - 1) in self._answers.said for rule in MOVING_ON)

    def only_asked(self, turn: Turn, offered: Collection[Step]) -> bool:
        """True if the rep's turn before was a question: the customer's yes answers it and accepts nothing."""
        substance = self._moving_on(turn) or not SUBSTANCE.isdisjoint(offered)
        return not substance and ("clarify" in offered or self._answers.asks(turn.index - 1))

    def _whole(self, rule: str, turn: Turn) -> tuple[Hit, ...]:
        """The turn as a hit of one of the engine's own rules."""
        index = turn.first_utterance
        said = self._answers.dialogue.transcript.utterances[index]
        evidence = Evidence(index, said.start_s, said.end_s, said.text, rule, "")
        return (Hit(rule, index, turn.index, turn.first_sentence, 0, len(said.text), lambda: evidence),)
