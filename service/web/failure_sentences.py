"""Why a call failed, in words for whoever looks at it, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from service.web.language import said

SENTENCES: Mapping[str, str] = {
    "audio_unreadable": said("The recording cannot be decoded. Export it again and upload it anew."),
    "audio_too_long": said("The recording is longer than allowed. Split it, or have an administrator raise the limit."),
    "audio_missing": said("The recording is not in the audio store any more. Upload it anew."),
    "language_unsupported": said(
        "There are no rules for the language of this call; its words are kept. Add a rule pack for the language and it is scored by itself, or choose the right language and run it again."
    ),
    "cancelled": said("Somebody cancelled this call. Run it again to have it scored after all."),
    "pack_invalid": said("The rule pack has errors. Mend it on the page of rules, then run the call again."),
    "worker_lost": said(
        "The workers stopped several times on this call. Run it again; if it fails again, tell an administrator."
    ),
    "model_unavailable": said("The speech model could not be loaded. Tell an administrator, then run the call again."),
}
_OTHERWISE = said("Processing failed. Run it again; if it fails again, tell an administrator.")


def failure_sentence(code: str | None) -> str:
    """The sentence for an error code of a call, to be translated."""
    return SENTENCES.get(code or "", _OTHERWISE)
