"""The API behind a reverse proxy: only a proxy that is trusted may say who asks, and that it was by https."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from service.store.passwords import hash_password
from tests.fixtures.installation import Installation

pytestmark = pytest.mark.processes

PASSWORD = "a long enough pass phrase"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


@pytest.mark.parametrize(("trusted", "secure"), [("127.0.0.0/8", True), ("192.0.2.1", False)])
def test_the_cookie_is_secure_where_a_trusted_proxy_says_https(tmp_path: Path, trusted: str, secure: bool) -> None:
    with Installation(tmp_path, trusted_proxies=trusted) as house:
        with house.database.transaction() as tx:
            made = hash_password(PASSWORD)
            tx.users.create("lead@example.com", password_hash=made, role="qa_lead", name="Lead", now=datetime.now(UTC))
        house.start_api()
        answer = httpx.post(
            f"{house.url}/v1/session",
            json={"email": "lead@example.com", "password": PASSWORD},
            headers=FORWARDED,
            timeout=30,
            trust_env=False,
        )
        assert answer.is_success, answer.text
        assert ("Secure" in answer.headers["set-cookie"]) == secure
