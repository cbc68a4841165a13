"""What is no whole recording is refused, with a sentence that names what was found."""

from __future__ import annotations

import io
import struct

import pytest

from service.audio_header import read_audio_header
from service.scoring.errors import AudioUnreadable
from tests.unit.audio_header import made


def refusal(data: bytes) -> str:
    with pytest.raises(AudioUnreadable) as caught:
        read_audio_header(io.BytesIO(data), len(data))
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty"),
        (b"Hello!\n" * 100, "text file"),
        ("Добрый день, это текст.\n".encode() * 300, "text file"),
        ("Добрый день".encode("cp1251") * 10, "text file"),
        ("Text".encode("utf-16"), "text file"),
        (b'{"audio": 1}', "text file"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\xef\xbb\xbf  <html>", "web page"),
        (b"<svg xmlns='x'/>", "SVG picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG picture"),
        (b"GIF89a" + bytes(100), "GIF picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP picture"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "HEIC"),
        (b"%PDF-1.7\n" + bytes(100), "PDF"),
        (b"PK\x03\x04" + bytes(100), "ZIP"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (b"\x7fELF" + bytes(100), "program"),
        (bytes(1000), "zeros"),
        (bytes(range(256)) * 20, "unknown kind"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(100), "Windows Media"),
        (b".snd" + bytes(100), ".au"),
        (b"caff\0\x01\0\0", "Core Audio"),
        (b"RIFF\x04\0\0\0RMID", "without sound"),
        (b"\x00\x00\x01\xba" + bytes(500), "a video (MPEG)"),
    ],
)
def test_something_else(data: bytes, found: str) -> None:
    message = refusal(data)
    assert found in message
    assert "\x00" not in message
    if data:
        assert "WAV" in message, "it says what to send instead"


@pytest.mark.parametrize(
    ("container", "codec", "sound"),
    [
        ("mp4", "libx264", "aac"),
        ("mov", "mpeg4", None),
        ("webm", "libvpx", "libopus"),
        ("matroska", "mpeg4", None),
        ("avi", "mpeg4", None),
        ("flv", "flv", None),
        ("mpegts", "mpeg4", None),
    ],
)
def test_a_video(container: str, codec: str, sound: str | None) -> None:
    assert "a video" in refusal(made.film(container, codec, sound))


def test_an_ogg_video() -> None:
    theora = b"\x80theora" + bytes(35)
    page = b"OggS\0\x02" + bytes(8) + b"abcd" + bytes(4) + bytes(4) + b"\x01" + bytes([len(theora)]) + theora
    assert "a video (OGG with Theora)" in refusal(page)


@pytest.mark.parametrize("kind", sorted(made.whole()))
@pytest.mark.parametrize("missing", [1, 7, 100, 1000])
def test_a_file_that_lacks_its_end(kind: str, missing: int) -> None:
    whole = made.whole()[kind]
    if kind == "amr" and missing % 32 == 0:
        return
    assert "cut off" in refusal(whole[:-missing])


@pytest.mark.parametrize("kind", sorted(made.whole()))
@pytest.mark.parametrize("share", [0.1, 0.333, 0.5, 0.9])
def test_a_file_of_which_only_a_part_arrived(kind: str, share: float) -> None:
    part = made.whole()[kind][: int(len(made.whole()[kind]) * share) | 1]
    assert "cut off" in refusal(part)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (made.wav(b""), "no sound"),
        (made.wav(b"", promised=0xFFFFFFFF), "no sound"),
        (made.wav(bytes(100), tag=0x1234, bits=0, block=1), "0x1234"),
        (made.wav(bytes(100), bits=12, block=4), "12 bits"),
        (made.wav(bytes(100), channels=0, block=4), "0 channels"),
        (made.wav(bytes(100), rate_hz=0), "0 samples"),
        (made.wav(bytes(100), block=3), "blocks of 3 bytes"),
        (b"RIFF\x04\0\0\0WAVE", "before the sound"),
        (b"RIFF\xff\0\0\0WAVEdata\x04\0\0\0abcd", "description"),
        (b"RIFF\xff\0\0\0WAVEfmt \x04\0\0\0abcd", "incomplete"),
        (b"RIFF\xff\0\0\0WAVE" + b"junk\0\0\0\0" * 2000, "more than 1000"),
        (b"#!AMR\n", "no sound"),
        (b"#!AMR_MC1.0\n" + bytes(10), "several channels"),
        (b"OggS", "cut off"),
        (b"fLaC", "cut off"),
        (b"fLaC\x80\0\0\x22" + bytes(34), "0 samples"),
        (b"fLaC\x80\0\0\x22" + bytes(10) + (16000 << 44).to_bytes(8, "big") + bytes(16), "no sound"),
        (b"\x1a\x45\xdf\xa3\x80", "cut off"),
        (b"\0\0\0\x08ftyp", "index"),
        (struct.pack(">I", 8) + b"moov" + struct.pack(">I", 8) + b"mdat", "no sound track"),
        (struct.pack(">I", 4) + b"ftyp" + bytes(8), "4 bytes"),
        (struct.pack(">I", 16) + b"ftyp" + bytes(8) + (struct.pack(">I", 8) + b"free") * 100_001, "parts"),
        (b"FORM\0\0\0\x04AIFF", "described"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", "cut off"),
    ],
)
def test_a_header_that_cannot_be(data: bytes, says: str) -> None:
    assert says in refusal(data)
