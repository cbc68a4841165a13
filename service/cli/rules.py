"""`callscore rules`: check, test and explain rule packs, and try changed ones on stored calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.cli import backtest
from service.cli.installation import read_settings
from service.packs import PackLibrary
from service.scoring.dialogue import Dialogue
from service.scoring.hits import Hit
from service.scoring.lexicon import LANGUAGES
from service.scoring.matching import find_hits, near_misses
from service.scoring.pack import Pack
from service.scoring.parsing import Parsed
from service.scoring.transcript import Transcript, Utterance
from service.scoring.trials import Failure, try_pack
from service.scoring.unseen import UnseenScore, unseen_scores

app = typer.Typer(
    no_args_is_help=True,
    help="Check, test and explain rule packs, and try changed ones on stored calls.",
    add_completion=False,
)
app.command(name="backtest")(backtest.run)
_RULES_OPTION = typer.Option(None, "--rules", help="Folder of the rule packs; the installation's by default.")
_LANGUAGE_OPTION = typer.Option(None, "--language", "-l", help="Only this language.")
#: Near misses that `explain` shows.
MOST_NEAR_MISSES = 8
_KINDS = {
    "miss": "should match",
    "false_hit": "should not match",
    "mended": "known miss matches now: move it to 'match'",
    "baseline": "ordinary talk",
}


def _library(rules: Path | None) -> PackLibrary:
    return PackLibrary(rules or read_settings().effective_rules_dir)


def _packs(library: PackLibrary, pack: str | None, language: str | None) -> Iterator[tuple[str, str]]:
    """(pack, language) to work on, or an exit with a sentence if there are none."""
    ids = [pack] if pack else list(library.ids())
    found = [(name, spoken) for name in ids for spoken in library.languages(name) if language in {None, spoken}]
    if not found:
        asked = f"pack {pack!r}" if pack else "any pack"
        typer.echo(
            f"There is no {asked}{f' for language {language!r}' if language else ''} in the rules folder.", err=True
        )
        raise typer.Exit(2)
    yield from found


@app.command()
def check(
    pack: str | None = typer.Argument(None, help="Pack to check; all packs by default."),
    language: str | None = _LANGUAGE_OPTION,
    rules: Path | None = _RULES_OPTION,
) -> None:
    """Every error in every file at once, with file:line and what was expected."""
    library = _library(rules)
    problems = sorted(
        {
            problem
            for name, spoken in _packs(library, pack, language)
            for problem in library.inspect(name, spoken).problems
        }
    )
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)} problems" if problems else "no problems", err=True)
    if problems:
        raise typer.Exit(1)


@app.command(name="test")
def try_packs(
    pack: str | None = typer.Argument(None, help="Pack to test; all packs by default."),
    language: str | None = _LANGUAGE_OPTION,
    rule: str | None = typer.Option(None, "--rule", "-r", help="Only this rule (full id such as objections/price)."),
    quick: bool = typer.Option(False, "--quick", help="Leave out the scores of held-out examples."),
    rules: Path | None = _RULES_OPTION,
) -> None:
    """Run the test files and the baselines; prints misses by rule, and what the examples would score unseen."""
    library = _library(rules)
    failed = False
    for name, spoken in _packs(library, pack, language):
        parsed = library.inspect(name, spoken)
        failed |= _test_one(parsed, name, spoken, rule)
        if parsed.pack is not None and not quick:
            _print_unseen(unseen_scores(parsed.pack, parsed.baseline), rule)
    if failed:
        raise typer.Exit(1)


def _test_one(parsed: Parsed, name: str, language: str, rule: str | None) -> bool:
    """Print one pack's results; True if anything is wrong."""
    for problem in parsed.problems:
        typer.echo(str(problem))
    if parsed.pack is None:
        typer.echo(f"{name} ({language}): not tested, the problems above leave no pack")
        return True
    tests = [part for part in parsed.tests if rule in {None, part.rule}]
    trial = try_pack(parsed.pack, tests, parsed.baseline)
    failures = [failure for failure in trial.failures if rule in {None, failure.rule}]
    by_rule: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        by_rule[failure.rule].append(failure)
    for rule_id in sorted(by_rule):
        typer.echo(f"{rule_id}: {len(by_rule[rule_id])} failures")
        for failure in by_rule[rule_id]:
            fired = f"   <- {failure.template}" if failure.template else ""
            typer.echo(f"  {failure.file}:{failure.line}: {_KINDS[failure.kind]}: {failure.text}{fired}")
    typer.echo(
        f"{name} ({language}): {trial.sentences} sentences, {len(failures)} failures, {trial.known_misses} known misses, "
        f"{len(parsed.problems)} problems"
    )
    return bool(failures or parsed.problems)


