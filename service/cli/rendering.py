"""A scored call as text for the terminal, in Russian or English."""

from __future__ import annotations

import os
from enum import StrEnum

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from service.scoring.results import STEPS, Evidence, Scorecard, Text
from service.scoring.transcript import Transcript

STATUS_STYLE = {
    "met": "green",
    "partial": "yellow",
    "missed": "red",
    "not_applicable": "dim",
    "not_assessable": "dim",
    "not_counted": "dim",
}
STATUS_SIGN = {
    "met": "✓",
    "partial": "◐",
    "missed": "✗",
    "not_applicable": "–",
    "not_assessable": "?",
    "not_counted": "∅",
}
SPEAKER_STYLE = {"agent": "cyan", "customer": "magenta", "unknown": "white"}

WORDS: dict[str, Text] = {
    "agent": {"ru": "менеджер", "en": "rep"},
    "customer": {"ru": "клиент", "en": "customer"},
    "unknown": {"ru": "?", "en": "?"},
    "conversation": {"ru": "Разговор", "en": "Conversation"},
    "script": {"ru": "Скрипт", "en": "Script"},
    "objections": {"ru": "Возражения", "en": "Objections"},
    "violations": {"ru": "Нарушения", "en": "Violations"},
    "flags": {"ru": "Обратить внимание", "en": "Worth a look"},
    "scores": {"ru": "Оценки", "en": "Scores"},
    "adherence": {"ru": "Следование скрипту", "en": "Script adherence"},
    "argumentation": {"ru": "Аргументация", "en": "Argumentation"},
    "handled": {"ru": "Возражения отработаны", "en": "Objections handled"},
    "of": {"ru": "из", "en": "of"},
    "none": {"ru": "возражений не было", "en": "no objections were voiced"},
    "unassessable": {"ru": "нельзя оценить", "en": "cannot be assessed"},
    "yes": {"ru": "отработано", "en": "handled"},
    "no": {"ru": "не отработано", "en": "not handled"},
    "accepted": {"ru": "принято", "en": "accepted"},
    "neutral": {"ru": "без ответа", "en": "neutral"},
    "rejected": {"ru": "отвергнуто", "en": "rejected"},
    "met": {"ru": "есть", "en": "met"},
    "partial": {"ru": "частично", "en": "partly"},
    "missed": {"ru": "нет", "en": "missed"},
    "not_applicable": {"ru": "не требуется", "en": "not applicable"},
    "not_assessable": {"ru": "нельзя оценить", "en": "not assessable"},
    "not_counted": {"ru": "не учитывается", "en": "not counted"},
    "acknowledge": {"ru": "услышал", "en": "acknowledge"},
    "clarify": {"ru": "уточнил", "en": "clarify"},
    "argument": {"ru": "аргумент", "en": "argument"},
    "evidence": {"ru": "доказал", "en": "evidence"},
    "confirm": {"ru": "проверил", "en": "confirm"},
    "pack": {"ru": "правила", "en": "rules"},
    "doubtful": {"ru": "сомнительно", "en": "doubtful"},
    "nearest": {"ru": "ближе всего", "en": "nearest"},
    "matched": {"ru": "сказано", "en": "said"},
    "missing": {"ru": "не хватило:", "en": "missing:"},
}


class Language(StrEnum):
    ru = "ru"
    en = "en"


def terminal_language() -> Language:
    """Russian if the terminal's locale says so, English otherwise."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Language.ru if locale.lower().startswith("ru") else Language.en


def clock(seconds: float | None) -> str:
    """`m:ss`, `h:mm:ss` from an hour on, empty for text without times."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def print_report(console: Console, transcript: Transcript, scorecard: Scorecard, language: Language | None) -> None:
    """Print the conversation, the script items, the objection ledger, violations, scores and flags."""
    ui = (language or terminal_language()).value
    _conversation(console, transcript, ui)
    _items(console, scorecard, ui)
    _objections(console, scorecard, ui)
    if scorecard.violations:
        _heading(console, "violations", ui)
        for violation in scorecard.violations:
            console.print(Line(f"  ! {violation.title[ui]}: {violation.reason[ui]}", style="red"))
            _quotes(console, violation.evidence)
    _scores(console, scorecard, ui)


def _heading(console: Console, word: str, ui: str) -> None:
    console.print()
    console.print(Line(WORDS[word][ui], style="bold underline"))


