"""Everything that a call's page shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.api.asker import Asker
from service.api.blind import blind_calls
from service.api.deps import Services, visible_call
from service.scoring.overrides_objections import REACH, place
from service.scoring.redaction import hidden_chars
from service.scoring.results import ObjectionResult, Scorecard, ViolationResult
from service.scoring.rulings import Rulings
from service.scoring.transcript import Speaker, Transcript
from service.store.records import Call, ScorecardVersion
from service.store.records_reviews import Dispute, ReviewedCall, StoredOverride
from service.web.cited import Cited, cited
from service.web.conversation import Turn, turns
from service.web.people import actors_of, names_of

#: Disputes of one call that a page shows; there is one for each point at most.
_MOST_DISPUTES = 50


@dataclass(frozen=True, slots=True)
class CallView:
    """`transcript` and what comes of the score are None while the call has none. `names` are of people, by actor. `hides`: redacted words
    are not for this visitor, so templates take words from `turns` and `quote` only.
    """

    call: Call
    transcript: Transcript | None
    reviewed: ReviewedCall | None
    rulings: Rulings
    history: Sequence[ScorecardVersion]
    disputes: Sequence[Dispute]
    names: Mapping[str, str]
    hits: tuple[Cited, ...]
    turns: tuple[Turn, ...]
    hides: bool
    #: The visitor has still to judge the call for a calibration, and sees nothing of its score before.
    blind: bool

    @property
    def card(self) -> Scorecard | None:
        """The scorecard that counts."""
        return None if self.reviewed is None else self.reviewed.effective

    @property
    def machine(self) -> Scorecard | None:
        """As it was scored."""
        return None if self.reviewed is None else self.reviewed.machine

    def machine_status(self, item_id: str) -> str:
        """What the machine said of a script item."""
        return next((item.status for item in self.machine.items if item.id == item_id), "") if self.machine else ""

    def machine_objection(self, objection_id: str) -> int | None:
        """Where the machine's ledger has this objection; None for one that a reviewer added."""
        found = self.machine.objections if self.machine else ()
        return next((at for at, objection in enumerate(found) if objection.id == objection_id), None)

    def removed_objections(self) -> tuple[tuple[ObjectionResult, StoredOverride], ...]:
        """Objections of the machine that a reviewer struck out."""
        gone = [ruling for ruling in self._rulings() if ruling.override.kind == "objection_removed"]
        found = self.machine.objections if self.machine else ()
        return tuple((objection, ruling) for objection in found for ruling in gone if _about(ruling, objection))

    def removed_violations(self) -> tuple[tuple[ViolationResult, StoredOverride], ...]:
        """Violations likewise."""
        found = self.machine.violations if self.machine else ()
        return tuple(
            (violation, ruling)
            for violation in found
            for ruling in self._rulings()
            if ruling.override.kind == "violation_removed" and ruling.override.target == violation.id
        )

    def ruling_on(self, kind: str, name: str) -> StoredOverride | None:
        """The decision in force on an item, violation (by id) or objection (by its id in the ledger)."""
        for ruling in self._rulings():
            override = ruling.override
            if kind in ("item", "violation") and override.kind.startswith(kind) and override.target == name:
                return ruling
            if kind == "objection" and self._on_objection(ruling, name):
                return ruling
        return None

    def _on_objection(self, ruling: StoredOverride, name: str) -> bool:
        override = ruling.override
        if override.kind == "objection_added":
            return name == f"r{override.utterance}-{override.type or override.target}"
        at = self.machine_objection(name)
        if override.kind != "objection_changed" or at is None or self.machine is None:
            return False
        return _about(ruling, self.machine.objections[at])

    def _rulings(self) -> tuple[StoredOverride, ...]:
        return () if self.reviewed is None else self.reviewed.overrides

    def lapsed(self) -> tuple[StoredOverride, ...]:
        """Decisions that fit nothing in the present scorecard."""
        return tuple(ruling for ruling in self._rulings() if ruling.state == "lapsed")

    def name(self, actor: str | None) -> str:
        return self.names.get(actor or "", actor or "")

    def hits_of(self, target: str, kind: str | None = None, step: str | None = None) -> tuple[Cited, ...]:
        """The hits that count for a row of the scorecard."""
        return tuple(
            hit
            for hit in self.hits
            if hit.target == target and (kind is None or hit.kind == kind) and (step is None or hit.step == step)
        )

    def quote(self, hit: Cited) -> str:
        """The words of a hit, with an ellipsis for those that the visitor may not read."""
        assert self.transcript is not None  # noqa: S101 - there are no hits without
        utterance = self.transcript.utterances[hit.utterance]
        quote, at = "", hit.first
        for first, end in hidden_chars(utterance) if self.hides else ():
            if at < end and first < hit.end:
                quote, at = quote + utterance.text[at : max(at, first)] + "…", end
        return quote + utterance.text[at : hit.end]

    @property
    def duration_s(self) -> float | None:
        return self.call.audio.duration_s or (self.transcript.duration_s if self.transcript else None)

    @property
    def channel_speakers(self) -> tuple[Speaker, ...]:
        """Who is on which channel of the waveform, from the top."""
        if (self.call.audio.channels or 1) < 2:  # noqa: PLR2004 - one channel, both voices
            return ("unknown",)
        return ("customer", "agent") if self.call.agent_channel == "right" else ("agent", "customer")

    def player(self) -> dict[str, Any]:
        """What the script needs for the waveform: times in seconds, speakers, and the spans worth marking."""
        return {
            "duration": self.duration_s,
            "agentChannel": 1 if self.call.agent_channel == "right" else 0,
            "channels": self.call.audio.channels or 1,
            "turns": [
                {"n": turn.number, "who": turn.speaker, "from": turn.start_s, "to": turn.end_s}
                for turn in self.turns
                if turn.start_s is not None
            ],
            "spans": list(self._spans()),
        }

    def _spans(self) -> Iterator[dict[str, Any]]:
        for objection in self.card.objections if self.card else ():
            hits = self.hits_of(f"objection-{objection.id}")
            begins = [begin for hit in hits if (begin := self.turns[hit.utterance].start_s) is not None]
            ends = [end for hit in hits if (end := self.turns[hit.utterance].end_s) is not None]
            if begins:
                yield {
                    "kind": "objection",
                    "target": f"objection-{objection.id}",
                    "from": min(begins),
                    "to": max([*ends, min(begins)]),
                    "title": objection.title,
                    "handled": objection.handled,
                }
        for turn in self.turns:
            if turn.pause_s is not None and turn.start_s is not None:
                yield {"kind": "pause", "from": round(turn.start_s - turn.pause_s, 2), "to": turn.start_s}


