"""The objection ledger: what a QA lead reads about how each objection was met. Hits are given; only their meaning is tested."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from service.scoring.objections import mean_points, objections
from service.scoring.results import ObjectionResult
from tests.unit.scoring.talk import POLICY, Talk, pack


def ledger(*lines: str) -> tuple[ObjectionResult, ...]:
    talk = Talk(*lines)
    return objections(talk.dialogue, talk.hits, pack())


def brief(*lines: str) -> list[tuple[str, list[str], str]]:
    return [(o.type, [step.step for step in o.steps], o.outcome) for o in ledger(*lines)]


DEAR = "customer: Дорого. <objections/price>"
ARGUED = "agent: Понимаю. <steps/acknowledge> Зато окупится за месяц. <arguments/price>"


def test_an_argued_and_accepted_objection_is_handled() -> None:
    (objection,) = ledger(DEAR, ARGUED, "customer: Ну тогда ладно. <reactions/accepted>")
    assert (objection.outcome, objection.handled, objection.points) == ("accepted", True, 3)
    assert [e.quote for e in objection.evidence] == ["Дорого."]
    assert [e.quote for e in objection.outcome_evidence] == ["Ну тогда ладно."]
    assert {s.step: s.evidence[0].quote for s in objection.steps} == {
        "acknowledge": "Понимаю.",
        "argument": "Зато окупится за месяц.",
    }


def test_a_call_without_objections_has_no_argumentation() -> None:
    assert ledger("agent: Добрый день!", "customer: Здравствуйте.") == ()
    assert mean_points(()) is None


def test_argumentation_of_a_call_is_the_mean_over_its_objections() -> None:
    two = ledger(
        DEAR, ARGUED, "customer: Ладно. <reactions/accepted> Но не сейчас. <objections/timing>", "agent: Ясно."
    )
    assert [o.points for o in two] == [3, 0]
    assert mean_points(two) == 1.5


def test_the_same_reason_again_is_a_repeat_and_a_refusal() -> None:
    (objection,) = ledger(DEAR, ARGUED, "customer: Всё равно дорого. <objections/price>")
    assert objection.outcome == "rejected"
    assert [e.quote for e in objection.repeats] == ["Всё равно дорого."]
    assert not objection.handled


def test_the_same_reason_much_later_is_a_new_objection() -> None:
    chat = ["agent: А расскажите про склад.", "customer: Склад большой."] * 7
    assert [o.type for o in ledger(DEAR, ARGUED, *chat, DEAR)] == ["price", "price"]


def test_an_argument_for_another_reason_is_no_answer() -> None:
    assert brief(DEAR, "agent: Внедрение займёт день. <arguments/complexity>") == [("price", [], "rejected")]


def test_a_general_argument_answers_every_type() -> None:
    assert brief(DEAR, "agent: Вы вернёте два дня в неделю. <arguments/general>") == [
        ("price", ["argument"], "neutral")
    ]


def test_two_objections_in_one_breath_are_two_and_each_gets_its_own_answer() -> None:
    assert brief(
        "customer: Дорого. <objections/price> И предоплата нам не подходит. <objections/terms>",
        "agent: За месяц окупится. <arguments/price>",
        "customer: Цена ладно. <reactions/accepted> А предоплата? <objections/terms>",
        "agent: Разделим на две части. <arguments/terms>",
        "customer: Вот это другое дело. <reactions/accepted>",
    ) == [("price", ["argument"], "accepted"), ("terms", ["argument"], "accepted")]


def test_an_answer_to_the_second_of_two_objections_goes_to_the_second() -> None:
    assert brief(
        "customer: Дорого. <objections/price> И предоплата нам не подходит. <objections/terms>",
        "agent: Предоплату разделим. <arguments/terms>",
    ) == [("price", [], "rejected"), ("terms", ["argument"], "neutral")]


def test_one_sentence_voices_one_objection_the_surest() -> None:
    assert brief("customer: У нас свой поставщик дешевле. <objections/price=0.91> <objections/incumbent=0.97>") == [
        ("incumbent", [], "rejected")
    ]
    assert brief("customer: У нас свой поставщик дешевле. <objections/price> <objections/incumbent=0.97>") == [
        ("price", [], "rejected")
    ]


def test_what_only_resembles_an_objection_has_to_be_surer_where_objections_are_rare() -> None:
    """Short answers, the first turn, answers to questions; a phrase of the rule counts anywhere."""
    long = "У меня тут трое на больничном и инвентаризация на носу, так что сами понимаете, какие тут могут быть новые программы."
    said = "agent: Мы делаем учёт."
    assert brief("customer: Да?", said, f"customer: {long} <objections/timing=0.7>")[0][0] == "timing"
    assert brief("customer: Да?", said, "customer: Инвентаризация. <objections/timing=0.7>") == []
    assert brief(f"customer: {long} <objections/timing=0.7>") == []
    assert brief("customer: Да?", "agent: Что у вас на складе?", f"customer: {long} <objections/timing=0.7>") == []
    assert brief("customer: Не сейчас. <objections/timing>")[0][0] == "timing"


def test_a_faint_resemblance_counts_where_the_rep_heard_a_concern() -> None:
    faint = "customer: У меня тут трое на больничном и инвентаризация на носу, так что сами понимаете, чем я занят весь день. <objections/timing=0.62>"
    assert brief("customer: Да?", "agent: Мы делаем учёт.", faint, "agent: Понятно.") == []
    assert (
        brief("customer: Да?", "agent: Мы делаем учёт.", faint, "agent: Понимаю вас. <steps/acknowledge>")[0][0]
        == "timing"
    )


def test_agreeing_when_the_rep_only_gave_in_politely_accepts_nothing() -> None:
    assert (
        brief(
            "customer: Пришлите на почту. <objections/send_info>",
            "agent: Понимаю, пришлю. <steps/acknowledge>",
            "customer: Хорошо. <reactions/accepted>",
        )[0][2]
        == "neutral"
    )


def test_a_shrug_takes_back_no_refusal_that_was_not_argued() -> None:
    shrug = "customer: Ну, может быть. <reactions/neutral>"
    refused = "customer: Нет. <reactions/rejected>"
    assert brief(DEAR, ARGUED, refused, "agent: Хм.", shrug)[0][2] == "rejected"
    assert brief(DEAR, ARGUED, refused, "agent: Аренда выйдет вдвое. <arguments/price>", shrug)[0][2] == "neutral"


def test_a_second_reason_in_one_turn_that_only_resembles_one_has_to_be_surer() -> None:
    long = "Мы столько за раз не берём, у меня шкаф один, и складывать это всё мне совершенно некуда, честное слово."
    both = f"customer: {long} <objections/terms=0.95> Через месяц пуск. <objections/timing={{}}>"
    assert [o[0] for o in brief("customer: Да?", "agent: Вот так.", both.format(0.7))] == ["terms"]
    assert [o[0] for o in brief("customer: Да?", "agent: Вот так.", both.format(0.96))] == ["terms", "timing"]


def test_a_goodbye_to_the_reps_goodbye_is_no_reaction() -> None:
    bye = "agent: Всего доброго. <script/closing>"
    assert (
        brief(
            DEAR, ARGUED, "customer: Ну, не знаю. <reactions/neutral>", bye, "customer: И вам. <reactions/rejected=0.6>"
        )[0][2]
        == "neutral"
    )


def test_a_faint_resemblance_does_not_outweigh_clear_words_before_it() -> None:
    talk = (DEAR, ARGUED, "customer: Так лучше. <reactions/accepted> Но с Денисом поговорите. <reactions/rejected={}>")
    assert brief(*talk[:2], talk[2].format(0.42))[0][2] == "accepted"
    assert brief(*talk[:2], talk[2].format(0.8))[0][2] == "rejected"


def test_an_answer_about_an_address_is_no_reaction() -> None:
    arranged = "agent: Адрес прежний? <script/contact_confirmation>"
    assert (
        brief(
            DEAR,
            ARGUED,
            "customer: Ну, посмотрим. <reactions/neutral>",
            arranged,
            "customer: Прежний. <reactions/rejected=0.7>",
        )[0][2]
        == "neutral"
    )


def test_naming_an_old_reason_in_answer_to_a_question_about_another_repeats_nothing() -> None:
    price, authority = ledger(
        DEAR,
        ARGUED,
        "customer: Ну, посмотрим. <reactions/neutral> Без Вадима не решаю. <objections/authority>",
        "agent: А он больше на что смотрит? <steps/clarify>",
        "customer: На сумму, он каждую копейку считает. <objections/price>",
    )
    assert (price.outcome, price.repeats, authority.type) == ("neutral", (), "authority")


def test_a_refusal_of_an_old_reason_says_nothing_of_another() -> None:
    complexity = ledger(
        "customer: Людей нет. <objections/complexity>",
        "agent: Логины заведём сами. <arguments/complexity>",
        "customer: Тогда, может, и поговорим. <reactions/neutral> Но дорого. <objections/price> Всё равно нет. <reactions/rejected>",
    )[0]
    assert complexity.outcome == "neutral"


def test_a_question_that_merely_resembles_an_argument_is_none() -> None:
    assert brief(DEAR, "agent: А с чем сравнили? <arguments/price=0.8> <steps/evidence=0.8>")[0][1] == []


def test_a_yes_to_a_question_about_the_business_accepts_nothing() -> None:
    """The rep's later argument still belongs to the objection."""
    (objection,) = ledger(
        DEAR,
        "agent: А сравнивали с арендой? <steps/clarify>",
        "customer: Да, сравнивали. <reactions/accepted>",
        "agent: Аренда за год выходит вдвое. <arguments/price>",
        "customer: Нет, не убедили. <reactions/rejected>",
    )
    assert [s.step for s in objection.steps] == ["clarify", "argument"]
    assert objection.outcome == "rejected"


