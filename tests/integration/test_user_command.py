"""`callscore user` and the demo's admin: what is printed once opens the door, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.demo import ADMIN, _prepare
from service.cli.keys import app as keys
from service.cli.people import reps, teams
from service.cli.users import app
from service.scoring.errors import CallscoreError
from service.settings import Settings
from service.store.database import Database
from service.store.passwords import password_fits

PASSWORD = "green-tea-at-noon"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("CALLSCORE_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'callscore.db'}")
    database.migrate()
    return database


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=typed)


def opens(database: Database, email: str, password: str) -> bool:
    with database.read() as tx:
        found = tx.users.by_email(email)
    return found is not None and found[0].disabled_at is None and password_fits(password, found[1])


def test_a_password_is_printed_once_alone_on_stdout_and_works(database: Database) -> None:
    done = run("create", "--email", "Anna@example.com", "--role", "admin", "--time-zone", "Europe/Moscow")
    assert done.exit_code == 0, done.output
    password = done.stdout.strip()
    assert opens(database, "anna@example.com", password)
    with database.read() as tx:
        user = tx.users.list()[0]
    assert (user.password_must_change, user.time_zone) == (True, "Europe/Moscow")
    assert password not in run("list").output
    fresh = run("password", "anna@example.com").stdout.strip()
    assert opens(database, "anna@example.com", fresh)
    assert not opens(database, "anna@example.com", password)


def test_a_password_can_be_typed_and_is_not_shown(database: Database) -> None:
    done = run("create", "--email", "a@b", "--role", "qa_lead", "--ask", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert opens(database, "a@b", PASSWORD)


def test_rep_and_manager_belong_somewhere(database: Database) -> None:
    assert database.ready()
    for wrong, sentence in (
        (("--role", "manager"), "needs a team"),
        (("--role", "rep"), "--rep ID"),
        (("--role", "qa_lead", "--all-teams"), "for managers"),
        (("--role", "rep", "--rep", "nobody"), "no rep"),
        (("--role", "admin", "--time-zone", "Mars/Phobos"), "time zone"),
        (("--role", "admin", "--email", "no address"), "e-mail"),
    ):
        done = run("create", "--email", "a@b", *wrong)
        assert isinstance(done.exception, CallscoreError), (wrong, done.output)
        assert sentence in str(done.exception)
    assert run("create", "--email", "head@b", "--role", "manager", "--all-teams").exit_code == 0


def test_who_is_disabled_is_out_and_the_last_admin_stays(database: Database) -> None:
    for email in ("one@b", "two@b"):
        run("create", "--email", email, "--role", "admin")
    assert run("disable", "one@b").exit_code == 0
    assert isinstance(run("disable", "two@b").exception, CallscoreError)
    assert "disabled" in run("list").output
    assert run("enable", "one@b").exit_code == 0
    assert isinstance(run("disable", "nobody@b").exception, CallscoreError)


def test_each_demo_has_an_admin_with_a_password_of_its_own(database: Database, tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path})
    first, second = _prepare(settings)[2], _prepare(settings)[2]
    assert first != second
    assert not opens(database, ADMIN, first)
    assert opens(database, ADMIN, second)


def test_what_is_done_at_the_command_line_is_noted_too(database: Database) -> None:
    runner = CliRunner()
    for command, *arguments in (
        (teams, "add", "North"),
        (reps, "add", "r-17", "--team", "North"),
        (keys, "create", "--role", "uploader"),
        (app, "create", "--email", "a@b", "--role", "admin"),
    ):
        done = runner.invoke(command, arguments)
        assert done.exit_code == 0, done.output
    with database.read() as tx:
        entries = tx.audit.list()
        key = tx.keys.list()[0]
    assert runner.invoke(keys, ["revoke", str(key.id)]).exit_code == 0
    assert [entry.action for entry in entries] == ["user.create", "key.create", "rep.create", "team.create"]
    assert {entry.actor for entry in entries} == {"cli"}
    with database.read() as tx:
        assert tx.audit.list(limit=1)[0].action == "key.revoke"