def _print_unseen(scores: Sequence[UnseenScore], rule: str | None) -> None:
    """What phrases, examples and both find of the examples, when the model has not seen them."""
    shown = [score for score in scores if rule in {None, score.rule}]
    if not shown:
        return
    table = Table(
        "rule", "examples", "phrases", "unseen", "either", "precision", "F1", title="Examples held out by folds"
    )
    for score in shown:
        shares = (score.by_phrases, score.by_examples, score.by_either, score.precision)
        table.add_row(score.rule, str(score.examples), *(f"{share:.0%}" for share in shares), f"{score.f1:.2f}")
    for group in dict.fromkeys(score.rule.split("/")[0] for score in shown):
        members = [score for score in shown if score.rule.startswith(f"{group}/")]
        if len(members) > 1:
            mean = sum(score.f1 for score in members) / len(members)
            table.add_row(f"[bold]{group}: mean[/bold]", "", "", "", "", "", f"[bold]{mean:.2f}[/bold]")
    Console(soft_wrap=True).print(table)


@app.command()
def explain(
    text: str = typer.Argument(..., help="What was said."),
    speaker: Literal["agent", "customer"] = typer.Option(..., help="Who said it."),
    pack: str = typer.Option("b2b_sales", help="Pack to look in."),
    language: str = typer.Option("ru", help=f"Language: {', '.join(LANGUAGES)}."),
    rule: str | None = typer.Option(None, "--rule", "-r", help="Only this rule (full id such as objections/price)."),
    rules: Path | None = _RULES_OPTION,
) -> None:
    """What fires on a sentence and why, and what came close."""
    library = _library(rules)
    ((name, spoken),) = _packs(library, pack, language)
    parsed = library.inspect(name, spoken)
    if parsed.pack is None:
        for problem in parsed.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1)
    transcript = Transcript(language, (Utterance(speaker, text),))
    _explain(Console(soft_wrap=True), parsed.pack, Dialogue.of(transcript, parsed.pack), speaker, rule)


def _explain(console: Console, pack: Pack, dialogue: Dialogue, speaker: str, rule: str | None) -> None:
    hits = find_hits(dialogue, pack)
    fired = [hit for hit in hits if rule in {None, hit.rule}]
    for hit in fired:
        console.print(_shown(hit), highlight=False)
    if not fired:
        console.print("nothing fires", highlight=False)
    wanted = [name for name in pack.rules if rule in {None, name} and pack.rules[name].speaker in {"any", speaker}]
    misses = near_misses(dialogue, pack, *(name for name in wanted if not hits.of(name)), limit=MOST_NEAR_MISSES)
    if misses:
        console.print("\nnear misses:", highlight=False)
    for miss in misses:
        console.print(
            f"  {escape(miss.rule)}  {escape(miss.template)}\n    matched: {escape(miss.matched)}; missing: {escape(miss.missing)}",
            highlight=False,
        )


def _shown(hit: Hit) -> str:
    evidence = hit.evidence
    by = f"like {evidence.template!r} ({hit.similarity})" if hit.similarity is not None else evidence.template
    return f"[bold]{escape(hit.rule)}[/bold]  “{escape(evidence.quote)}”  by {escape(by)}"


if __name__ == "__main__":
    app()
