"""The recording: whole or in pieces, as players ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep, visible_call
from service.api.problems import Refused
from service.api.ranges import Piece, RangeOutside, piece_of
from service.api.redaction import hidden_from
from service.api.routing import guarded_router, problems
from service.api.sound import MEDIA_TYPES, Sound, sound_for
from service.scoring.errors import AudioMissing
from service.store.audit import LISTEN

router = guarded_router("calls")

_ANY = "application/octet-stream"
#: Only the player that asked may keep it, and must ask again whether it may still be heard.
_CACHING = "private, no-cache"
_BYTES = {"schema": {"type": "string", "contentMediaType": _ANY}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording", "content": {"audio/*": _BYTES}},
    206: {"description": "The piece that `Range` asked for", "content": {"audio/*": _BYTES}},
    304: {"description": "You have it already (`If-None-Match`)"},
    **problems(
        "call_not_found", "audio_missing", "audio_erased", "audio_withheld", "audio_preparing", "range_not_satisfiable"
    ),
}
Range = Annotated[str | None, Header(alias="Range", description="One range of bytes.", examples=["bytes=0-65535"])]
IfRange = Annotated[str | None, Header(alias="If-Range")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


@router.get(
    "/calls/{call_id}/audio",
    operation_id="get_audio",
    summary="The recording",
    response_class=Response,
    responses=_RESPONSES,
)
async def get_audio(
    call_id: UUID,
    services: ServicesDep,
    asker: AskerDep,
    wanted: Range = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """As it was uploaded. A piece at a time with `Range`, so that a player can jump.

    Whoever may not read redacted words hears silence there: an MP3 of its own, which a worker makes when it is first asked for. Until then
    the answer is `audio_preparing`.
    """
    sound, noted = await run_in_threadpool(_recording, call_id, services, asker)
    headers = _headers(sound)
    etag = headers["ETag"]
    if if_none_match is not None and _matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    piece = _piece(wanted if if_range in (None, etag) else None, sound.size_bytes)
    start, end = (0, sound.size_bytes) if piece is None else (piece.start, piece.end)
    body = await _begun(services.audio.read_range(sound.key, sound.offset + start, sound.offset + end))
    if not noted:
        await run_in_threadpool(_note_listening, call_id, services, asker)
    headers["Content-Length"] = str(end - start)
    if piece is not None:
        headers["Content-Range"] = piece.content_range
    status = 200 if piece is None else 206
    return StreamingResponse(body, status, headers, MEDIA_TYPES.get(sound.format, _ANY))


@router.head(
    "/calls/{call_id}/audio",
    operation_id="head_audio",
    summary="Size and type of the recording",
    response_class=Response,
    responses={
        200: {"description": "Headers as GET sends them"},
        **problems("call_not_found", "audio_missing", "audio_erased", "audio_withheld", "audio_preparing"),
    },
)
def head_audio(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Without the recording itself."""
    sound, _ = _recording(call_id, services, asker)
    services.audio.size(sound.key)  # raises AudioMissing where GET would
    headers = {**_headers(sound), "Content-Length": str(sound.size_bytes)}
    return Response(headers=headers, media_type=MEDIA_TYPES.get(sound.format, _ANY))


def _recording(call_id: UUID, services: Services, asker: Asker) -> tuple[Sound, bool]:
    """What the asker may hear, and whether this listening is in the audit log already."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        if call.audio_erased_at is not None:
            raise Refused("audio_erased", f"the recording was erased on {call.audio_erased_at:%Y-%m-%d}")
        hidden = hidden_from(tx, call_id, asker)
        noted = tx.audit.heard_lately(asker.name, call_id, services.now())
    return sound_for(services, call, hidden), noted


def _note_listening(call_id: UUID, services: Services, asker: Asker) -> None:
    """Before the first byte is sent: where it cannot be noted, nothing is heard. Raises StoreUnavailable."""
    with services.database.transaction() as tx:
        tx.audit.write(asker.name, LISTEN, f"call:{call_id}", now=services.now())


def _headers(sound: Sound) -> dict[str, str]:
    return {"ETag": f'"{sound.sha256}"', "Accept-Ranges": "bytes", "Cache-Control": _CACHING}


def _matches(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


def _piece(header: str | None, size: int) -> Piece | None:
    try:
        return piece_of(header, size)
    except RangeOutside:
        raise Refused(
            "range_not_satisfiable", f"the recording has {size} bytes", headers={"Content-Range": f"bytes */{size}"}
        ) from None


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, with the first one read: an object that is missing must be known before the headers are sent."""
    first = await anext(pieces, None)
    if first is None:
        raise AudioMissing("the audio store holds nothing of this recording; it was deleted or lost")

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_pieces()
