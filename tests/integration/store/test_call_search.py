"""Calls found by what was said in them, and by the other filters, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.store import call_search
from service.store.database import Database
from service.store.records import CallFilter
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript


def said(database: Database, name: str, text: str, *, minute: int = 0, **changes: Any) -> UUID:
    """A call in which `text` was said, received `minute` minutes after NOW."""
    now = NOW + timedelta(minutes=minute)
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(name, **changes), now=now, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=now, lease_s=60)
        assert tx.transcripts.save(call.id, sample_transcript(text), token="t", now=now)
    return call.id


def score(database: Database, call_id: UUID, points: list[float], adherence: tuple[float, float] = (1.0, 2.0)) -> None:
    with database.transaction() as tx:
        assert tx.calls.claim(call_id, "score", token="s", now=NOW, lease_s=60) is not None
        assert tx.scorecards.save(call_id, sample_scorecard(points, adherence=adherence), token="s", now=NOW)


def found(database: Database, **wanted: Any) -> list[str]:
    """External ids of the calls that fit, in the list's order."""
    with database.read() as tx:
        return [call.external_id for call in tx.calls.list(CallFilter(**wanted), limit=100).calls]


def paged(database: Database, limit: int, **wanted: Any) -> list[str]:
    names: list[str] = []
    cursor = None
    while True:
        with database.read() as tx:
            page = tx.calls.list(CallFilter(**wanted), limit=limit, cursor=cursor)
        names += [call.external_id for call in page.calls]
        cursor = page.next_cursor
        if cursor is None:
            return names


def test_words_are_found_in_any_form_in_both_languages(database: Database) -> None:
    said(database, "ru", "Пришлите, пожалуйста, скидку на доставку ещё раз")
    said(database, "en", "We went over the discounts twice, it's expensive", minute=1)
    for query in ("скидки", "СКИДКА", "доставка скидка", "еще", "прислать"):
        assert found(database, text=query) == ["ru"], query
    for query in ("discount", "going", "expensive discount", "twice"):
        assert found(database, text=query) == ["en"], query
    assert found(database, text="скидка discount") == []
    assert found(database, text="договор") == []


@pytest.mark.parametrize(
    "query",
    ['скидка" OR "договор', "скидка AND", "скидк*", "NOT договор", "'", "скидка:*", "^скидка", "{a b}: x", "\\", "%"],
)
def test_no_query_is_taken_for_an_operator(database: Database, query: str) -> None:
    """It finds calls with all of these words, or none; it never fails and never means something else."""
    said(database, "1", "это договор")
    assert found(database, text=query) == []


def test_pages_of_a_search_stay_in_place_while_calls_arrive(database: Database) -> None:
    """All calls of one moment, which is what an import does: none is left out, none comes twice."""
    for number in range(25):
        said(database, f"old-{number}", "цена высокая")
    with database.read() as tx:
        first = tx.calls.list(CallFilter(text="цена"), limit=10)
    said(database, "new", "цена низкая", minute=1)
    names = [call.external_id for call in first.calls]
    cursor = first.next_cursor
    while cursor is not None:
        with database.read() as tx:
            page = tx.calls.list(CallFilter(text="цена"), limit=10, cursor=cursor)
        names += [call.external_id for call in page.calls]
        cursor = page.next_cursor
    assert sorted(names) == sorted(f"old-{number}" for number in range(25))
    assert paged(database, 7, text="цена")[0] == "new"


def test_a_search_obeys_the_other_filters(database: Database) -> None:
    with database.transaction() as tx:
        tx.teams.create("North", now=NOW)
        anna = tx.reps.create("anna", team="North", now=NOW)
        tx.reps.create("boris", team="North", now=NOW)
    for at, rep in enumerate(("anna", "boris", "carl")):
        score(database, said(database, rep, "слишком дорого", minute=at, rep_external_id=rep), [float(2 * at)])
    said(database, "other", "слишком дорого", minute=9, script="account_renewal", rep_external_id="anna")
    assert found(database, text="дорого") == ["other", "carl", "boris", "anna"]
    assert found(database, text="дорого", rep="anna") == ["other", "anna"]
    assert found(database, text="дорого", rep_id=anna.id, script="b2b_sales") == ["anna"]
    assert found(database, text="дорого", team="North") == ["other", "boris", "anna"]
    assert found(database, text="дорого", team="South") == []
    assert found(database, text="дорого", status="scored", team="North") == ["boris", "anna"]
    assert found(database, text="дорого", argumentation_min=2.0, argumentation_max=3.0) == ["boris"]
    from_, to = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    assert found(database, text="дорого", received_from=from_, received_to=to) == ["boris"]
    assert paged(database, 1, text="дорого", team="North", status="scored") == ["boris", "anna"]


def test_a_call_is_found_by_its_last_transcript_and_not_at_all_once_forgotten(
    database: Database, database_url: str
) -> None:
    call_id = said(database, "1", "первая попытка")
    with database.transaction() as tx:
        tx.calls.claim(call_id, "score", token="f", now=NOW, lease_s=60)
    engine = database._engine
    with engine.begin() as connection:
        call_search.write(connection, call_id, sample_transcript("вторая версия"))
    assert (found(database, text="попытка"), found(database, text="версия")) == ([], ["1"])
    with engine.begin() as connection:
        call_search.forget(connection, call_id)
    assert found(database, text="версия") == []


def test_filters_by_score_and_review(database: Database) -> None:
    for at, earned in enumerate((0.0, 1.0, 2.0)):
        call_id = said(database, str(at), "да", minute=at)
        score(database, call_id, [5.0 - at], (earned, 2.0))
    said(database, "unscored", "да", minute=5)
    assert found(database, adherence_min=0.5) == ["2", "1"]
    assert found(database, adherence_max=0.5) == ["1", "0"]
    assert found(database, argumentation_min=4.0, argumentation_max=4.5) == ["1"]
    assert found(database, reviewed=True) == []
    assert found(database, reviewed=False) == ["unscored", "2", "1", "0"]


def test_a_team_of_many_reps_is_one_list_in_order(database: Database) -> None:
    with database.transaction() as tx:
        tx.teams.create("North", now=NOW)
        for rep in ("a", "b", "c"):
            tx.reps.create(rep, team="North", now=NOW)
    for number in range(12):
        said(database, str(number), "да", minute=number, rep_external_id="abcd"[number % 4])
    expected = [str(number) for number in reversed(range(12)) if number % 4 != 3]
    assert found(database, team="North") == expected
    assert paged(database, 2, team="North") == expected


def test_a_cursor_of_another_kind_of_list_is_refused(database: Database) -> None:
    for number in range(3):
        said(database, str(number), "да", minute=number)
    with database.read() as tx:
        plain = tx.calls.list(CallFilter(), limit=1).next_cursor
        text = tx.calls.list(CallFilter(text="да"), limit=1).next_cursor
        for wanted, cursor in (
            (CallFilter(text="да"), plain),
            (CallFilter(), text),
            (CallFilter(text="да"), "dGV4dDp4"),
        ):
            with pytest.raises(ValueError, match="cursor"):
                tx.calls.list(wanted, limit=1, cursor=cursor)
