"""Whatever can happen to calls, drawn at random and done by many at once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from service.scoring.errors import (
    CallClaimed,
    CallNotFound,
    CallStateWrong,
    DecisionsInvalid,
    ReviewConflict,
    ReviewOutdated,
    ScorecardNotReady,
    StoreUnavailable,
)
from service.scoring.override import Override
from service.scoring.results import ItemStatus, Outcome, Scorecard
from service.store.database import Database
from tests.fixtures.samples import NOW, sample_call
from tests.integration.store.reviewing import RULINGS, TEXT, card, decided, item, objection

WORKERS = 8
REPS = 5
#: Acts for each call. Some calls get most of them, so that many are at the same one.
ACTS_EACH = 10
#: Somebody else was at the same call, or SQLite's one writer for too long at others: refused, and nothing of it stays.
REFUSED = (
    CallClaimed,
    CallNotFound,
    CallStateWrong,
    DecisionsInvalid,
    ReviewConflict,
    ReviewOutdated,
    ScorecardNotReady,
    StoreUnavailable,
)
STATUSES: tuple[ItemStatus, ...] = ("met", "partial", "missed", "not_applicable", "not_assessable")
OUTCOMES: tuple[Outcome, ...] = ("accepted", "neutral", "rejected")


def anything(database: Database, operations: int, *, seed: int = 1) -> Counter[str]:
    """Do so many random acts on calls by many threads at once; how many of each kind were done, and refused."""
    chance = random.Random(seed)
    ids = [_received(database, chance, number) for number in range(max(1, operations // ACTS_EACH))]
    acts = chance.choices(("score", "override", "erase_text", "erase_call"), (60, 36, 3, 1), k=operations)
    work = [(act, ids[int(len(ids) * chance.random() ** 2)], chance.randrange(2**32)) for act in acts]
    with ThreadPoolExecutor(WORKERS) as threads:
        return Counter(threads.map(lambda task: _act(database, *task), work))


def _received(database: Database, chance: random.Random, number: int) -> UUID:
    day = NOW - timedelta(days=chance.randrange(3))
    new = sample_call(str(number), rep_external_id=f"rep-{chance.randrange(REPS)}", started_at=day)
    with database.transaction() as tx:
        call, _ = tx.calls.create(new, now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
        assert tx.transcripts.save(call.id, TEXT, token="t", now=NOW)
    return call.id


def _act(database: Database, act: str, call_id: UUID, seed: int) -> str:
    chance = random.Random(seed)
    try:
        if act == "score":
            return act if _score(database, call_id, chance) else "refused"
        if act == "override":
            decided(
                database, call_id, _override(chance), reviewer=f"user:{seed}", now=NOW + timedelta(seconds=seed % 9)
            )
        else:
            with database.transaction() as tx:
                erase = tx.erasure.erase_text if act == "erase_text" else tx.erasure.erase_call
                erase(call_id, now=NOW)
    except REFUSED:
        return "refused"
    return act


def _score(database: Database, call_id: UUID, chance: random.Random) -> bool:
    """As a worker does it: in steps, any of which another worker may come between."""
    token = str(chance.random())
    with database.transaction() as tx:
        if tx.calls.get(call_id).status == "scored":
            tx.calls.rescore(call_id, now=NOW)
    with database.transaction() as tx:
        if tx.calls.claim(call_id, "score", token=token, now=NOW, lease_s=60) is None:
            return False
    scorecard = _scorecard(chance)
    with database.transaction() as tx:
        tx.rulings.keep(scorecard.pack_sha256, RULINGS, now=NOW)
        return tx.scorecards.save(call_id, scorecard, token=token, now=NOW + timedelta(seconds=chance.randrange(90)))


def _scorecard(chance: random.Random) -> Scorecard:
    """Weights that no binary fraction can hold, objections and violations more than once, rules of two versions."""
    items = tuple(
        item(name, chance.choice(STATUSES), weight=chance.choice((0.1, 1 / 3, 2.0)), critical=name == "company")
        for name in ("greeting", "company", "closing", "next_step_dated")
    )
    ledger = tuple(
        objection(at, chance.choice(("price", "terms", "timing")), outcome=chance.choice(OUTCOMES))
        for at in chance.sample(range(1, 12, 2), chance.randrange(5))
    )
    violations = ("overpromise",) * chance.randrange(3)
    return card(items=items, ledger=ledger, violations=violations, version=chance.choice(("1.0.0", "1.1.0")))


def _override(chance: random.Random) -> Override:
    return chance.choice(
        (
            Override(
                "item", chance.choice(("greeting", "company", "closing")), status=chance.choice(("met", "missed"))
            ),
            Override(
                "objection_added", chance.choice(("price", "timing")), 9, steps=(), outcome=chance.choice(OUTCOMES)
            ),
            Override("objection_removed", "terms", 7),
            Override("violation_added", "overpromise", 4),
        )
    )