def test_the_last_reaction_counts() -> None:
    later = "agent: Аренда выйдет вдвое дороже. <arguments/price>"
    hmm = "customer: Ну, не знаю. <reactions/neutral>"
    assert brief(DEAR, ARGUED, hmm, later, "customer: Убедили. <reactions/accepted>")[0][2] == "accepted"
    assert brief(DEAR, ARGUED, hmm, later, "customer: Нет. <reactions/rejected>")[0][2] == "rejected"


def test_an_objection_can_be_resolved_turns_later() -> None:
    """The customer overtook it with another reason; the rep settles that one and comes back."""
    assert brief(
        "customer: Давайте летом. <objections/timing>",
        "agent: В сезон скидок больше. <arguments/timing>",
        "customer: Нет, летом. <objections/timing>",
        "agent: Дело только в сезоне? <steps/clarify>",
        "customer: Людей не собрать. <objections/complexity>",
        "agent: Делаем по пять человек. <arguments/complexity>",
        "customer: Так можно. <reactions/accepted>",
        "agent: Тогда и лета ждать незачем. <arguments/timing> Согласны? <steps/confirm>",
        "customer: Давайте. <reactions/accepted>",
    ) == [("timing", ["clarify", "argument", "confirm"], "accepted"), ("complexity", ["argument"], "accepted")]


