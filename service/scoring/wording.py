"""The sentences of a scorecard, in Russian and English: what a rep and a QA lead read beside every point.

Russian sentences avoid the rep's gender: the scorecard does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.scoring.results import Outcome, Step, Text

#: Longest quote inside a sentence, in characters; the evidence holds the whole of it.
QUOTE_CHARS = 90

STEP_DONE: dict[Step, Text] = {
    "acknowledge": {"ru": "отклик на слова клиента", "en": "acknowledged the concern"},
    "clarify": {"ru": "уточняющий вопрос", "en": "asked what is behind it"},
    "argument": {"ru": "довод по существу", "en": "gave an argument that speaks to it"},
    "evidence": {"ru": "подтверждение довода", "en": "backed it with evidence"},
    "confirm": {"ru": "проверка, снят ли вопрос", "en": "checked whether it is settled"},
}
STEP_MISSING: dict[Step, Text] = {
    "acknowledge": {"ru": "отклика на слова клиента", "en": "an acknowledgement"},
    "clarify": {"ru": "уточняющего вопроса", "en": "a clarifying question"},
    "argument": {"ru": "довода по существу", "en": "an argument"},
    "evidence": {"ru": "подтверждения довода", "en": "evidence"},
    "confirm": {"ru": "проверки, снят ли вопрос", "en": "a check"},
}
OUTCOME: dict[Outcome, Text] = {
    "accepted": {"ru": "клиент согласился", "en": "the customer agreed"},
    "neutral": {"ru": "клиент не согласился и не отказал", "en": "the customer neither agreed nor refused"},
    "rejected": {"ru": "клиент отказал", "en": "the customer refused"},
}
MONO_NOTE: Text = {
    "ru": "Голоса не разделены (моно): неизвестно, кто говорит, поэтому пункты менеджера не оцениваются.",
    "en": "Speakers unknown (mono): who says what cannot be told, so the rep's items are not assessed.",
}
ESTIMATED_NOTE: Text = {
    "ru": "Голоса разделены приблизительно: кто говорит, определено по звуку.",
    "en": "Speakers estimated: who says what was told apart by voice.",
}
ESTIMATED_SHARE_NOTE: Text = {
    "ru": "Голоса разделены приблизительно: кто говорит, определено по звуку и словам; верно примерно {share} % слов.",
    "en": "Speakers estimated: who says what was told apart by voice and words; about {share} % of the words are right.",
}
NO_SPEECH: Text = {
    "ru": "В записи не слышно речи: оценивать нечего.",
    "en": "No speech was heard: there is nothing to score.",
}
AGENT_SILENT: Text = {
    "ru": "Менеджера не слышно: его пункты и ответы на возражения не оцениваются.",
    "en": "The rep was not heard: items and answers to objections are not assessed.",
}
CUSTOMER_SILENT: Text = {
    "ru": "Клиента не слышно: возражения, если они были, в оценку не вошли.",
    "en": "The customer was not heard: objections, if there were any, are not in the score.",
}


def quoted(quote: str, language: str) -> str:
    """A quote as a sentence may carry it, cut at a word."""
    text = " ".join(quote.split()).rstrip(" .,;:")
    if len(text) > QUOTE_CHARS:
        text = text[:QUOTE_CHARS].rsplit(" ", 1)[0].rstrip(" ,.;:-–—") + "…"
    return f"«{text}»" if language == "ru" else f"“{text}”"


def both(ru: str, en: str) -> Text:
    return {"ru": ru, "en": en}


def listed(texts: Iterable[Text]) -> Text:
    """Texts as one enumeration per language."""
    texts = list(texts)
    return {language: ", ".join(text[language] for text in texts) for language in ("ru", "en")}


def number(value: float, language: str) -> str:
    """A score as people write it: 4, 3.5; a comma in Russian."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "ru" else text


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def looked_for(examples: Sequence[str]) -> Text:
    """What a missed rule listens for, in a few of its own examples; empty without any."""
    if not examples:
        return both("", "")
    return both(
        " Искали, например: " + ", ".join(quoted(example, "ru") for example in examples) + ".",
        " Looked for things like " + ", ".join(quoted(example, "en") for example in examples) + ".",
    )
