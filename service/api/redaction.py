"""What of a call's words is kept from an asker: spans marked as redacted are for QA leads and admins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.api.asker import Asker
from service.scoring.redaction import quotes_without_redacted
from service.scoring.transcript import Transcript
from service.store.transaction import Transaction


def hidden_from(tx: Transaction, call_id: UUID, asker: Asker) -> Transcript | None:
    """The transcript, if it has spans that this asker must not read; None if everything may be shown."""
    return None if asker.sees_redacted else tx.transcripts.redacted(call_id)


def shown_quotes(data: Any, hidden: Transcript | None) -> Any:
    """Plain data of a scorecard as the asker may read it."""
    return data if hidden is None else quotes_without_redacted(data, hidden)