def call_view(services: Services, call_id: UUID, asker: Asker) -> CallView:
    """Raises CallNotFound for a call that is not the asker's."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        transcript = tx.transcripts.get(call_id)
        history = tx.scorecards.history(call_id)
        blind = call_id in blind_calls(tx, asker)
        scored = any(version["current"] for version in history) and not blind
        reviewed = tx.reviews.get(call_id, now=services.now()) if scored else None
        rulings = Rulings() if reviewed is None else tx.rulings.get(reviewed.machine.pack_sha256)
        disputes = tx.disputes.list(
            state=None, call_id=call_id, team_id=asker.team_id, rep_id=asker.rep_id, limit=_MOST_DISPUTES, after=None
        )
        names = names_of(tx, actors_of(reviewed, disputes))
    card = None if reviewed is None else reviewed.effective
    hits = cited(card, transcript.utterances) if card is not None and transcript is not None else ()
    return CallView(
        call=call,
        transcript=transcript,
        reviewed=reviewed,
        rulings=rulings,
        history=() if blind else history,
        disputes=() if blind else disputes,
        names=names,
        hits=hits,
        turns=turns(transcript, hits, hide=not asker.sees_redacted) if transcript is not None else (),
        hides=not asker.sees_redacted,
        blind=blind,
    )


def _about(ruling: StoredOverride, objection: ObjectionResult) -> bool:
    """Whether a decision is about this objection of the machine's: of its type, where it was voiced."""
    override = ruling.override
    near = override.utterance is None or abs(place(objection) - override.utterance) <= REACH
    return override.target == objection.type and near