def test_talk_after_the_objection_was_settled_earns_nothing_more() -> None:
    assert brief(
        DEAR,
        ARGUED,
        "customer: Ладно. <reactions/accepted>",
        "agent: Справедливо. <steps/acknowledge> Сколько у вас машин? <steps/clarify> Удобно? <steps/confirm>",
    ) == [("price", ["acknowledge", "argument"], "accepted")]


def test_discovery_after_the_customer_left_it_open_is_no_answer() -> None:
    assert brief(
        DEAR,
        ARGUED,
        "customer: Ну, посмотрим. <reactions/neutral>",
        "agent: А звонков у вас сколько? <steps/clarify>",
    ) == [("price", ["acknowledge", "argument"], "neutral")]


def test_an_answer_beyond_the_span_comes_too_late() -> None:
    chat = ["agent: Угу.", "customer: Вот."] * 10
    assert brief(DEAR, *chat, ARGUED)[0][1] == []


def test_the_rep_naming_the_objection_first_opens_nothing() -> None:
    """Pre-empted: the customer never voiced it."""
    assert brief("agent: Обычно говорят, дорого. <arguments/price>", "customer: Да нет, цена понятна.") == []


def test_going_along_with_a_next_step_accepts() -> None:
    (objection,) = ledger(
        "customer: Без партнёра не подпишу. <objections/authority>",
        "agent: А когда он будет? <steps/clarify>",
        "customer: В четверг.",
        "agent: Пришлю договор, в пятницу перезвоню. <script/next_step>",
        "customer: Записывайте почту.",
    )
    assert objection.outcome == "accepted"
    assert objection.outcome_evidence[0].rule == "dialogue/moved_on"
    assert objection.outcome_evidence[0].quote == "Записывайте почту."


