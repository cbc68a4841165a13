"""Who called, when and for whom: found in sidecars, CSVs, file names and options, in that order."""

import json
from pathlib import Path

import pytest

from service.cli.metadata import MetadataSource, MetadataUnusable


def recording(folder: Path, name: str = "call.wav") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"RIFF")
    return file


def test_options_alone_are_enough(tmp_path: Path) -> None:
    source = MetadataSource(tmp_path, pattern=None, options={"rep": "101", "language": None})
    assert source.fields(recording(tmp_path)) == {"rep": "101", "external_id": "call.wav", "source": "upload"}


def test_files_of_the_same_name_in_two_folders_are_two_calls(tmp_path: Path) -> None:
    source = MetadataSource(tmp_path, pattern=None, options={"rep": "101"})
    first, second = recording(tmp_path, "mon/1.wav"), recording(tmp_path, "tue/1.wav")
    assert source.fields(first)["external_id"] == "mon/1.wav"
    assert source.fields(second)["external_id"] == "tue/1.wav"


@pytest.mark.parametrize("sidecar", ["call.wav.json", "call.json"])
def test_a_sidecar_wins_over_csv_and_options(tmp_path: Path, sidecar: str) -> None:
    file = recording(tmp_path)
    (tmp_path / sidecar).write_text(json.dumps({"rep": "7", "metadata": {"crm": 5}}), encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("file,rep,language\ncall.wav,8,ru\n", encoding="utf-8")
    fields = MetadataSource(tmp_path, pattern=None, options={"rep": "9"}).fields(file)
    assert fields["rep"] == "7"
    assert fields["language"] == "ru"
    assert json.loads(fields["metadata"]) == {"crm": 5}


def test_a_csv_saved_by_a_russian_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("﻿file;rep;customer_ref\ncall.wav;Иванов;ООО Ромашка\n", encoding="utf-8")
    fields = MetadataSource(tmp_path, pattern=None, options={}).fields(recording(tmp_path))
    assert fields["rep"] == "Иванов"
    assert fields["customer_ref"] == "ООО Ромашка"


def test_a_file_name_pattern_fills_fields(tmp_path: Path) -> None:
    file = recording(tmp_path, "101_20261123-101500_a-77.wav")
    fields = MetadataSource(tmp_path, pattern="{rep}_{started_at}_{external_id}", options={}).fields(file)
    assert fields["rep"] == "101"
    assert fields["external_id"] == "a-77"
    assert fields["started_at"].startswith("2026-11-23T10:15:00")
    assert fields["started_at"][-6] in "+-", "times are sent with an offset"


@pytest.mark.parametrize(
    ("files", "pattern", "expected"),
    [
        ({}, None, "nothing says who the rep is"),
        ({"call.json": "{"}, None, "call.json: not readable as JSON"),
        ({"call.json": "[1]"}, None, "expected an object"),
        ({"call.json": '{"reps": "1"}'}, None, "unknown field 'reps'"),
        ({"call.json": '{"rep": ["1"]}'}, None, "rep must be a text"),
        ({"call.json": '{"rep": "1", "started_at": "yesterday"}'}, None, "started_at 'yesterday' is no time"),
        ({}, "{rep}-{started_at}", "does not fit --pattern"),
        ({}, "{representative}", "unknown field {representative}"),
        ({}, "calls", "needs fields in braces"),
        ({"metadata.csv": "rep\n5\n"}, None, "needs a header with a 'file' column"),
        ({"metadata.csv": "file,who\ncall.wav,5\n"}, None, "metadata.csv line 2: unknown field 'who'"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, files: dict[str, str], pattern: str | None, expected: str
) -> None:
    file = recording(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(MetadataUnusable, match=expected.replace("{", r"\{").replace("}", r"\}")):
        MetadataSource(tmp_path, pattern=pattern, options={}).fields(file)
