"""The recognizer is told what calls read like and which names may be said, in few words."""

from workers.speech.prompts import MOST_NAMES, hotwords, prompt


def test_names_come_first_and_once() -> None:
    assert prompt("en", ["Acme", "Anna  White", "acme"]).startswith("Acme, Anna White. Hi, is now")


def test_without_names_or_manner_there_is_nothing_to_tell() -> None:
    assert prompt("fr") == ""
    assert prompt("", ["Acme"]) == "Acme."


def test_what_is_no_name_is_left_out() -> None:
    assert hotwords(["", "  ", "12345", "x" * 200, "Acme"]) == ("Acme",)
    assert len(hotwords(f"Name {number}" for number in range(100))) == MOST_NAMES