def test_not_objecting_when_asked_whether_that_settles_it_accepts() -> None:
    asked = "agent: За месяц окупится. <arguments/price> Так спокойнее? <steps/confirm>"
    (objection,) = ledger(DEAR, asked, "customer: Хитрая вы женщина. Одну группу.")
    assert (objection.outcome, objection.outcome_evidence[0].rule) == ("accepted", "dialogue/did_not_object")
    assert brief(DEAR, asked, "customer: А сколько это стоит?", "agent: Сто рублей.")[0][2] == "neutral"
    assert brief(DEAR, asked, "customer: Всё равно дорого. <objections/price>")[0][2] == "rejected"


def test_hanging_up_on_an_answer_refuses_it_but_a_goodbye_to_a_goodbye_does_not() -> None:
    (objection,) = ledger(
        DEAR, "agent: А когда тендер? <steps/clarify>", "customer: На сайте. Всего доброго.", "agent: Ну."
    )
    assert (objection.outcome, objection.outcome_evidence[0].rule) == ("rejected", "dialogue/hung_up")
    bye = "agent: Тогда всего доброго. <script/closing>"
    assert brief(DEAR, ARGUED, "customer: Ну, не знаю. <reactions/neutral>", bye, "customer: И вам.")[0][2] == "neutral"


def test_a_new_reason_goes_first_before_one_that_is_merely_repeated() -> None:
    assert brief(
        "customer: Не надо нам. <objections/no_need>",
        "agent: Понимаю. <steps/acknowledge>",
        "customer: Дорого. <objections/price> И не надо. <objections/no_need>",
        "agent: Вы вернёте два дня в неделю. <arguments/general>",
    ) == [("no_need", ["acknowledge"], "rejected"), ("price", ["argument"], "neutral")]


def test_giving_in_to_a_brush_off_is_not_acceptance() -> None:
    """«Пришлите на почту» - «Окей, почту скажете?»: nothing was answered, so nothing was accepted."""
    assert brief(
        "customer: Пришлите на почту. <objections/send_info>",
        "agent: Окей, пришлю. <script/next_step> Почту скажете?",
        "customer: Офис, собака, дом.",
    ) == [("send_info", [], "neutral")]


def test_another_reason_on_top_of_no_answer_is_a_refusal() -> None:
    (timing, _) = ledger(
        "customer: До июля забудьте. <objections/timing>",
        "agent: Ну понял.",
        "customer: И вообще, отправьте в приёмную. <objections/send_info>",
    )
    assert (timing.outcome, timing.outcome_evidence[0].rule) == ("rejected", "dialogue/piled_on")


