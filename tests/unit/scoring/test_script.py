"""Script items: what a rep sees as met, partly met, missed, not required or not assessable, and the share it makes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.scoring.pack import AppliesWhen, Partial, ScriptItem, Within
from service.scoring.results import ItemResult
from service.scoring.script import Circumstances, adherence, script_items
from service.scoring.wording import AGENT_SILENT
from tests.unit.scoring.talk import Talk, pack, rule

HEARD = Circumstances("outbound", "sdr", agent_heard=True, customer_heard=True, deaf_reason=AGENT_SILENT)
GREETED = "agent: Добрый день! <script/greeting> Это Тарный Двор. <script/company>"


def items(*lines: str, circumstances: Circumstances = HEARD, **of_pack: object) -> dict[str, ItemResult]:
    talk = Talk(*lines)
    found = script_items(talk.dialogue, talk.hits, pack(**of_pack), circumstances, explain=False)
    return {item.id: item for item in found}


def one(item: ScriptItem, *lines: str, circumstances: Circumstances = HEARD) -> ItemResult:
    (result,) = items(*lines, circumstances=circumstances, script=(item,)).values()
    return result


def test_a_met_item_quotes_the_rep() -> None:
    greeting = items(GREETED)["greeting"]
    assert (greeting.status, greeting.points) == ("met", 1.0)
    assert greeting.reason == {"ru": "Сказано: «Добрый день!».", "en": "Said: “Добрый день!”."}
    assert greeting.evidence[0].utterance == 0


def test_a_missed_item_says_what_was_listened_for() -> None:
    item = ScriptItem(
        rule("script", "closing", like=("Спасибо за время", "Всего доброго"), within=Within(last_turns=3))
    )
    result = one(item, "agent: Угу.")
    assert (result.status, result.points) == ("missed", 0.0)
    assert result.reason["ru"] == (
        "Не прозвучало в конце разговора. Искали, например: «Спасибо за время», «Всего доброго»."
    )
    assert result.reason["en"].startswith("Not heard at the end of the call. Looked for things like “Спасибо")


def test_items_of_outbound_calls_are_not_required_on_inbound_ones() -> None:
    permission = items(GREETED, circumstances=replace(HEARD, direction="inbound"))["permission"]
    assert (permission.status, permission.points) == ("not_applicable", None)
    assert permission.reason == {"ru": "Не требуется: звонок входящий.", "en": "Not required: this is an inbound call."}


def test_an_unknown_direction_is_no_reason_to_blame_or_praise() -> None:
    permission = items("agent: Удобно? <script/permission>", circumstances=replace(HEARD, direction=None))["permission"]
    assert (permission.status, permission.points) == ("not_assessable", None)
    assert "the call's direction is unknown" in permission.reason["en"]


def test_items_of_another_role_are_not_required() -> None:
    item = ScriptItem(rule("script", "renewal"), applies_when=AppliesWhen(role=("account_manager",)))
    assert one(item, "agent: Да.").reason["en"] == "Not required: the rep is an SDR."
    assert one(item, "agent: Да.", circumstances=replace(HEARD, role="account_manager")).status == "missed"


def test_an_item_that_depends_on_an_occasion_is_not_required_without_it() -> None:
    item = ScriptItem(rule("script", "data_safety"), applies_when=AppliesWhen(rule="objections/trust"))
    assert one(item, "customer: Ну да.", "agent: Да.").status == "not_applicable"
    assert one(item, "customer: Кто увидит данные? <objections/trust>", "agent: Да.").status == "missed"


def test_a_rep_who_was_not_heard_is_not_blamed() -> None:
    deaf = replace(HEARD, agent_heard=False)
    found = items("customer: Алло?", circumstances=deaf)
    assert {item.status for item in found.values()} == {"not_assessable"}
    assert found["greeting"].reason == AGENT_SILENT
    assert adherence(tuple(found.values()), 0.6).share is None


def test_a_partial_rule_earns_part_of_the_points() -> None:
    item = ScriptItem(rule("script", "needs_discovery"), partial=Partial("signals/open_question", 0.5))
    half = one(item, "agent: Как вы ищете людей? <signals/open_question>")
    assert (half.status, half.points, half.evidence[0].quote) == ("partial", 0.5, "Как вы ищете людей?")
    assert half.reason["ru"] == "Выполнено частично (0,5 балла): «Как вы ищете людей?»."


def test_an_item_said_before_the_one_it_has_to_follow_is_only_half_done() -> None:
    item = ScriptItem(rule("script", "purpose"), order_after="script/greeting")
    early = one(
        item, "agent: Предложить хочу. <script/purpose>", "customer: А?", "agent: Добрый день! <script/greeting>"
    )
    assert (early.status, early.points) == ("partial", 0.5)
    assert "Said before “en greeting” although it has to follow it" in early.reason["en"]
    in_one_turn = one(item, "agent: Предложить хочу. <script/purpose> Добрый день! <script/greeting>")
    later = one(item, GREETED, "customer: Да?", "agent: Предложить хочу. <script/purpose>")
    never = one(item, "agent: Предложить хочу. <script/purpose>")
    assert {in_one_turn.status, later.status, never.status} == {"met"}


def test_adherence_is_weighted_over_what_applies() -> None:
    """Greeting 1, company 1, next step 2 of: these, permission (inbound: out), dated 1, contact 1."""
    found = items(GREETED, "agent: Встретимся? <script/next_step>", circumstances=replace(HEARD, direction="inbound"))
    total = adherence(tuple(found.values()), 0.6)
    assert (total.points, total.weight, total.share) == (4, 6, pytest.approx(4 / 6))


def test_missing_a_critical_item_caps_the_call() -> None:
    rest = "<script/greeting> <script/permission> <script/next_step> <script/next_step_dated> <script/contact_confirmation>"
    found = tuple(items(f"agent: Добрый день! {rest}").values())
    capped = adherence(found, 0.6)
    assert capped.share == pytest.approx(0.6)
    assert capped.points / capped.weight == pytest.approx(capped.share)
    assert adherence(found, 1.0).share == pytest.approx(6 / 7)


def test_long_quotes_are_cut_at_a_word_in_reasons_but_whole_in_evidence() -> None:
    said = "Добрый день, это компания " + "очень " * 30 + "известная."
    greeting = items(f"agent: {said} <script/greeting>")["greeting"]
    assert greeting.evidence[0].quote == said
    assert greeting.reason["ru"].endswith("очень…».")
