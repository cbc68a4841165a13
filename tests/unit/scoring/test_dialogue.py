"""How a transcript is cut into turns and sentences, with and without punctuation and times."""

from __future__ import annotations

import pytest

from service.scoring.dialogue import LONGEST_SENTENCE, Dialogue
from service.scoring.errors import LanguageUnsupported
from service.scoring.language import pipeline
from service.scoring.pack import Pack
from service.scoring.transcript import Mark, Transcript, Utterance, Word
from tests.unit.scoring.rulefiles import call, hits_in, pack_with


@pytest.fixture(scope="module")
def pack() -> Pack:
    return pack_with("phrases: [не укладываться в бюджет]\nnegation: false")


def sentences(text: str, language: str = "ru") -> list[str]:
    """The words of each sentence, as the engine compares them."""
    cut: list[list[str]] = [[]]
    for word in pipeline(language).words(text):
        cut[-1].append(word.text)
        if word.ends:
            cut.append([])
    return [" ".join(words) for words in cut if words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Дорого. Не надо!", ["дорого", "не надо"]),
        ("Ну... дорого", ["ну дорого"]),
        ("Подумаем… Потом", ["подумаем", "потом"]),
        ("Стоит 10 тыс. рублей в месяц", ["стоит 10 тысяча рублей в месяц"]),
        ("в 10:30, на a@b.ru", ["в 10:30 на a@b.ru"]),
        ("Да? ну ладно", ["да", "ну ладно"]),
        ("сто двадцать пять тысяч", ["125 тысяч"]),
        ("двадцать один", ["21"]),
        ("один раз", ["один раз"]),
        ("двадцать, пять", ["20 5"]),
        ("1 500 рублей", ["1500 рублей"]),
        ("", []),
        ("...", []),
        ("😀 👍🏽", []),
        ("ё", ["е"]),
    ],
)
def test_russian_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Smith can't come. Why?", ["mr. smith can not come", "why"]),
        ("It’s $20, isn’t it?", ["it 's dollar 20 is not it"]),
        ("two hundred and fifty-five", ["200 and 55"]),
        ("twenty-one of one", ["21 of one"]),
    ],
)
def test_english_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text, "en") == expected


def test_turns_join_what_one_speaker_says(pack: Pack) -> None:
    said = (("agent", "Раз."), ("agent", "Два."), ("customer", "Три."), ("agent", "Четыре."))
    dialogue = Dialogue.of(call("ru", *said), pack)
    assert [(t.speaker, t.ordinal, t.first_utterance, t.end_utterance) for t in dialogue.turns] == [
        ("agent", 0, 0, 2),
        ("customer", 0, 2, 3),
        ("agent", 1, 3, 4),
    ]
    assert dialogue.turn_text(dialogue.turns[0]) == "Раз. Два."
    assert [s.text for s in dialogue.sentences_of(dialogue.turns[0])] == ["Раз", "Два"]


def test_a_sentence_goes_on_after_a_short_pause(pack: Pack) -> None:
    """The recognizer cuts speech at pauses; a phrase must not be lost for that."""
    first = Utterance("customer", "Мы не укладываемся", 1.0, 2.0)
    (hit,) = _hits(pack, first, Utterance("customer", "в бюджет никак.", 3.5, 5.0))
    assert (hit.utterance, hit.first_char, hit.last_char) == (0, 3, 18)
    assert hit.evidence.quote == "не укладываемся в бюджет"
    assert (hit.evidence.start_s, hit.evidence.end_s) == (1.0, 5.0)
    assert not _hits(pack, first, Utterance("customer", "в бюджет никак.", 9.0, 10.0))
    ended = Utterance("customer", "Мы не укладываемся.", 1.0, 2.0)
    assert not _hits(pack, ended, Utterance("customer", "в бюджет никак.", 3.5, 5.0))


def _hits(pack: Pack, *utterances: Utterance) -> tuple[object, ...]:
    from service.scoring.matching import find_hits  # noqa: PLC0415

    return find_hits(Dialogue.of(Transcript("ru", utterances), pack), pack).of("signals/probe")


def test_evidence_takes_its_seconds_from_the_words(pack: Pack) -> None:
    words = tuple(
        Word(text, start, start + 0.4, 0.9)
        for text, start in (("Мы", 1.0), (" не", 1.5), (" укладываемся", 2.0), (" в", 2.5), (" бюджет.", 3.0))
    )
    utterance = Utterance("customer", "Мы не укладываемся в бюджет.", 1.0, 3.4, 0.9, words)
    (hit,) = _hits(pack, utterance)
    assert (hit.evidence.start_s, hit.evidence.end_s) == (1.5, 3.4)


@pytest.mark.parametrize(
    "marks", [(Mark(0, 4, "crosstalk"),), (Mark(2, 2, "low_confidence"),), (Mark(3, 9, "repetition"),)]
)
def test_marked_words_fire_nothing(pack: Pack, marks: tuple[Mark, ...]) -> None:
    """What the recognizer made up, or heard from the other side, never scores."""
    assert not _hits(pack, Utterance("customer", "Мы не укладываемся в бюджет.", marks=marks))


def test_words_around_a_mark_still_fire(pack: Pack) -> None:
    text = "Продолжение следует. Мы не укладываемся в бюджет."
    assert _hits(pack, Utterance("customer", text, marks=(Mark(0, 1, "silence_boilerplate"),)))


def test_an_unknown_speaker_fires_nothing() -> None:
    """With both voices on one channel nobody knows who said it."""
    pack = pack_with("phrases: [дорого]")
    assert hits_in(pack, ("customer", "Дорого.")).of("signals/probe")
    assert not list(hits_in(pack, ("unknown", "Дорого. Добрый день.")))


def test_endless_speech_without_punctuation_is_cut(pack: Pack) -> None:
    dialogue = Dialogue.of(call("ru", ("customer", "слово " * 500)), pack)
    assert all(len(sentence.words) <= LONGEST_SENTENCE for sentence in dialogue.sentences)
    assert sum(len(sentence.words) for sentence in dialogue.sentences) == 500


def test_another_language_is_refused_with_a_reason(pack: Pack) -> None:
    with pytest.raises(LanguageUnsupported, match="the call is in 'en'"):
        Dialogue.of(call("en", ("agent", "Hello.")), pack)
    with pytest.raises(LanguageUnsupported, match="callscore knows ru, en"):
        pipeline("tlh")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Удобно говорить?", True),
        ("Удобно говорить.", False),
        ("как вы сейчас возите", True),
        ("ну а сколько у вас машин", True),
        ("мы возим сами", False),
    ],
)
def test_a_question_is_known_by_its_mark_or_its_first_word(pack: Pack, text: str, asks: bool) -> None:
    assert Dialogue.of(call("ru", ("agent", text)), pack).sentences[0].question is asks
