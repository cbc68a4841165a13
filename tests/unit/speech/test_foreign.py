"""What was said in another language keeps its text and is marked, so that no rule of the call's language reads it."""

from dataclasses import replace

from service.scoring.transcript import Mark
from tests.unit.speech.samples import utterance, words
from workers.speech.foreign import foreign_marked

ENGLISH = utterance("customer", words("could you hold on a second please"))
RUSSIAN = utterance("customer", words("давайте созвонимся в Google Meet"))


def test_the_whole_of_a_party_with_a_language_of_its_own_is_marked() -> None:
    marked = foreign_marked([RUSSIAN], "en", {"customer"})
    assert marked[0].marks == (Mark(0, 4, "foreign_language"),)
    assert marked[0].text == RUSSIAN.text


def test_a_sentence_in_another_alphabet_is_marked_and_names_are_not() -> None:
    marked = foreign_marked([ENGLISH, RUSSIAN, utterance("agent", words("Google Meet"))], "ru")
    assert [len(item.marks) for item in marked] == [1, 0, 0]


def test_a_language_without_a_known_alphabet_marks_nothing() -> None:
    assert foreign_marked([ENGLISH], "ja")[0].marks == ()


def test_marks_that_are_there_stay() -> None:
    looped = replace(ENGLISH, marks=(Mark(2, 3, "repetition"),))
    assert foreign_marked([looped], "ru")[0].marks == (
        Mark(0, 1, "foreign_language"),
        Mark(2, 3, "repetition"),
        Mark(4, 6, "foreign_language"),
    )
