"""Transcripts: as data, as subtitles, as text."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep, visible_call
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.api.routing import guarded_router, problems
from service.api.transcript_text import as_text, as_vtt
from service.scoring.redaction import without_redacted
from service.scoring.transcript import Transcript

router = guarded_router("calls")


@router.get(
    "/calls/{call_id}/transcript",
    operation_id="get_transcript",
    summary="What was said",
    response_class=Response,
    responses={
        200: {"model": Transcript, "description": "Utterances with speakers, times and words."},
        **problems("call_not_found", "transcript_not_ready", "text_erased"),
    },
)
def get_transcript(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Spans that are not to be trusted are marked; the text is kept as it was heard. Spans marked `redacted` read `[redacted]` for all but
    QA leads and admins, here and in the other forms.
    """
    return Response(_transcript(call_id, services, asker).canonical_json(), media_type="application/json")


@router.get(
    "/calls/{call_id}/transcript.vtt",
    operation_id="get_transcript_vtt",
    summary="What was said, as WebVTT subtitles",
    response_class=Response,
    responses={
        200: {"content": {"text/vtt": {"schema": {"type": "string"}}}, "description": "Subtitles"},
        **problems("call_not_found", "transcript_not_ready", "text_erased", "transcript_untimed"),
    },
)
def get_transcript_vtt(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """To be shown beside the recording."""
    transcript = _transcript(call_id, services, asker)
    if transcript.utterances and not transcript.timed:
        raise Refused("transcript_untimed", KINDS["transcript_untimed"].example)
    return Response(as_vtt(transcript), media_type="text/vtt")


@router.get(
    "/calls/{call_id}/transcript.txt",
    operation_id="get_transcript_txt",
    summary="What was said, as text",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "A line an utterance"},
        **problems("call_not_found", "transcript_not_ready", "text_erased"),
    },
)
def get_transcript_txt(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """To be read or searched."""
    return Response(as_text(_transcript(call_id, services, asker)), media_type="text/plain")


def _transcript(call_id: UUID, services: Services, asker: Asker) -> Transcript:
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        transcript = tx.transcripts.get(call_id)
    if transcript is not None and not asker.sees_redacted:
        transcript = without_redacted(transcript)
    if transcript is None and call.text_erased_at is not None:
        raise Refused(
            "text_erased", f"what was said was erased on {call.text_erased_at:%Y-%m-%d}; the verdicts are kept"
        )
    if transcript is None:
        why = f": {call.error_message}" if call.error_message else ""
        raise Refused(
            "transcript_not_ready",
            f"the call has no transcript; its status is {call.status}{why}",
            call_status=call.status,
        )
    return transcript
