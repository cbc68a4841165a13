"""The rep is known by what reps say; where voices or words do not tell, nobody's words are put in anybody's mouth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.speech.samples import words
from workers.speech.roles import agent_probability
from workers.speech.speakers import told_apart
from workers.speech.voices import Voices

REP_RU = (
    "здравствуйте меня зовут Анна компания Ромашка вам удобно сейчас говорить подскажите как у вас устроена доставка "
    "верно ли что для вас важно время давайте я пришлю вам расчёт"
)
CUSTOMER_RU = (
    "алло слушаю да у нас всё уже есть нам не надо мы не знаем ну мне это дорого у меня уже есть другой поставщик"
)
REP_EN = (
    "hi this is Mike calling from Acme is now a good time what would you change in your setup I'll send that to you"
)
CUSTOMER_EN = (
    "we've got one already I don't think we need it our budget is gone I've got a meeting and my boss can't sign"
)


def voices(*turns: tuple[float, float, int], calm: bool = True) -> Voices:
    """Turns (start s, end s, voice)."""
    states = np.full(2000, -1, dtype=np.int8)
    for start_s, end_s, voice in turns:
        states[round(start_s * 10) : round(end_s * 10)] = voice
    return Voices(states, 4.0 if calm else 20.0)


@pytest.mark.parametrize(("rep", "customer", "language"), [(REP_RU, CUSTOMER_RU, "ru"), (REP_EN, CUSTOMER_EN, "en")])
def test_the_rep_is_the_one_who_talks_like_a_rep(rep: str, customer: str, language: str) -> None:
    assert agent_probability(words(rep), words(customer), language) > 0.9
    assert agent_probability(words(customer), words(rep), language) < 0.1


def test_without_words_that_tell_it_may_be_either() -> None:
    assert agent_probability(words("мгм"), words("да"), "ru") == 0.5
    assert agent_probability(words(REP_EN), words(CUSTOMER_EN), "fr") == 0.5
    assert agent_probability((), words("да"), "ru") == 0.5


def test_words_go_to_the_voice_under_them() -> None:
    customer, rep = words(CUSTOMER_RU, 0.0), words(REP_RU, 20.0)
    told = told_apart(customer + rep, voices((0, 15, 0), (20, 40, 1)), "ru")
    assert told is not None
    assert told.words == {"agent": rep, "customer": customer}
    assert sum(span.duration_s for span in told.spans["agent"]) == pytest.approx(20)
    assert 0.8 <= told.confidence <= 0.97


def test_a_voice_that_changes_everywhere_is_one_voice() -> None:
    said = words(CUSTOMER_RU, 0.0) + words(REP_RU, 20.0)
    assert told_apart(said, voices((0, 15, 0), (20, 40, 1), calm=False), "ru") is None


def test_words_that_do_not_tell_leave_the_speakers_unknown() -> None:
    said = words("раз два три", 0.0) + words("четыре пять шесть", 5.0)
    assert told_apart(said, voices((0, 3, 0), (5, 8, 1)), "ru") is None
    assert told_apart(said, None, "ru") is None
    assert told_apart((), voices((0, 3, 0), (5, 8, 1)), "ru") is None


def test_a_syllable_amid_the_others_words_is_theirs() -> None:
    customer, rep = words(CUSTOMER_RU, 0.0), words(REP_RU, 20.0)
    slip = rep[5]
    told = told_apart(customer + rep, voices((0, 15, 0), (20, 40, 1), (slip.start_s, slip.end_s, 0)), "ru")
    assert told is not None
    assert told.words["agent"] == rep
