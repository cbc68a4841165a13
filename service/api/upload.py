"""POST /v1/calls: recordings come in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Request, Response

from service.api.deps import AskerDep, ServicesDep
from service.api.intake import Intake
from service.api.problems import Refused
from service.api.routing import guarded_router, problems
from service.api.schemas_calls import Call
from service.api.upload_fields import FIELD_BYTES, METADATA_BYTES, METADATA_DEPTH
from service.api.validation import NAME_LIMIT
from service.logs import get_logger
from service.scoring.errors import CallscoreError

router = guarded_router("upload")
log = get_logger()


def _text(description: str, example: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, "examples": [example], **more}


_NAMED = {"minLength": 1, "maxLength": NAME_LIMIT}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["audio", "source", "external_id", "rep"],
                    "additionalProperties": False,
                    "description": f"Fields in any order, each at most {FIELD_BYTES} bytes, metadata {METADATA_BYTES}.",
                    "properties": {
                        "audio": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "The recording as a file. What it is, is read from it; name and type do not matter.",
                        },
                        "source": _text("The system that recorded.", "pbx-moscow", **_NAMED),
                        "external_id": _text("The call's id there.", "2025-11-23/000123", **_NAMED),
                        "rep": _text("The rep's id there.", "r-17", **_NAMED),
                        "started_at": _text("When the call began.", "2025-11-23T10:15:00+03:00", format="date-time"),
                        "direction": _text("Who called whom.", "outbound", enum=["inbound", "outbound"]),
                        "customer_ref": _text(
                            "The customer's id in your CRM; no name or number.", "crm-4711", **_NAMED
                        ),
                        "script": _text("Rule pack; default: the service's setting.", "b2b_sales"),
                        "language": _text("A language of the script; left out: detected.", "ru"),
                        "agent_channel": _text("The rep's channel; default left.", "left", enum=["left", "right"]),
                        "metadata": _text(
                            f"A JSON object of your own, at most {METADATA_DEPTH} levels deep.",
                            '{"campaign": "autumn"}',
                            contentMediaType="application/json",
                        ),
                    },
                }
            }
        },
    }
}


@router.post(
    "/calls",
    operation_id="upload_call",
    summary="Upload a recording",
    status_code=202,
    response_model=Call,
    response_description="The recording is stored and will be scored.",
    openapi_extra=_BODY,
    responses={
        200: {"model": Call, "description": "This call was uploaded before; here it is."},
        202: {"headers": {"Location": {"description": "Address of the call", "schema": {"type": "string"}}}},
        **problems(
            "malformed_request",
            "upload_stalled",
            "call_conflict",
            "audio_too_large",
            "media_type_unsupported",
            "audio_unreadable",
            "audio_too_long",
            "rep_unknown",
        ),
    },
)
async def upload_call(
    request: Request,
    response: Response,
    services: ServicesDep,
    asker: AskerDep,
    idempotency_key: Annotated[  # noqa: ARG001 - for the documentation; intake.py reads and checks it
        str | None, Header(description="The same key again yields the same call.", examples=["7b0c6e0e-5a0e"])
    ] = None,
) -> Call:
    """Stores the recording and answers at once; scoring follows.

    The same `source` and `external_id` again (or the same `Idempotency-Key`) with the same recording yields 200 and the same
    call, so retry on any doubt. Accepted: WAV (PCM, A-law, mu-law, GSM 6.10, ADPCM), MP3, OGG, M4A, FLAC, WebM, AMR, AIFF.
    """
    try:
        taken = await Intake(services, asker).take(request)
    except (Refused, CallscoreError) as error:
        services.metering.upload(error.code)
        raise
    services.metering.upload("created" if taken.created else "duplicate", taken.call.audio.size_bytes)
    log.info("recording taken in", call_id=str(taken.call.id), created=taken.created)
    response.status_code = 202 if taken.created else 200
    response.headers["Location"] = f"/v1/calls/{taken.call.id}"
    return Call.of(taken.call, with_scores=asker.sees_scores)
