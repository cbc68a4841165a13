"""Who acted, by name: the log and the reviews keep only `user:<id>` and `key:<prefix>`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from service.scoring.errors import UserUnknown
from service.store.records_reviews import Dispute, ReviewedCall
from service.store.transaction import Transaction

_USER = "user:"


def names_of(tx: Transaction, actors: Iterable[str | None]) -> dict[str, str]:
    """Names (else e-mails) of users by actor; others are called as they are."""
    found: dict[str, str] = {}
    for actor in {actor for actor in actors if actor}:
        found[actor] = actor
        if actor.startswith(_USER):
            try:
                user = tx.users.get(UUID(actor.removeprefix(_USER)))
            except (UserUnknown, ValueError):
                continue
            found[actor] = user.name or user.email
    return found


def actors_of(reviewed: ReviewedCall | None, disputes: Sequence[Dispute]) -> set[str | None]:
    """Everybody who had a part in a call's review."""
    actors = {actor for dispute in disputes for actor in (dispute.raised_by, dispute.decided_by)}
    if reviewed is not None:
        actors |= {review.reviewer for review in reviewed.reviews} | {ruling.reviewer for ruling in reviewed.overrides}
        actors.add(reviewed.claimed_by)
    return actors
