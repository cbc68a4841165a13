"""`callscore evaluate --audio`: recordings of labelled calls, listened to with this installation's speech model."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from rich.console import Console

from service.cli.evaluate import TIMES_SUFFIX, context_of
from service.packs import PackLibrary
from service.scoring.errors import AudioUnreadable, LabelsInvalid, TranscriptInvalid
from service.scoring.evaluation import Judged, nearest_turn
from service.scoring.labels import LabelledCall
from service.scoring.scorecard import score
from service.scoring.transcript import Transcript, transcript_from_dict
from service.settings import Settings
from workers.speech.loading import load_transcriber
from workers.speech.transcriber import Transcriber


def listener(
    audio: Path, transcripts: Path | None, settings: Settings
) -> Callable[[LabelledCall, PackLibrary], Judged]:
    """Judges labelled calls by their recordings in `audio`; the speech model is loaded when the first one is listened to.

    The judge raises:
        ModelUnavailable: the speech model cannot be loaded.
        AudioUnreadable: a recording is missing or holds no audio that can be decoded.
        LabelsInvalid: the times of a call's turns are missing or do not fit it.
    """
    console = Console(stderr=True)

    @cache
    def engine() -> Transcriber:
        return load_transcriber(settings)

    def listen(call: LabelledCall) -> Transcript:
        kept = None if transcripts is None else transcripts / f"{call.id}.json"
        if kept is not None and kept.exists():
            return _kept(kept)
        recording = _recording(audio, call.id)
        console.print(f"listening to {recording.name}", markup=False, highlight=False)
        heard = engine().transcribe(
            recording,
            language=call.transcript.language,
            agent_channel="left",
            on_progress=None,
            max_duration_s=settings.max_duration_s,
        )
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(heard.canonical_json())
        return heard

    def judge(call: LabelledCall, packs: PackLibrary) -> Judged:
        pack = packs.load(call.pack_id, call.transcript.language)
        scorecard = score(listen(call), pack, context_of(call))
        return Judged(call, scorecard, nearest_turn(_times(audio, call)))

    return judge


def _kept(path: Path) -> Transcript:
    try:
        return transcript_from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TranscriptInvalid) as error:
        raise TranscriptInvalid(f"{path}: no transcript ({error}); delete the file to listen again") from error


def _recording(audio: Path, call_id: str) -> Path:
    found = sorted(path for path in audio.glob(f"{call_id}.*") if path.suffix != ".json")
    if not found:
        raise AudioUnreadable(f"{audio}: no recording of {call_id} (expected {call_id}.wav, .mp3, .ogg ...)")
    return found[0]


def _times(audio: Path, call: LabelledCall) -> list[tuple[float, float]]:
    """Start and end of every labelled turn, in seconds, from `ID.times.json`."""
    path = audio / f"{call.id}{TIMES_SUFFIX}"
    try:
        turns = json.loads(path.read_text(encoding="utf-8"))["turns"]
        spans = [(float(turn["start"]), float(turn["end"])) for turn in turns]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabelsInvalid(f"{path}: expected turns with start and end in seconds: {error!r}") from error
    if len(spans) != len(call.transcript.utterances):
        raise LabelsInvalid(f"{path}: {len(spans)} turns, but the labelled call has {len(call.transcript.utterances)}")
    return spans
