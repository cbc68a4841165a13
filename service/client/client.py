"""One method an operation of the API, under names that say what it does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from standardwebhooks import Webhook as Signed

from service.client import types
from service.client.transport import Transport

#: A recording takes a tenth of its length or longer; asking more often than this shows nothing new.
POLL_EVERY_S = 1.0


class Client:
    """A connection to one service. Every method raises ApiProblem and Unreachable.

    `key` is an API key; without one, `log_in` first. Lists are iterators over all pages.
    """

    def __init__(self, url: str, *, key: str | None = None, **options: Any) -> None:
        self._send = Transport(url, key=key, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._send.http.close()

    def request(self, method: str, path: str, **request: Any) -> Any:
        """An operation that has no method here: the answer's JSON, None where it has none."""
        answer = self._send.send(method, path, **request)
        return answer.json() if answer.content else None

    # People

    def log_in(self, email: str, password: str) -> types.WhoAmI:
        """A session; the client keeps its cookie and sends its CSRF token."""
        me: types.WhoAmI = self._json("POST", "/v1/session", json={"email": email, "password": password})
        self._send.http.headers["X-CSRF-Token"] = me["csrf_token"] or ""
        return me

    def who_am_i(self) -> types.WhoAmI:
        return cast("types.WhoAmI", self._json("GET", "/v1/session"))

    def log_out(self) -> None:
        self._send.send("DELETE", "/v1/session")

    # Calls

    def upload(
        self,
        audio: Path | str | bytes,
        *,
        source: str,
        external_id: str,
        rep: str,
        metadata: str | None = None,
        **fields: str,
    ) -> types.Call:
        """Send a recording: a path or the bytes. The same one again yields the same call.

        `fields`: started_at, direction, customer_ref, script, language, agent_channel. `metadata` is JSON.
        """
        content = audio if isinstance(audio, bytes) else Path(audio).read_bytes()
        data = {"source": source, "external_id": external_id, "rep": rep, **fields}
        if metadata is not None:
            data["metadata"] = metadata
        files = {"audio": ("audio", content)}
        return cast("types.Call", self._json("POST", "/v1/calls", data=data, files=files))

    def call(self, call_id: str) -> types.Call:
        return cast("types.Call", self._json("GET", f"/v1/calls/{call_id}"))

    def calls(self, **filters: str | bool | float) -> Iterator[types.Call]:
        """Newest first. `filters`: status, rep, team, flagged, reviewed, script, text, and `from_`, `to` for times."""
        return cast("Iterator[types.Call]", self._pages("/v1/calls", filters))

    def wait_until_scored(self, call_id: str, *, within_s: float = 600.0) -> types.Call:
        """The call, once it is scored, has failed, or waits for rules in its language (`error` says so). Raises TimeoutError."""
        give_up = time.monotonic() + within_s
        while (call := self.call(call_id))["status"] not in ("scored", "failed") and not call.get("error"):
            if time.monotonic() > give_up:
                raise TimeoutError(f"call {call_id} is still {call['status']} after {within_s:.0f} s")
            time.sleep(POLL_EVERY_S)
        return call

    def scorecard(self, call_id: str) -> dict[str, Any]:
        """Every point with the words behind it."""
        return cast("dict[str, Any]", self._json("GET", f"/v1/calls/{call_id}/scorecard"))

    def transcript(self, call_id: str) -> dict[str, Any]:
        return cast("dict[str, Any]", self._json("GET", f"/v1/calls/{call_id}/transcript"))

    def audio(self, call_id: str) -> bytes:
        """The recording as it was uploaded."""
        return self._send.send("GET", f"/v1/calls/{call_id}/audio").content

    def retry(self, call_id: str, *, language: str | None = None) -> types.Call:
        """Run a call again that failed or waits for rules; with a `language` it is transcribed anew in it."""
        body = None if language is None else {"language": language}
        return cast("types.Call", self._json("POST", f"/v1/calls/{call_id}/retry", json=body))

    def cancel(self, call_id: str) -> types.Call:
        """End a call that waits or is in work; `retry` undoes it."""
        return cast("types.Call", self._json("POST", f"/v1/calls/{call_id}/cancel"))

    # Reviews

    def review_queue(self, **filters: str | bool) -> Iterator[types.QueueEntry]:
        """Calls that a person should look at, the most urgent first."""
        return cast("Iterator[types.QueueEntry]", self._pages("/v1/review/queue", filters))

    def next_review(self) -> types.QueueEntry | None:
        """Claim the most urgent call that nobody is at."""
        return cast("types.NextReview", self._json("POST", "/v1/review/next"))["item"]

    def review_of(self, call_id: str) -> types.CallReview:
        return cast("types.CallReview", self._json("GET", f"/v1/calls/{call_id}/review"))

    def review(
        self,
        call_id: str,
        *,
        scorecard_id: str,
        version: int,
        verdict: str,
        decisions: Sequence[Mapping[str, Any]] = (),
        comment: str = "",
    ) -> types.CallReview:
        """Judge a call. `scorecard_id` and `version` are those of `review_of`, so that nobody's review is overwritten."""
        body = {
            "scorecard_id": scorecard_id,
            "version": version,
            "verdict": verdict,
            "decisions": list(decisions),
            "comment": comment,
        }
        return cast("types.CallReview", self._json("POST", f"/v1/calls/{call_id}/reviews", json=body))

    # Figures

    def kpi(self, **query: str) -> types.KpiAnswer:
        """`query`: group_by, team, rep, role, script, and `from_`, `to` for days."""
        return cast("types.KpiAnswer", self._json("GET", "/v1/kpi", params=_named(query)))

    def rep_quality(self, rep_id: str, **query: str) -> dict[str, Any]:
        """How one rep does, and why."""
        return cast("dict[str, Any]", self._json("GET", f"/v1/reps/{rep_id}/quality", params=_named(query)))

    # Who there is

    def reps(self, *, team: str | None = None) -> Iterator[types.Rep]:
        return cast("Iterator[types.Rep]", self._pages("/v1/reps", {"team": team}))

    def create_rep(
        self, external_id: str, *, name: str | None = None, role: str | None = None, team: str | None = None
    ) -> types.Rep:
        body = {"external_id": external_id, "name": name, "role": role, "team": team}
        return cast("types.Rep", self._json("POST", "/v1/reps", json=body))

    def teams(self) -> Iterator[types.Team]:
        return cast("Iterator[types.Team]", self._pages("/v1/teams", {}))

    def create_team(self, name: str) -> types.Team:
        return cast("types.Team", self._json("POST", "/v1/teams", json={"name": name}))

    # Being told

    def create_webhook(
        self, url: str, *, name: str, events: Sequence[str], team: str | None = None
    ) -> types.CreatedWebhook:
        body = {"url": url, "name": name, "events": list(events), "team": team}
        return cast("types.CreatedWebhook", self._json("POST", "/v1/webhooks", json=body))

    def ping_webhook(self, webhook_id: str) -> types.Delivery:
        return cast("types.Delivery", self._json("POST", f"/v1/webhooks/{webhook_id}/ping"))

    def deliveries(self, webhook_id: str, *, state: str | None = None) -> Iterator[types.Delivery]:
        return cast("Iterator[types.Delivery]", self._pages(f"/v1/webhooks/{webhook_id}/deliveries", {"state": state}))

    def _json(self, method: str, path: str, **request: Any) -> Any:
        return self._send.send(method, path, **request).json()

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        asked = _named(query)
        while True:
            page = self._json("GET", path, params=asked)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            asked = asked | {"cursor": page["next_cursor"]}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The message of a webhook's request, if it is from the service that has this secret.

    Raises standardwebhooks.WebhookVerificationError for any other, and for one that is older than five minutes.
    """
    return cast("dict[str, Any]", Signed(secret).verify(body, dict(headers)))


def _named(query: Mapping[str, Any]) -> dict[str, Any]:
    """`from_` is called `from`, which Python keeps for itself."""
    return {"from" if name == "from_" else name: value for name, value in query.items()}