def _conversation(console: Console, transcript: Transcript, ui: str) -> None:
    _heading(console, "conversation", ui)
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for utterance in transcript.utterances:
        text = Line(utterance.text)
        if utterance.marks:
            reasons = ", ".join(sorted({mark.reason for mark in utterance.marks}))
            text.append(f"  [{WORDS['doubtful'][ui]}: {reasons}]", style="dim yellow")
        speaker = Line(WORDS[utterance.speaker][ui], style=SPEAKER_STYLE[utterance.speaker])
        table.add_row(clock(utterance.start_s), speaker, text)
    console.print(Padding(table, (0, 0, 0, 2)))
    for warning in transcript.warnings:
        console.print(Line(f"  ! {warning}", style="yellow"))


def _quotes(console: Console, evidence: tuple[Evidence, ...]) -> None:
    for piece in evidence:
        when = clock(piece.start_s)
        console.print(Padding(Line(f"{when} «{piece.quote}»".strip(), style="dim"), (0, 0, 0, 8)))


def _items(console: Console, scorecard: Scorecard, ui: str) -> None:
    _heading(console, "script", ui)
    for item in scorecard.items:
        line = Line(f"  {STATUS_SIGN[item.status]} ", style=STATUS_STYLE[item.status])
        line.append(item.title[ui], style="default")
        line.append(f"  {WORDS[item.status][ui]}", style=STATUS_STYLE[item.status])
        if item.status not in ("met",):
            line.append(f"  {item.reason[ui]}", style="dim")
        console.print(line)
        _quotes(console, item.evidence[:2])
        for miss in item.near_misses:
            said = f"{WORDS['nearest'][ui]}: «{miss.quote}»"
            why = f"{miss.template}: {WORDS['matched'][ui]} «{miss.matched}», {WORDS['missing'][ui]} {miss.missing}"
            console.print(Padding(Line(said, style="dim"), (0, 0, 0, 8)))
            console.print(Padding(Line(why, style="dim"), (0, 0, 0, 10)))


def _objections(console: Console, scorecard: Scorecard, ui: str) -> None:
    _heading(console, "objections", ui)
    if not scorecard.objections:
        console.print(Line(f"  {WORDS['none'][ui]}", style="dim"))
    for objection in scorecard.objections:
        verdict = WORDS["yes" if objection.handled else "no"][ui]
        style = "green" if objection.handled else "red"
        line = Line(f"  {objection.title[ui]}", style="bold")
        line.append(f"  {verdict}, {WORDS[objection.outcome][ui]}, {objection.points:g}/5", style=style)
        console.print(line)
        console.print(Padding(Line(objection.reason[ui], style="dim"), (0, 0, 0, 4)))
        _quotes(console, objection.evidence[:1])
        taken = {step.step: step.evidence for step in objection.steps}
        for step in STEPS:
            sign, shade = ("●", "green") if step in taken else ("○", "dim")
            quote = f"  «{taken[step][0].quote}»" if taken.get(step) else ""
            console.print(Padding(Line(f"{sign} {WORDS[step][ui]}{quote}", style=shade), (0, 0, 0, 6)))


def _scores(console: Console, scorecard: Scorecard, ui: str) -> None:
    _heading(console, "scores", ui)
    adherence = WORDS["unassessable"][ui] if scorecard.adherence is None else f"{scorecard.adherence:.0%}"
    console.print(f"  {WORDS['adherence'][ui]}: {adherence}")
    if scorecard.argumentation is None:
        console.print(f"  {WORDS['argumentation'][ui]}: {WORDS['none'][ui]}")
    else:
        console.print(f"  {WORDS['argumentation'][ui]}: {scorecard.argumentation:.2f} / 5")
        handled = f"{scorecard.objections_handled} {WORDS['of'][ui]} {scorecard.objections_total}"
        console.print(f"  {WORDS['handled'][ui]}: {handled}")
    if scorecard.flags:
        _heading(console, "flags", ui)
        for flag in scorecard.flags:
            console.print(Line(f"  • {flag.reason[ui]}", style="yellow"))
    for note in scorecard.notes:
        console.print(Line(f"  {note[ui]}", style="dim"))
    console.print(
        Line(
            f"\n  {WORDS['pack'][ui]}: {scorecard.pack_id} {scorecard.pack_version} ({scorecard.language})", style="dim"
        )
    )
