"""Teams, reps, API keys and the log of who changed them, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from service.scoring.errors import KeyUnknown, NameTaken, RepUnknown, TeamUnknown
from service.store.database import Database
from tests.fixtures.samples import NOW, sample_call


def test_a_team_is_created_found_renamed_and_listed(database: Database) -> None:
    with database.transaction() as tx:
        south = tx.teams.create("Юг", now=NOW)
        north = tx.teams.create("Север", now=NOW)
        with pytest.raises(NameTaken, match="Север"):
            tx.teams.create("Север", now=NOW)
        with pytest.raises(NameTaken, match="Север"):
            tx.teams.rename(south.id, "Север")
        assert tx.teams.rename(south.id, "Запад").id == south.id
        assert tx.teams.rename(south.id, "Запад").name == "Запад"
        assert tx.teams.get_by_name("Запад") == tx.teams.get(south.id)
        assert {team.name for team in tx.teams.list()} == {"Запад", "Север"}
        first = tx.teams.list(limit=1)
        second = tx.teams.list(limit=1, after=first[0].name)
        assert {first[0].id, second[0].id} == {south.id, north.id}
        assert tx.teams.list(after=second[0].name) == ()
        for attempt in (lambda: tx.teams.get(UUID(int=0)), lambda: tx.teams.get_by_name("Юг")):
            with pytest.raises(TeamUnknown):
                attempt()


def test_a_rep_is_registered_updated_and_listed(database: Database) -> None:
    with database.transaction() as tx:
        team = tx.teams.create("Север", now=NOW)
        anna = tx.reps.create("101", name="Анна", role="sdr", team="Север", now=NOW)
        assert (anna.name, anna.role, anna.team, anna.registered) == ("Анна", "sdr", team, True)
        tx.reps.create("102", now=NOW)
        with pytest.raises(NameTaken, match="101"):
            tx.reps.create("101", now=NOW)
        with pytest.raises(TeamUnknown, match="Юг"):
            tx.reps.create("103", team="Юг", now=NOW)
        moved = tx.reps.update("101", team=None)
        assert (moved.name, moved.role, moved.team) == ("Анна", "sdr", None)
        assert tx.reps.update("101", name="Анна П.", role=None).name == "Анна П."
        assert tx.reps.get_by_external_id("101").role is None
        assert tx.reps.get(anna.id).external_id == "101"
        assert tx.reps.update("102", team="Север").team == team
        assert [rep.external_id for rep in tx.reps.list(team="Север")] == ["102"]
        assert [rep.external_id for rep in tx.reps.list(limit=1)] == ["101"]
        assert [rep.external_id for rep in tx.reps.list(after="101")][:1] == ["102"]
        for attempt in (
            lambda: tx.reps.get_by_external_id("999"),
            lambda: tx.reps.update("999", name="x"),
            lambda: tx.reps.get(UUID(int=0)),
        ):
            with pytest.raises(RepUnknown):
                attempt()


def test_a_rep_that_an_upload_created_can_be_registered_afterwards(database: Database) -> None:
    """The calls that came first stay with the rep."""
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(rep_external_id="101"), now=NOW, allow_unknown_rep=True)
        rep = tx.reps.create("101", name="Анна", role="sdr", now=NOW)
        assert rep.registered
        assert tx.calls.get(call.id).rep == rep
        with pytest.raises(NameTaken):
            tx.reps.create("101", name="Борис", now=NOW)


def test_a_rep_registered_twice_at_once_is_registered_once(database: Database) -> None:
    gate = threading.Barrier(8)

    def register(number: int) -> bool:
        gate.wait()
        try:
            with database.transaction() as tx:
                tx.reps.create("101", name=f"name {number}", now=NOW)
        except NameTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(register, range(8))) == 1


def test_a_key_opens_until_it_is_revoked(database: Database) -> None:
    with database.transaction() as tx:
        team = tx.teams.create("Север", now=NOW)
        key, secret = tx.keys.create("pbx", "uploader", team.id, NOW)
        found = tx.keys.authenticate(secret, NOW)
        assert found is not None
        assert (found.id, found.name, found.role, found.team_id) == (key.id, "pbx", "uploader", team.id)
        assert tx.keys.revoke(key.id, NOW).revoked_at == NOW
        assert tx.keys.authenticate(secret, NOW) is None
        assert tx.keys.revoke(key.id, NOW + timedelta(days=1)).revoked_at == NOW
        with pytest.raises(KeyUnknown):
            tx.keys.revoke(UUID(int=0), NOW)


def test_nothing_but_the_whole_key_opens(database: Database) -> None:
    with database.transaction() as tx:
        _, secret = tx.keys.create("pbx", "uploader", None, NOW)
        prefix = secret[:11]
        wrong = [
            "",
            "cs_",
            prefix,
            prefix + "_",
            secret[:-1],
            secret + "x",
            secret.upper(),
            " " + secret,
            secret[:-1] + ("A" if secret[-1] != "A" else "B"),
            f"cs_00000000_{secret[12:]}",
            secret + "\n",
            secret[:-1] + "\0",
            "\ud800" * 55,
            "ё" * 55,
        ]
        assert [text for text in wrong if tx.keys.authenticate(text, NOW) is not None] == []
        assert tx.keys.authenticate(secret, NOW) is not None


def test_a_key_is_long_unlike_any_other_and_stored_only_as_a_hash(database: Database, database_url: str) -> None:
    """Who reads the database, or a backup of it, gets no key."""
    with database.transaction() as tx:
        made = [tx.keys.create(f"key-{number}", "reader", None, NOW) for number in range(20)]
    engine = create_engine(database_url)
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM api_keys")).all())
    engine.dispose()
    for key, secret in made:
        assert len(secret) == len("cs_") + 8 + len("_") + 43
        assert secret.startswith(key.prefix + "_")
        assert secret[12:] not in stored
    assert len({secret[12:] for _, secret in made}) == 20


def test_the_name_of_a_revoked_key_may_be_used_again(database: Database) -> None:
    """A leaked key is replaced under its name."""
    with database.transaction() as tx:
        leaked, _ = tx.keys.create("pbx", "uploader", None, NOW)
        with pytest.raises(NameTaken, match="pbx"):
            tx.keys.create("pbx", "reader", None, NOW)
        tx.keys.revoke(leaked.id, NOW)
        fresh, _ = tx.keys.create("pbx", "uploader", None, NOW)
        assert [key.id for key in tx.keys.list()] == [leaked.id, fresh.id]
        assert [key.id for key in tx.keys.list(limit=1)] == [leaked.id]
        assert [key.id for key in tx.keys.list(after=leaked.id)] == [fresh.id]


def test_the_last_use_of_a_key_is_noted_but_not_at_every_request(database: Database) -> None:
    with database.transaction() as tx:
        _, secret = tx.keys.create("pbx", "uploader", None, NOW)

    def use(seconds: int) -> None:
        with database.transaction() as tx:
            assert tx.keys.authenticate(secret, NOW + timedelta(seconds=seconds)) is not None

    def last_used() -> object:
        with database.read() as tx:
            return tx.keys.list()[0].last_used_at

    assert last_used() is None
    use(0)
    assert last_used() == NOW
    use(59)
    assert last_used() == NOW
    use(61)
    assert last_used() == NOW + timedelta(seconds=61)
    with database.read() as tx:
        assert tx.keys.authenticate(secret, NOW + timedelta(days=1)) is not None
    assert last_used() == NOW + timedelta(seconds=61)


def test_the_audit_log_tells_who_did_what_newest_first(database: Database) -> None:
    with database.transaction() as tx:
        tx.audit.write("cli", "key.create", "key:1", now=NOW, detail={"role": "admin"})
        tx.audit.write("key:cs_1a2b3c4d", "key.revoke", "key:1", now=NOW + timedelta(seconds=1))
    with database.read() as tx:
        entries = tx.audit.list()
        assert tx.audit.list(limit=1) == entries[:1]
    assert [(entry.actor, entry.action, entry.subject, entry.detail) for entry in entries] == [
        ("key:cs_1a2b3c4d", "key.revoke", "key:1", {}),
        ("cli", "key.create", "key:1", {"role": "admin"}),
    ]