def test_a_customer_who_was_put_off_and_does_not_come_round_has_refused() -> None:
    wrong = "agent: Вы просто не считали. <violations/confrontation>"
    (objection,) = ledger(DEAR, wrong, "customer: Я бюджет каждый квартал сдаю.")
    assert (objection.outcome, objection.outcome_evidence[0].rule) == ("rejected", "dialogue/put_off")
    (shrugged,) = ledger(DEAR, wrong, "customer: Может быть. <reactions/neutral>")
    assert shrugged.outcome == "rejected", "a shrug at a slight is no open door"
    argued = wrong + " Окупится за месяц. <arguments/price>"
    (agreed,) = ledger(DEAR, argued, "customer: Ладно, давайте. <reactions/accepted>")
    assert agreed.outcome == "accepted", "who comes round all the same has accepted"
    both = ledger("customer: Дорого. <objections/price> И не сейчас. <objections/timing>", wrong, "customer: Я считаю.")
    assert [objection.outcome for objection in both] == ["rejected", "rejected"], (
        "what was voiced together goes together"
    )
    (asked,) = ledger(DEAR, argued, "customer: А что там считать?", "agent: Сейчас покажу.")
    assert asked.outcome == "neutral", "a question is no refusal"


def test_a_refusal_before_a_new_objection_belongs_to_the_old_one() -> None:
    assert brief(
        "customer: Уже обожглись. <objections/bad_experience>",
        "agent: У нас так не будет. <arguments/bad_experience>",
        "customer: Те тоже обещали. <reactions/rejected> И я вас не знаю. <objections/trust>",
        "agent: Мы десять лет на рынке. <arguments/trust>",
        "customer: Ну хорошо. <reactions/accepted>",
    ) == [("bad_experience", ["argument"], "rejected"), ("trust", ["argument"], "accepted")]


def test_agreeing_later_lets_go_of_what_was_left_open() -> None:
    assert (
        brief(
            DEAR,
            ARGUED,
            "customer: Может быть. <reactions/neutral>",
            "agent: Три фунта в месяц.",
            "customer: Давайте. <reactions/accepted>",
        )[0][2]
        == "accepted"
    )


def test_an_unanswered_objection_in_a_call_that_led_nowhere_was_not_let_go() -> None:
    (left,) = ledger(DEAR, "agent: Ну, понятно.", "customer: Всего доброго.")
    assert (left.outcome, left.outcome_evidence[0].rule) == ("rejected", "dialogue/left_with_it")
    assert left.outcome_evidence[0].quote == "Всего доброго."


def test_agreeing_to_a_day_accepts_every_answer_that_was_in_order() -> None:
    """The customer only asked back; the demo on Thursday says the rest. An answer that was not in order stays open."""
    dated = ["agent: Тогда в четверг в два? <script/next_step_dated>", "customer: Хорошо, в два."]
    question = "customer: А сколько это займёт?"
    (full,) = ledger(DEAR, ARGUED, question, "agent: Час.", "customer: Ясно.", *dated)
    assert (full.outcome, full.outcome_evidence[0].rule) == ("accepted", "dialogue/moved_on")
    assert (
        brief(DEAR, "agent: Зато окупится. <arguments/price>", "customer: Ну-ну. <reactions/neutral>", *dated)[0][2]
        == "neutral"
    )
    refused = "customer: Нет, спасибо. <reactions/rejected>"
    assert brief(DEAR, ARGUED, question, "agent: Час.", "customer: Ясно.", dated[0], refused)[0][2] != "accepted"


def test_reasons_say_what_was_done_what_was_missing_and_why_it_counts() -> None:
    (objection,) = ledger(DEAR, ARGUED, "customer: Нет, дорого. <objections/price>")
    assert objection.reason["en"] == (
        "3 of 5: fair. Done: acknowledged the concern, gave an argument that speaks to it. "
        "Missing: a clarifying question, evidence, a check. In the end the customer refused. "
        "Not handled: the customer refused."
    )
    assert objection.reason["ru"] == (
        "3 из 5: fair. Было: отклик на слова клиента, довод по существу. "
        "Не было: уточняющего вопроса, подтверждения довода, проверки, снят ли вопрос. Итог: клиент отказал. "
        "Возражение не отработано: клиент отказал."
    )


def test_reason_of_an_unanswered_objection_names_what_the_policy_asks_for() -> None:
    (objection,) = ledger(DEAR, "agent: Ну, до свидания.")
    assert objection.points == 0
    assert (
        "Not handled: no argument, neither an acknowledgement nor a clarifying question, the customer refused."
        in objection.reason["en"]
    )
    assert (
        "не отработано: нет довода по существу, нет ни отклика на слова клиента, ни уточняющего вопроса, клиент отказал."
        in objection.reason["ru"]
    )


