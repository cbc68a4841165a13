"""Russian: fillers, negation, question words, numerals."""

from __future__ import annotations

from service.scoring.lexicon_type import Lexicon, words_of

_FILLERS = """
ну|э|ээ|эээ|эм|эмм|мм|ммм|м|хм|гм|кхм|а|вот|короче|значит|типа|блин|слушайте|слушай|понимаете|знаете|знаешь|смотрите|видите
вы знаете|вы понимаете|видите ли|понимаете ли|как бы|это самое|так сказать|скажем так|как сказать|как вам сказать|в общем
в общем то|вообще то|в принципе|честно говоря|честно сказать|если честно|по правде|по правде говоря|собственно
собственно говоря|грубо говоря|откровенно говоря|так скажем|просто|прям|прямо|реально|же|ведь|уж|да и|ну и|то есть
вообще|конечно|наверное|пожалуй|кстати|между прочим|на самом деле|по сути|скорее всего|буквально
"""

_NUMERALS = (
    "ноль нуль:0 два две:2 три:3 четыре:4 пять:5 шесть:6 семь:7 восемь:8 девять:9 десять:10 одиннадцать:11 двенадцать:12 "
    "тринадцать:13 четырнадцать:14 пятнадцать:15 шестнадцать:16 семнадцать:17 восемнадцать:18 девятнадцать:19 двадцать:20 "
    "тридцать:30 сорок:40 пятьдесят:50 шестьдесят:60 семьдесят:70 восемьдесят:80 девяносто:90 сто:100 двести:200 триста:300 "
    "четыреста:400 пятьсот:500 шестьсот:600 семьсот:700 восемьсот:800 девятьсот:900"
)


def _fillers(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(filler.split()) for line in text.split("\n") for filler in line.split("|") if filler)


def _numerals(text: str) -> dict[str, int]:
    values: dict[str, int] = {}
    waiting: list[str] = []
    for part in text.split():
        word, _, value = part.partition(":")
        waiting.append(word)
        if value:
            values.update(dict.fromkeys(waiting, int(value)))
            waiting.clear()
    return values


RUSSIAN = Lexicon(
    language="ru",
    fillers=_fillers(_FILLERS),
    negators=words_of("не ни без нет нету никакой никак отнюдь вряд едва"),
    answers_no=frozenset({"нет", "нету"}),
    transparent=words_of(
        "очень слишком так такой уж особо особенно настолько столь думать считать сказать говорить что это "
        "быть бы то чтобы прямо прям совсем сильно больно ли там они он она оно и"
    ),
    affirming=frozenset({"только", "просто", "иначе"}),
    asking=words_of(
        "кто что какой каков чей сколько когда где куда откуда почему зачем как насколько отчего разве неужели ли"
    ),
    numerals=_numerals(_NUMERALS),
    units={"%": "процент", "₽": "рубль", "$": "доллар", "€": "евро", "руб": "рубль", "руб.": "рубль"}
    | {"тыс": "тысяча", "тыс.": "тысяча", "млн": "миллион", "млн.": "миллион"},
    one="один",
    # The dictionary's corpus prefers the verb "to eat" and hides the verb "to be" below any sensible threshold.
    lemmas={"есть": ("быть", "есть"), "нету": ("нет",), "щас": ("сейчас",), "че": ("что",), "чего": ("что", "чего")},
    abbreviations=words_of("г ул д тыс млн млрд руб коп стр им т"),
    conjunctions=frozenset({"что", "чтобы", "чтоб"}),
    # Whisper base writes 57 of the 98 question marks of ten sample calls: a yes-no question differs by its tune alone.
    question_marks=False,
    base_form_alone=False,
)
