"""Settings -> the transcriber of this installation: a model on this machine, or a server."""

from __future__ import annotations

from service.settings import Settings
from workers.speech.engine import SpeechEngine
from workers.speech.remote import RemoteRecognizer
from workers.speech.transcriber import Transcriber


def load_transcriber(settings: Settings) -> Transcriber:
    """Find and load what the settings name; nothing is fetched from the network.

    Raises:
        ModelUnavailable: the model is missing, not the published one, or cannot be loaded on this device.
    """
    channels = settings.speech_channel_pair
    if settings.speech_url:
        key = settings.speech_key.get_secret_value() if settings.speech_key else None
        remote = RemoteRecognizer(settings.speech_url, model=settings.speech_model, key=key)
        scratch_dir = settings.data_dir if settings.data_dir.is_dir() else None
        return SpeechEngine(
            remote, name=f"{settings.speech_model} (server)", scratch_dir=scratch_dir, channels=channels
        )
    return SpeechEngine.load(
        model=settings.model,
        data_dir=settings.data_dir,
        device=settings.model_device,
        compute_type=settings.model_compute_type,
        threads=settings.model_threads,
        preset=settings.speech_preset,
        channels=channels,
    )
