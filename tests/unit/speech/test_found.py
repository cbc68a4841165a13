"""A refused upload is told what it is, not only that it is no recording."""

import pytest

from workers.speech.found import HEAD_BYTES, describe


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"", "an empty file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "the beginning of a WAV file without readable sound"),
        ("Здравствуйте, это текст".encode(), "text"),
        (b"caller;started_at\n101;2025-11-03", "text"),
        (b"\x00" * 100, "nothing but zero bytes"),
        (b"\x01\x02\x03\xfe", "unknown data"),
    ],
)
def test_what_was_sent_is_named(head: bytes, named: str) -> None:
    assert describe(head) == named


def test_text_cut_in_the_middle_of_a_letter_is_still_text() -> None:
    assert describe(("я" * HEAD_BYTES).encode()[1 : HEAD_BYTES + 1][1:] + b"\xd1") == "text"
