"""Figures for Prometheus, of one process. Labels are operations and states, never ids or names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from service.store.records import CALL_STATUSES, CallStatus

#: From a status poll to the upload of a long recording, in seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metering:
    """Counts requests and uploads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "callscore_http_requests", "Requests answered", ["operation", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "callscore_http_request_seconds",
            "Time until the answer was sent",
            ["operation"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._uploads = Counter(
            "callscore_uploads", "Uploads by what came of them", ["result"], registry=self._registry
        )
        self._bytes = Counter("callscore_upload_bytes", "Bytes of the recordings taken in", registry=self._registry)
        self._calls = Gauge("callscore_calls", "Calls by where they stand", ["status"], registry=self._registry)

    def request(self, operation: str, status: int, seconds: float) -> None:
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def upload(self, result: str, size_bytes: int = 0) -> None:
        """`result` is `created`, `duplicate` or the code of the problem."""
        self._uploads.labels(result).inc()
        self._bytes.inc(size_bytes)

    def text(self, calls: dict[CallStatus, int]) -> bytes:
        """The Prometheus text format, with `calls` as counted just now."""
        for status in CALL_STATUSES:
            self._calls.labels(status).set(calls.get(status, 0))
        return generate_latest(self._registry)
