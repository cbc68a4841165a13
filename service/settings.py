"""All settings, read once at each entrypoint from `CALLSCORE_*` variables (and a `.env` file in the data folder)."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """One frozen set of settings. Every field's description is the documentation in docs/settings.md."""

    # An empty variable is one that is not set: compose files pass on optional ones that way, and an empty key is no key.
    model_config = SettingsConfigDict(env_prefix="CALLSCORE_", frozen=True, extra="forbid", env_ignore_empty=True)

    data_dir: Path = Field(
        Path(".callscore"), description="Folder of the embedded stack: database, audio, queue, logs."
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL. Default: SQLite `callscore.db` in the data folder; production: `postgresql+psycopg://...`.",
    )
    audio_url: str | None = Field(
        None,
        description="Audio store: a `file:///folder` or `s3://bucket/prefix` URL. Default: `audio/` in the data folder.",
    )
    redis_url: str | None = Field(
        None,
        description="Redis of the queue. Default: the private Redis of the embedded stack (`redis.sock` in the data folder).",
    )
    rules_dir: Path | None = Field(
        None, description="Folder of the rule packs. Default: the `scripts_rules` folder of the installation."
    )
    default_script: str = Field("b2b_sales", description="Pack for calls uploaded without `script`.")
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8321, ge=1, le=65535, description="Port the API listens on.")
    model: str = Field(
        "auto",
        description="Speech model: a folder, a faster-whisper model name, or `auto` (Whisper base from the wheels).",
    )
    model_device: str = Field("cpu", description="`cpu`, `cuda` or `auto`.")
    model_compute_type: str = Field("int8", description="CTranslate2 compute type; `float16` on a GPU.")
    model_threads: int = Field(0, ge=0, description="CPU threads of one transcription process; 0 = all cores.")
    speech_preset: Literal["accurate", "fast"] = Field(
        "accurate", description="How hard words are searched for; docs/performance.md has the figures of both."
    )
    speech_names: str = Field(
        "",
        description="Names that calls are full of (your company, products), like `Ромашка, Acme Cloud`; the recognizer is told.",
    )
    speech_channels: str = Field(
        "",
        description="The rep's and the customer's channel in recordings with more than two, like `3,1`; default: the two loudest different ones.",
    )
    speech_url: str | None = Field(
        None, description="Server with OpenAI's `/v1/audio/transcriptions` that recognizes instead of the model here."
    )
    speech_key: SecretStr | None = Field(None, description="Bearer key of that server.")
    speech_model: str = Field("whisper-1", description="Name of the model on that server.")
    max_upload_bytes: int = Field(
        500 * MEBIBYTE, ge=1, description="Largest recording accepted, in bytes (413 beyond)."
    )
    max_duration_s: float = Field(4 * 3600.0, gt=0, description="Longest recording accepted, in seconds (422 beyond).")
    unknown_rep: Literal["create", "refuse"] = Field(
        "create", description="What an upload with an unregistered rep gets: a new rep and a flag, or a 422."
    )
    lease_s: float = Field(
        90.0, gt=0, description="How long a worker's claim on a call lasts without being renewed, in seconds."
    )
    sweep_every_s: float = Field(60.0, gt=0, description="Seconds between two sweeps for waiting or stuck calls.")
    max_attempts: int = Field(3, ge=1, description="Attempts before a call ends in `failed`.")
    shutdown_grace_s: float = Field(
        20.0, ge=0, description="Seconds a stopping worker may use to finish its call before giving it back."
    )
    worker_max_rss_bytes: int = Field(
        4096 * MEBIBYTE,
        ge=1,
        description="A transcription process above this memory is replaced after its call, in bytes.",
    )
    review_claim_s: float = Field(
        1800.0, gt=0, description="How long a call stays a reviewer's after claiming it, in seconds."
    )
    review_sample_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of all calls, drawn by lot, that are reviewed to measure the machine without bias.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log line written."
    )
    session_idle_s: float = Field(
        12 * 3600.0, gt=0, description="A login ends after so many seconds without a request."
    )
    session_max_s: float = Field(
        14 * 86400.0, gt=0, description="A login ends after so many seconds, however much it is used."
    )
    requests_per_minute: int = Field(
        6000,
        ge=0,
        description="Requests of one key or user that are answered in a minute, by all API processes together; 0: any number.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of reverse proxies that are believed who asks and whether by https, like `172.16.0.0/12`.",
    )
    webhook_networks: str = Field(
        "",
        description="Private networks that webhooks may be sent to, like `10.0.0.0/8, 192.168.1.5/32`; all others are public and https.",
    )
    metrics_key: SecretStr | None = Field(
        None, description="Bearer key for `/metrics`; without one the route answers 404."
    )

    @field_validator("speech_channels")
    @classmethod
    def _pair(cls, value: str) -> str:
        _pair_of(value)
        return value

    @property
    def speech_channel_pair(self) -> tuple[int, int] | None:
        """Channels (from 0) of the rep and the customer in recordings with more than two; None: the loudest."""
        return _pair_of(self.speech_channels)

    @property
    def speech_name_list(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.speech_names.split(",") if name.strip())

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("webhook_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        _networks_of(value)
        return value

    @property
    def webhook_private_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return _networks_of(self.webhook_networks)

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'callscore.db'}"

    @property
    def effective_audio_url(self) -> str:
        return self.audio_url or (self.data_dir / "audio").as_uri()

    @property
    def redis_socket(self) -> Path:
        return self.data_dir / "redis.sock"

    @property
    def effective_redis_url(self) -> str:
        return self.redis_url or f"redis+socket://{self.redis_socket}"

    @property
    def effective_rules_dir(self) -> Path:
        return self.rules_dir or Path(__file__).resolve().parent.parent / "scripts_rules"


def _networks_of(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _pair_of(text: str) -> tuple[int, int] | None:
    """Raises ValueError."""
    if not text.strip():
        return None
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 2 or not all(part.isdigit() and int(part) > 0 for part in numbers) or numbers[0] == numbers[1]:  # noqa: PLR2004
        raise ValueError(f"expected two different channel numbers from 1, like 3,1 (rep, customer); found {text!r}")
    return int(numbers[0]) - 1, int(numbers[1]) - 1
