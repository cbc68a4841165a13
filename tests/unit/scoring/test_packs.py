"""The pack library: what is on disk is used, unless it is broken; then the last good version is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from service.model_cache import ModelCache
from service.packs import PackLibrary
from service.rule_files import LARGEST_FILE_BYTES, read_rule_file
from service.scoring.errors import LanguageUnsupported, PackError
from tests.unit.scoring.rulefiles import hits_in, rule_yaml, trial_files
from tests.unit.scoring.test_examples import PRICE, example_files

KPIS = """\
kpis:
  - {id: argumentation, title: {ru: Аргументация, en: Argumentation}, unit: points, target: 4.0, direction: up, minimum_n: 20}
  - {id: coverage, title: {ru: Охват, en: Coverage}, unit: share, direction: up}
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    write(tmp_path / "rules", trial_files() | trial_files("en"))
    return tmp_path / "rules"


@pytest.fixture
def library(rules: Path, tmp_path: Path) -> PackLibrary:
    return PackLibrary(rules, cache_dir=tmp_path / "cache")


def test_packs_and_languages_are_what_the_folders_hold(library: PackLibrary, rules: Path) -> None:
    write(rules, {"en/other/pack.yaml": "id: other", "en/notes/readme.txt": "no pack"})
    assert library.ids() == ("other", "trial")
    assert library.languages("trial") == ("ru", "en")
    assert library.languages("other") == ("en",)
    assert library.languages("nothing") == ()


def test_an_unchanged_pack_is_the_same_object(library: PackLibrary) -> None:
    assert library.load("trial", "ru") is library.load("trial", "ru")
    assert library.load("trial", "ru") is not library.load("trial", "en")


def test_a_missing_pack_or_language_is_a_sentence(library: PackLibrary) -> None:
    with pytest.raises(LanguageUnsupported, match="no pack 'none'"):
        library.load("none", "ru")
    with pytest.raises(LanguageUnsupported, match="for language 'de'; it exists in ru, en"):
        library.load("trial", "de")


def test_a_changed_pack_is_taken_up(library: PackLibrary, rules: Path) -> None:
    before = library.load("trial", "ru")
    write(rules, {"ru/trial/objections/price.yaml": rule_yaml("price", "phrases: [накладно]")})
    after = library.load("trial", "ru")
    assert before.sha256 != after.sha256
    assert hits_in(after, ("customer", "Накладно.")).of("objections/price")


def test_a_changed_test_changes_no_score_and_no_hash(library: PackLibrary, rules: Path) -> None:
    before = library.load("trial", "ru")
    test = rules / "ru/trial/objections/price.test.yaml"
    test.write_text(test.read_text(encoding="utf-8") + "known_miss: [кусается]\n", encoding="utf-8")
    assert library.load("trial", "ru") is before


def test_a_broken_pack_never_replaces_a_good_one(library: PackLibrary, rules: Path) -> None:
    good = library.load("trial", "ru")
    write(rules, {"ru/trial/objections/price.yaml": rule_yaml("price", "phrases: ['(дорого']")})
    assert library.load("trial", "ru") is good
    (problem,) = library.problems("trial", "ru")
    assert str(problem) == "ru/trial/objections/price.yaml:3: column 1: ( is never closed; expected ) (in '(дорого')"
    write(rules, trial_files())
    assert library.load("trial", "ru").sha256 == good.sha256
    assert library.problems("trial", "ru") == ()