@pytest.mark.parametrize("turns", [1000, 4000])
def test_a_very_long_call_is_read_in_linear_time(turns: int) -> None:
    lines = [DEAR, ARGUED, "customer: Не сейчас. <objections/timing>", "agent: Ясно."] * (turns // 4)
    talk = Talk(*lines)
    dialogue, hits = talk.dialogue, talk.hits
    started = time.process_time()
    assert objections(dialogue, hits, pack())
    assert time.process_time() - started < turns / 1000


def shaped(*lines: str) -> list[tuple[str, list[str], str]]:
    """As `brief`, with a pack that reads answers by their shape: statements from six words on."""
    talk = Talk(*lines)
    found = objections(talk.dialogue, talk.hits, pack(policy=replace(POLICY, statement_words=6)))
    return [(o.type, [step.step for step in o.steps], o.outcome) for o in found]


LONG = "Мы в марте поставили такой же соседям, и они в мае уже отбили."


def test_a_statement_of_some_length_is_an_argument_though_no_rule_knows_its_words() -> None:
    assert shaped(DEAR, f"agent: {LONG}", "customer: Ну ладно. <reactions/accepted>") == [
        ("price", ["argument"], "accepted")
    ]
    assert brief(DEAR, f"agent: {LONG}")[0][1] == []
    assert shaped(DEAR, "agent: Такая цена.")[0][1] == []


def test_a_statement_cites_its_words_under_a_rule_of_the_engine() -> None:
    talk = Talk(DEAR, f"agent: {LONG}")
    (objection,) = objections(talk.dialogue, talk.hits, pack(policy=replace(POLICY, statement_words=6)))
    (evidence,) = objection.steps[0].evidence
    assert (evidence.rule, evidence.utterance, evidence.quote) == ("dialogue/statement", 1, LONG.rstrip("."))


@pytest.mark.parametrize("rule", ["steps/acknowledge", "script/next_step", "violations/overpromise"])
def test_courtesies_arrangements_and_violations_are_no_arguments_however_long(rule: str) -> None:
    assert "argument" not in shaped(DEAR, f"agent: {LONG} <{rule}>")[0][1]


def test_a_question_alone_wants_to_know_more_and_a_question_after_a_reason_checks() -> None:
    assert shaped(DEAR, "agent: А с чем вы сравнивали?")[0][1] == ["clarify"]
    assert shaped(DEAR, f"agent: {LONG} Так пойдёт?")[0][1] == ["argument", "confirm"]
    assert shaped(DEAR, f"agent: {LONG} А вам что важнее, срок или цена?")[0][1] == ["clarify", "argument"]
    assert shaped(DEAR, f"agent: {LONG} Сколько у вас машин?")[0][1] == ["clarify", "argument"]
    assert shaped(DEAR, "agent: А разве это дорого? Не знаю.")[0][1] == []
    assert shaped(DEAR, "agent: Почту скажете? <script/contact_confirmation>")[0][1] == []


def test_a_statement_right_after_a_shrug_goes_on_with_the_answer() -> None:
    shrug = "customer: Ну, не знаю. <reactions/neutral>"
    assert shaped(DEAR, "agent: С чем сравнили?", "customer: Ни с чем.", f"agent: {LONG}", shrug)[0][1] == [
        "clarify",
        "argument",
    ]
    assert shaped(DEAR, "agent: Понимаю. <steps/acknowledge>", shrug, f"agent: {LONG}")[0][1] == [
        "acknowledge",
        "argument",
    ]


def test_a_statement_in_answer_to_a_question_about_something_else_is_none() -> None:
    asked = "customer: Ну, не знаю. <reactions/neutral> А по срокам как?"
    assert shaped(DEAR, "agent: Понимаю. <steps/acknowledge>", asked, f"agent: {LONG}")[0][1] == ["acknowledge"]
