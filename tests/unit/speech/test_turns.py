"""A transcript reads like the conversation: who said what, in order, split where people pause or take over."""

from service.scoring.transcript import Speaker, Utterance, Word
from tests.unit.speech.samples import words
from workers.speech.turns import TurnOptions, utterances


def texts(said: tuple[Utterance, ...]) -> list[tuple[Speaker, str]]:
    return [(item.speaker, item.text) for item in said]


def test_speakers_take_turns_in_order_of_time() -> None:
    said = utterances({"agent": words("добрый день", 0) + words("понимаю вас", 5), "customer": words("это дорого", 2)})
    assert texts(said) == [("agent", "добрый день"), ("customer", "это дорого"), ("agent", "понимаю вас")]
    assert (said[1].start_s, said[1].end_s) == (2.0, 2.8)


def test_a_pause_parts_what_one_speaker_says() -> None:
    assert len(utterances({"agent": words("so", 0) + words("well", 1.3)})) == 2
    assert len(utterances({"agent": words("so", 0) + words("well", 0.9)})) == 1


def test_a_short_pause_parts_only_where_the_other_takes_over() -> None:
    own = words("how are you packing", 0) + words("and shipping", 2.1)
    assert len(utterances({"agent": own, "customer": ()})) == 1
    assert texts(utterances({"agent": own, "customer": words("fine", 1.65, each_s=0.3)})) == [
        ("agent", "how are you packing"),
        ("customer", "fine"),
        ("agent", "and shipping"),
    ]


def test_people_who_talk_at_once_are_both_kept() -> None:
    said = utterances({"agent": words("а если по частям отгрузить", 0), "customer": words("нет нет", 1)})
    assert texts(said) == [("agent", "а если по частям отгрузить"), ("customer", "нет нет")]
    assert said[1].start_s is not None
    assert said[0].end_s is not None
    assert said[1].start_s < said[0].end_s


def test_a_monologue_is_parted_at_sentence_ends() -> None:
    speech = words("one two three four. five six seven eight nine. ten eleven twelve.", 0, each_s=1)
    said = utterances({"agent": speech}, TurnOptions(longest_s=6))
    assert all((item.end_s or 0) - (item.start_s or 0) <= 6 for item in said)
    assert texts(said)[0] == ("agent", "one two three four.")
    assert " ".join(item.text for item in said) == " ".join(word.text for word in speech)


def test_confidence_is_the_mean_word_probability_and_the_words_make_the_text() -> None:
    said = utterances({"agent": (Word("Yes,", 0, 0.3, 0.9), Word("sure.", 0.3, 0.6, 0.6))})
    assert said[0].confidence == 0.75
    assert said[0].text == "Yes, sure."
    assert said[0].text.split() == [word.text for word in said[0].words]


def test_no_words_no_utterances() -> None:
    assert utterances({"agent": (), "customer": ()}) == ()