def test_loading_again_reads_no_file_again(library: PackLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker asks for the pack at every call, also while a broken version lies on the disk."""
    pack = library.load("trial", "ru")
    monkeypatch.setattr("service.rule_files.read_rule_file", lambda *_: pytest.fail("a file was read again"))
    assert library.load("trial", "ru") is pack


def test_only_changed_files_are_read_again(library: PackLibrary, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.load("trial", "ru")
    read: list[str] = []
    monkeypatch.setattr(
        "service.rule_files.read_rule_file", lambda path, root: read.append(path.name) or read_rule_file(path, root)
    )  # type: ignore[func-returns-value]
    write(rules, {"ru/trial/objections/price.yaml": rule_yaml("price", "phrases: [весьма накладно]")})
    (rules / "ru/trial/steps/acknowledge.test.yaml").unlink()
    library.load("trial", "ru")
    assert read == ["price.yaml"]
    assert "acknowledge.test.yaml beside it is missing" in library.problems("trial", "ru")[0].message


def test_a_pack_that_was_never_good_raises_all_its_problems(library: PackLibrary, rules: Path) -> None:
    write(rules, {"ru/trial/objections/price.yaml": "id: price\nphrases: дорого\n"})
    with pytest.raises(PackError) as caught:
        library.load("trial", "ru")
    assert len(caught.value.problems) >= 2
    assert library.load("trial", "en").id == "trial", "another language is not held up"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"id: price\ntitle: \xd0\n", "not UTF-8"),
        (b"a: [1", "not YAML"),
        (b"a: !!python/object:os.system {}", None),
        (b"? [a]\n: b", "a key must be a word"),
        (b"- " * 3000, "nested deeper"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "at most"),
        (b"", "empty"),
    ],
)
def test_hostile_files_are_problems_never_crashes(tmp_path: Path, data: bytes, words: str | None) -> None:
    path = tmp_path / "rule.yaml"
    path.write_bytes(data)
    file = read_rule_file(path, tmp_path)
    if words is not None:
        assert any(words in problem.message for problem in file.problems), file.problems


def test_a_bom_and_dates_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_bytes("\ufeffversion: 2024-01-01\nanswer: yes\n".encode())
    file = read_rule_file(path, tmp_path)
    assert file.root is not None
    assert file.root.plain() == {"version": "2024-01-01", "answer": True}


def test_kpis_come_from_their_file(library: PackLibrary, rules: Path) -> None:
    write(rules, {"kpi.yaml": KPIS})
    first, second = library.kpis()
    assert (first.id, first.target, first.unit, first.minimum_n) == ("argumentation", 4.0, "points", 20)
    assert (second.id, second.target, second.minimum_n) == ("coverage", None, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kpis: []\nother: 1", "unknown key 'other'"),
        (KPIS.replace("points,", "pints,"), "expected one of points, share, count"),
        (KPIS.replace("target: 4.0", "target: 7"), "from 0 to 5"),
        (KPIS.replace("id: coverage", "id: argumentation"), "twice"),
        (KPIS.replace("id: coverage", "id: mood"), "expected one of argumentation"),
        ("", "empty"),
    ],
)
def test_a_broken_kpi_file_says_what_is_wrong(library: PackLibrary, rules: Path, text: str, words: str) -> None:
    write(rules, {"kpi.yaml": text})
    with pytest.raises(PackError, match=words):
        library.kpis()


def test_a_missing_kpi_file_says_so(library: PackLibrary) -> None:
    with pytest.raises(PackError, match=r"kpi\.yaml:1: the file cannot be read"):
        library.kpis()


def test_a_trained_model_is_kept_and_used_again(rules: Path, tmp_path: Path) -> None:
    write(rules, example_files())
    first = PackLibrary(rules, cache_dir=tmp_path / "cache").load("trial", "ru")
    (kept,) = (tmp_path / "cache").iterdir()
    second = PackLibrary(rules, cache_dir=tmp_path / "cache").load("trial", "ru")
    assert kept.name.startswith(first.sha256[:32])
    for text in PRICE:
        evidence = [[hit.evidence for hit in hits_in(pack, ("customer", text))] for pack in (first, second)]
        assert evidence[0] == evidence[1]


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_kept_model_is_trained_again(rules: Path, tmp_path: Path, damage: bytes | None) -> None:
    write(rules, example_files())
    pack = PackLibrary(rules, cache_dir=tmp_path / "cache").load("trial", "ru")
    (kept,) = (tmp_path / "cache").iterdir()
    if damage is None:
        np.savez(kept, allow_pickle=True, outline=np.array([{"customer": 1}], dtype=object))
    else:
        kept.write_bytes(damage)
    assert ModelCache(tmp_path / "cache").load(pack.sha256) is None
    again = PackLibrary(rules, cache_dir=tmp_path / "cache").load("trial", "ru")
    assert hits_in(again, ("customer", "Нам такое не по карману.")).of("objections/price")


def test_a_folder_that_cannot_be_written_costs_only_time(rules: Path, tmp_path: Path) -> None:
    write(rules, example_files())
    blocked = tmp_path / "file"
    blocked.write_text("no folder", encoding="utf-8")
    assert PackLibrary(rules, cache_dir=blocked / "cache").load("trial", "ru").id == "trial"
