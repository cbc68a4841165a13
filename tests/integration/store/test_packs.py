"""Published packs, drafts and trials as rows: nothing is overwritten unseen, and what a killed worker leaves is gone on with."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from service.scoring.errors import DraftChanged, DraftStateWrong, DraftUnknown, StoredTextDamaged
from service.scoring.pack_texts import files_sha256, hashes_of, text_sha256
from service.store.database import Database
from service.store.records_packs import Draft, NewVersion, Trial, TrialChoice, TrialWork
from tests.fixtures.samples import NOW

LEASE_S = 30.0
HEADER, RULE = "ru/mini/pack.yaml", "ru/mini/script/greeting.yaml"
TEXTS = {HEADER: "id: mini\nversion: 1.0.0\n", RULE: "id: greeting\n"}
CHANGED = TEXTS | {HEADER: "id: mini\nversion: 1.1.0\n"}


def version(texts: dict[str, str], number: str) -> NewVersion:
    sha256 = files_sha256(hashes_of(texts))
    return NewVersion("mini", "ru", number, "f" * 64, sha256, "draft", "because")


def publish(database: Database, texts: dict[str, str], number: str, *, after: int) -> None:
    with database.transaction() as tx:
        tx.packs.keep(texts, now=NOW)
        tx.packs.publish(version(texts, number), after=after, by="user:x", now=NOW)


def draft_of(database: Database, texts: dict[str, str] | None = None) -> Draft:
    with database.transaction() as tx:
        return tx.drafts.create(
            "mini", "ru", texts or TEXTS, note="", base_version="1.0.0", base_sha256="a" * 64, by="user:x", now=NOW
        )


def trial_of(database: Database, draft: Draft, *, kind: TrialChoice | None = None, by: str = "user:x") -> Trial:
    with database.transaction() as tx:
        after, before = tx.packs.keep(CHANGED, now=NOW), tx.packs.keep(TEXTS, now=NOW)
        choice = kind or TrialChoice("test")
        subjects = [f"step-{number}" for number in range(3)]
        return tx.trials.start(
            draft, choice, subjects, version="1.1.0", files_sha256=after, before=("1.0.0", before), by=by, now=NOW
        )[0]


def claimed(database: Database, trial: Trial, *, later_s: float = 0.0) -> TrialWork | None:
    with database.transaction() as tx:
        now = NOW + timedelta(seconds=later_s)
        return tx.trials.claim(trial.id, token=uuid4().hex, now=now, lease_s=LEASE_S)


def advanced(database: Database, work: TrialWork, number: int) -> bool:
    with database.transaction() as tx:
        return tx.trials.advance(work, number, {"found": number}, now=NOW, lease_s=LEASE_S)


def kept(database: Database, sha256: str) -> bool:
    try:
        with database.read() as tx:
            tx.packs.texts(sha256)
    except DraftUnknown:
        return False
    return True


def test_the_last_version_is_in_use_and_all_are_remembered(database: Database) -> None:
    publish(database, TEXTS, "1.0.0", after=0)
    publish(database, CHANGED, "1.1.0", after=1)
    publish(database, TEXTS, "1.0.0", after=2)
    with database.read() as tx:
        (used,) = tx.packs.in_use()
        assert (used.number, used.version, used.reason) == (3, "1.0.0", "because")
        assert [row.version for row in tx.packs.history("mini", "ru")] == ["1.0.0", "1.1.0", "1.0.0"]
        assert tx.packs.texts(used.files_sha256) == TEXTS
        assert tx.packs.history("mini", "en") == ()
        with pytest.raises(DraftUnknown):
            tx.packs.get("mini", "ru", 4)


def test_of_two_who_publish_at_once_the_second_is_told(database: Database) -> None:
    publish(database, TEXTS, "1.0.0", after=0)
    with pytest.raises(DraftChanged, match="meanwhile"):
        publish(database, CHANGED, "1.1.0", after=0)


def test_damaged_files_are_never_used(database: Database, database_url: str) -> None:
    publish(database, TEXTS, "1.0.0", after=0)
    with database.transaction() as tx:
        other = tx.packs.keep(CHANGED, now=NOW)
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        swap = "UPDATE pack_contents SET content = (SELECT content FROM pack_contents WHERE files_sha256 = :other)"
        connection.execute(text(swap), {"other": other})
    engine.dispose()
    with pytest.raises(StoredTextDamaged), database.read() as tx:
        tx.packs.texts(tx.packs.in_use()[0].files_sha256)


def test_a_file_is_saved_only_over_what_its_writer_saw(database: Database) -> None:
    draft = draft_of(database)
    seen = text_sha256(TEXTS[RULE])
    with database.transaction() as tx:
        saved = tx.drafts.write(draft.id, RULE, "id: hello\n", seen=seen, by="user:a", now=NOW)
    assert (saved.revision, saved.changed_by) == (2, "user:a")
    for changes in ({"seen": seen}, {"seen": None}):
        with pytest.raises(DraftChanged), database.transaction() as tx:
            tx.drafts.write(draft.id, RULE, "id: other\n", by="user:b", now=NOW, **changes)
    with pytest.raises(DraftUnknown), database.transaction() as tx:
        tx.drafts.write(draft.id, "ru/mini/script/gone.yaml", "x\n", seen=seen, by="user:b", now=NOW)
    with database.read() as tx:
        assert tx.drafts.texts(draft.id) == TEXTS | {RULE: "id: hello\n"}
        assert tx.drafts.get(draft.id).revision == 2, "who was refused changed nothing"


def test_a_published_draft_is_closed_and_a_discarded_one_gone(database: Database) -> None:
    draft, other = draft_of(database), draft_of(database)
    with pytest.raises(DraftChanged), database.transaction() as tx:
        tx.drafts.published(draft.id, revision=7, version="1.1.0", now=NOW)
    with database.transaction() as tx:
        tx.drafts.published(draft.id, revision=1, version="1.1.0", now=NOW)
    with pytest.raises(DraftStateWrong, match=r"1\.1\.0"), database.transaction() as tx:
        tx.drafts.write(draft.id, RULE, "x\n", seen=text_sha256(TEXTS[RULE]), by="user:a", now=NOW)
    with pytest.raises(DraftStateWrong), database.transaction() as tx:
        tx.drafts.discard(draft.id)
    trial_of(database, other)
    with database.transaction() as tx:
        tx.drafts.discard(other.id)
        assert [found.id for found in tx.drafts.list(published=True)] == [draft.id]
        assert tx.drafts.list() == ()


def test_a_killed_workers_trial_goes_on_behind_its_last_step(database: Database) -> None:
    trial = trial_of(database, draft_of(database))
    work = claimed(database, trial)
    assert work is not None
    assert advanced(database, work, 0)
    assert not advanced(database, work, 0), "a step counts once"
    assert claimed(database, trial) is None, "its lease still holds"
    again = claimed(database, trial, later_s=LEASE_S + 1)
    assert again is not None
    assert again.attempts == 2
    assert not advanced(database, work, 1), "the dead do not write"
    with database.read() as tx:
        assert tx.trials.next_step(trial.id) == (1, "step-1")
    assert advanced(database, again, 1)
    assert advanced(database, again, 2)
    with database.transaction() as tx:
        assert tx.trials.next_step(trial.id) is None
        assert list(tx.trials.results(trial.id)) == [(f"step-{n}", {"found": n}) for n in range(3)]
        assert tx.trials.finish(again, {"failed": 0}, now=NOW)
    with database.read() as tx:
        done = tx.trials.get(trial.id)
        assert (done.state, done.steps_done, done.result) == ("done", 3, {"failed": 0})
        assert list(tx.trials.results(trial.id)) == []
        tested = tx.trials.tests_of(trial.files_sha256)
        assert tested is not None
        assert tested.id == trial.id


def test_files_that_only_a_trial_needed_go_with_it(database: Database) -> None:
    publish(database, TEXTS, "1.0.0", after=0)
    draft = draft_of(database)
    trial = trial_of(database, draft)
    assert kept(database, trial.files_sha256)
    with database.transaction() as tx:
        assert tx.trials.cancel(trial.id, draft_id=draft.id, now=NOW).state == "cancelled"
    assert not kept(database, trial.files_sha256)
    assert kept(database, trial.before_sha256), "it was published"


def test_the_same_trial_twice_is_one_and_another_of_its_kind_ends_it(database: Database) -> None:
    draft = draft_of(database)
    first = trial_of(database, draft)
    assert trial_of(database, draft).id == first.id
    calls = TrialChoice("backtest", most_calls=5)
    other = trial_of(database, draft, kind=calls)
    newer = trial_of(database, draft, kind=TrialChoice("backtest", most_calls=9))
    with database.read() as tx:
        states = {found.id: found.state for found in tx.trials.of_draft(draft.id)}
    assert states == {first.id: "running", other.id: "cancelled", newer.id: "running"}


def test_the_queue_is_told_of_what_nobody_works_on(database: Database) -> None:
    trial = trial_of(database, draft_of(database))

    def waiting(later_s: float) -> tuple[UUID, ...]:
        with database.transaction() as tx:
            return tx.trials.waiting(now=NOW + timedelta(seconds=later_s), again_after_s=60.0)

    assert waiting(0) == (trial.id,)
    assert waiting(1) == (), "told a moment ago"
    work = claimed(database, trial, later_s=70)
    assert work is not None
    assert waiting(80) == (), "somebody works on it"
    assert waiting(140) == (trial.id,), "its worker is gone"
    with database.transaction() as tx:
        tx.trials.fail(work, "no luck", now=NOW)
    assert waiting(300) == ()
    with database.read() as tx:
        assert tx.trials.get(trial.id).problem == "no luck"
