"""What was not said does not count, what was said does: marks go by the sound under the words, not by the words alone."""

import pytest

from service.scoring.transcript import Mark, Utterance, Word
from tests.unit.speech.samples import activity, backing, flags, utterance, words
from workers.speech.boilerplate import boilerplates
from workers.speech.guard import Backing, marked, spoken_s
from workers.speech.spans import SAMPLE_RATE_HZ, Span

SPEECH = activity(20, (0, 20, 0.9, -30))
HISS = activity(20, (0, 10, 0.9, -30), (10, 20, 0.2, -50))


def marks(item: Utterance, under: Backing) -> tuple[Mark, ...]:
    return marked([item], {item.speaker: under})[0].marks


@pytest.mark.parametrize(
    "text",
    [
        "Субтитры сделал DimaTorzok",
        "Редактор субтитров А.Семкин Корректор А.Егорова",
        "Редактор субтитров А.Синецкая Корректор А.Егорова",
        "Редактор субтитров О. Голубкина",
        "СПОКОЙНАЯ МУЗЫКА",
        "Продолжение следует...",
        "Спасибо за просмотр!",
        "Thanks for watching!",
        "Subtitles by the Amara.org community",
    ],
)
def test_subtitle_sentences_over_hiss_are_marked_whole(text: str) -> None:
    said = words(text, 12)
    assert marks(utterance("agent", said), backing(HISS)) == (Mark(0, len(said) - 1, "silence_boilerplate"),)


def test_a_subtitle_sentence_glued_to_real_speech_is_marked_alone() -> None:
    said = words("хорошо до пятницы тогда", 8) + words("Продолжение следует...", 12)
    assert marks(utterance("customer", said), backing(HISS)) == (Mark(4, 5, "silence_boilerplate"),)


@pytest.mark.parametrize(
    "text", ["Продолжение следует.", "Спасибо за внимание.", "Спасибо.", "Thank you for watching."]
)
def test_what_was_really_said_stays(text: str) -> None:
    assert marks(utterance("agent", words(text, 3)), backing(SPEECH)) == ()


def test_thanks_over_hiss_is_ordinary_speech() -> None:
    assert marks(utterance("agent", words("Спасибо.", 12)), backing(HISS)) == ()


def test_a_sentence_squeezed_into_an_instant_or_over_silence_was_not_said() -> None:
    squeezed = utterance("agent", words("Продолжение следует...", 3, each_s=0.05))
    assert marks(squeezed, backing(SPEECH))[0].reason == "silence_boilerplate"
    silent = backing(SPEECH, silent=flags(SPEECH, (0, 20)))
    assert marks(utterance("agent", words("Продолжение следует...", 3)), silent)[0].reason == "silence_boilerplate"


def test_words_that_take_no_time_were_not_said() -> None:
    # As Whisper base really does over silence: 1.4 s for the first word, no time for the others.
    made_up = (Word("Редактор", 3.0, 4.4, 0.5), *(Word(text, 4.4, 4.4, 0.9) for text in ("субтитров", "А.Синецкая")))
    assert marks(utterance("agent", made_up), backing(SPEECH)) == (Mark(0, 2, "silence_boilerplate"),)


def test_boilerplates_are_found_across_punctuation() -> None:
    assert boilerplates(words("Ну, спасибо за просмотр. Продолжение следует…")) == ((1, 3), (4, 5))
    assert boilerplates(words("спасибо за просмотренный договор")) == ()


def test_a_loop_is_marked_and_its_first_round_kept() -> None:
    said = words("so bring it in bring it in bring it in bring it in today")
    assert marks(utterance("agent", said), backing(SPEECH)) == (Mark(4, 12, "repetition"),)


def test_words_over_bleed_are_the_other_partys() -> None:
    said = utterance("customer", words("меня зовут ольга", 5))
    assert marks(said, backing(SPEECH, bleed=flags(SPEECH, (4, 8))))[0].reason == "crosstalk"


def test_the_other_partys_very_words_much_quieter_are_crosstalk_whatever_the_levels_said_before() -> None:
    quiet = activity(20, (0, 20, 0.9, -40))
    copy = utterance("customer", words("компания северный путь", 5.1))
    original = utterance("agent", words("компания северный путь", 5))
    found = marked([original, copy], {"agent": backing(SPEECH), "customer": backing(quiet)})
    assert [mark.reason for mark in found[1].marks] == ["crosstalk"]
    assert found[0].marks == ()
    equal = marked([original, copy], {"agent": backing(SPEECH), "customer": backing(SPEECH)})
    assert equal[1].marks == ()


def test_words_that_the_recognizer_doubts_are_marked_and_the_rest_is_not() -> None:
    said = (
        words("we talked about the price", 0)
        + words("a b c d e f g h", 2, probability=0.2)
        + words("on friday then yes", 5.2)
    )
    found = marks(utterance("agent", said), backing(SPEECH))
    assert {mark.reason for mark in found} == {"low_confidence"}
    assert found[0].first >= 3
    assert found[-1].last <= 14


def test_single_doubtful_words_are_left_to_the_rules() -> None:
    said = words("компания", 0) + words("тарный", 0.4, probability=0.2) + words("двор упаковка и короба", 0.8)
    assert marks(utterance("agent", said), backing(SPEECH)) == ()


def test_text_is_never_changed() -> None:
    said = utterance("agent", words("Субтитры сделал DimaTorzok", 12))
    found = marked([said], {"agent": backing(HISS)})[0]
    assert (found.text, found.words) == (said.text, said.words)


def span(start_s: float, end_s: float) -> Span:
    return Span(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))


def test_seconds_of_speech_leave_out_what_others_said() -> None:
    own = utterance("customer", words("да хорошо", 1))
    leaked = marked(
        [utterance("customer", words("меня зовут ольга", 5))],
        {"customer": backing(SPEECH, bleed=flags(SPEECH, (4, 8)))},
    )
    spans = [span(0.9, 2), span(4.9, 6.5), span(9, 9.5)]
    assert spoken_s(spans, [own, *leaked]) == pytest.approx(1.6)
    assert spoken_s(spans, leaked) == 0.0
    assert spoken_s([], []) == 0.0
