"""An interrupted upload goes on where it stopped."""

from pathlib import Path

from service.cli.journal import Journal


def test_a_sent_file_is_remembered_by_the_next_run(tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"one")
    Journal("http://a", tmp_path / "state").add(file, "id-1")
    assert Journal("http://a", tmp_path / "state").call_id(file) == "id-1"
    assert Journal("http://b", tmp_path / "state").call_id(file) is None, "another service has not got it"


def test_a_changed_file_is_another_recording(tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"one")
    journal = Journal("http://a", tmp_path)
    journal.add(file, "id-1")
    file.write_bytes(b"longer now")
    assert journal.call_id(file) is None


def test_a_line_torn_by_a_power_cut_loses_only_itself(tmp_path: Path) -> None:
    files = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for file in files:
        file.write_bytes(b"x")
    journal = Journal("http://a", tmp_path)
    for number, file in enumerate(files):
        journal.add(file, f"id-{number}")
    path = next(tmp_path.glob("uploads-*.jsonl"))
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    again = Journal("http://a", tmp_path)
    assert again.call_id(files[0]) == "id-0"
    assert again.call_id(files[1]) is None
