"""Everything that a call's page shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.api.asker import Asker
from service.api.deps import Services, visible_call
from service.scoring.results import Scorecard
from service.scoring.stored_scorecard import scorecard_from_dict
from service.scoring.transcript import Speaker, Transcript
from service.store.records import Call, ScorecardVersion
from service.web.cited import Cited, cited
from service.web.conversation import Turn, turns


@dataclass(frozen=True, slots=True)
class CallView:
    """`transcript` and the scorecards are None while the call has none. `machine` is as scored, `card` what counts."""

    call: Call
    transcript: Transcript | None
    machine: Scorecard | None
    card: Scorecard | None
    history: Sequence[ScorecardVersion]
    hits: tuple[Cited, ...]
    turns: tuple[Turn, ...]

    def hits_of(self, target: str, kind: str | None = None, step: str | None = None) -> tuple[Cited, ...]:
        """The hits that count for a row of the scorecard."""
        return tuple(
            hit
            for hit in self.hits
            if hit.target == target and (kind is None or hit.kind == kind) and (step is None or hit.step == step)
        )

    def quote(self, hit: Cited) -> str:
        """The words of a hit."""
        assert self.transcript is not None  # noqa: S101 - there are no hits without
        return self.transcript.utterances[hit.utterance].text[hit.first : hit.end]

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
            begins = [hit.start_s for hit in hits if hit.start_s is not None]
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
        stored = tx.scorecards.current(call_id)
        history = tx.scorecards.history(call_id)
    machine = None if stored is None else scorecard_from_dict(stored)
    hits = cited(machine, transcript.utterances) if machine is not None and transcript is not None else ()
    return CallView(
        call=call,
        transcript=transcript,
        machine=machine,
        card=machine,
        history=history,
        hits=hits,
        turns=turns(transcript, hits) if transcript is not None else (),
    )
