"""English: fillers, negation, question words, numerals, forms that the inflection tables get wrong."""

from __future__ import annotations

from service.scoring.lexicon_type import Lexicon, words_of

_FILLERS = """
uh|uhh|um|umm|er|erm|hm|hmm|mm|mmm|ah|oh|eh|well|basically|honestly|frankly|actually|really|just|simply|literally|obviously
you know|i mean|sort of|kind of|you see|to be honest|to be fair|to be frank|in all honesty|if i 'm honest|if i am honest
at the end of the day|as it were|so to speak|let 's say|look|listen|i guess|i suppose|at the moment|quite frankly|quite honestly
"""

_NUMERALS = "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_BE = ("be",)

ENGLISH = Lexicon(
    language="en",
    fillers=frozenset(tuple(f.split()) for line in _FILLERS.split("\n") for f in line.split("|") if f),
    negators=words_of("not never no without hardly neither nor nothing none"),
    answers_no=frozenset({"no"}),
    transparent=words_of(
        "be so too that very really all quite exactly particularly it this a an the any think say believe "
        "find consider go to as especially overly terribly much necessarily actually feel seem look sound you "
        "they"
    ),
    affirming=frozenset({"only", "just", "merely"}),
    asking=words_of(
        "what which who whom whose when where why how do does did is are can could would will shall should may"
    ),
    numerals={
        **{word: (0 if word == "zero" else value) for value, word in enumerate(_NUMERALS.split(), start=1)},
        **{word: value * 10 for value, word in enumerate(_TENS.split(), start=2)},
        "hundred": 100,
    },
    units={"%": "percent", "$": "dollar", "€": "euro", "£": "pound"},
    one="one",
    lemmas={
        "n't": ("not",),
        "not": ("not",),
        "'s": ("be", "have", "'s"),
        "'m": _BE,
        "'re": _BE,
        "am": _BE,
        "is": _BE,
        "are": _BE,
        "was": _BE,
        "were": _BE,
        "'ve": ("have",),
        "'d": ("would", "have"),
        "'ll": ("will",),
        "would": ("would",),
        "could": ("could",),
        "should": ("should",),
        "might": ("might",),
        "can": ("can",),
        "ca": ("can",),
        "wo": ("will",),
        "does": ("do",),
        "did": ("do",),
        "has": ("have",),
        "us": ("us",),
        "as": ("as",),
        "his": ("his",),
        "this": ("this",),
        "these": ("this",),
        "those": ("that",),
        "an": ("a",),
        "gon": ("go",),
        "na": ("to",),
        "got": ("get", "got"),
        "i": ("i",),
        "emails": ("email",),
    },
    abbreviations=words_of("mr mrs ms dr vs etc approx inc ltd co st"),
    conjunctions=frozenset({"that"}),
    # Whisper base writes 48 of the 51 question marks of six sample calls.
    question_marks=True,
    base_form_alone=True,
)
