"""Every kind of recording that telephony systems write is recognized, with its length and channels."""

from __future__ import annotations

import io
import struct

import pytest

from service.audio_header import AudioHeader, read_audio_header
from tests.unit.audio_header import made


def header(data: bytes) -> AudioHeader:
    return read_audio_header(io.BytesIO(data), len(data))


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
@pytest.mark.parametrize(
    ("codec", "name", "tolerance_s"),
    [
        ("pcm_u8", "pcm_8", 0),
        ("pcm_s16le", "pcm_16", 0),
        ("pcm_s24le", "pcm_24", 0),
        ("pcm_s32le", "pcm_32", 0),
        ("pcm_f32le", "float_32", 0),
        ("pcm_alaw", "alaw", 0),
        ("pcm_mulaw", "mulaw", 0),
        ("adpcm_ima_wav", "adpcm_ima", 0.1),
        ("adpcm_ms", "adpcm_ms", 0.1),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_wav(codec: str, name: str, tolerance_s: float, rate_hz: int, channels: int) -> None:
    found = header(made.encoded("wav", codec, rate_hz=rate_hz, channels=channels))
    assert (found.container, found.codec, found.channels) == ("wav", name, channels)
    assert found.duration_s == pytest.approx(2.0, abs=tolerance_s + 1e-6)


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz", "found"),
    [
        ("mp3", "libmp3lame", 8000, ("mp3", "mp3")),
        ("mp3", "libmp3lame", 16000, ("mp3", "mp3")),
        ("mp3", "libmp3lame", 44100, ("mp3", "mp3")),
        ("mp2", "mp2", 44100, ("mp3", "mp2")),
        ("ogg", "libopus", 48000, ("ogg", "opus")),
        ("mp4", "aac", 16000, ("mp4", "aac")),
        ("ipod", "aac", 44100, ("mp4", "aac")),
        ("adts", "aac", 8000, ("aac", "aac")),
        ("adts", "aac", 44100, ("aac", "aac")),
        ("ipod", "alac", 16000, ("mp4", "alac")),
        ("mov", "aac", 44100, ("mp4", "aac")),
        ("mp4", "libopus", 48000, ("mp4", "opus")),
        ("flac", "flac", 8000, ("flac", "flac")),
        ("flac", "flac", 44100, ("flac", "flac")),
        ("webm", "libopus", 48000, ("webm", "opus")),
        ("matroska", "pcm_s16le", 8000, ("webm", "pcm/int/lit")),
        ("aiff", "pcm_s16be", 16000, ("aiff", "pcm")),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_other_containers(container: str, codec: str, rate_hz: int, found: tuple[str, str], channels: int) -> None:
    read = header(made.encoded(container, codec, rate_hz=rate_hz, channels=channels))
    assert (read.container, read.codec, read.channels) == (*found, channels)
    assert read.duration_s == pytest.approx(2.0, abs=0.2)


def test_amr_and_3gp() -> None:
    assert header(made.amr(100)) == AudioHeader("amr", "amr_nb", 2.0, 1)
    assert header(made.amr(50, wide=True)) == AudioHeader("amr", "amr_wb", 1.0, 1)
    phone = header(made.encoded("amr", "libopencore_amrnb", channels=1))
    assert phone.duration_s == pytest.approx(2.0, abs=0.1)
    assert header(made.encoded("3gp", "libopencore_amrnb", channels=1)).codec == "amr_nb"


def test_gsm_610_in_wav() -> None:
    assert header(made.gsm610(2.0)) == AudioHeader("wav", "gsm610", 2.0, 1)


def test_mp3_in_wav() -> None:
    data = made.wav(b"\0" * 4000, tag=0x55, channels=1, bits=0, block=1, average=2000, extra=b"\x0c\0" + b"\0" * 12)
    assert header(data) == AudioHeader("wav", "mp3", 2.0, 1)


def test_extensible_wav() -> None:
    extra = struct.pack("<HHI", 22, 16, 3) + b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    assert header(made.wav(bytes(64_000), tag=0xFFFE, extra=extra)) == AudioHeader("wav", "pcm_16", 2.0, 2)


@pytest.mark.parametrize("promised", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_whose_recorder_never_wrote_the_length(promised: int) -> None:
    assert header(made.wav(bytes(32_000), promised=promised)).duration_s == 1.0


def test_a_long_wav_in_64_bits() -> None:
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 0, 32_000, 0, 0)
    data = made.wav(bytes(32_000), promised=0xFFFFFFFF)
    data = b"RF64" + b"\xff" * 4 + b"WAVE" + ds64 + data[12:]
    assert header(data).duration_s == 1.0


def test_a_wav_with_other_chunks_around_the_sound() -> None:
    bext = b"bext" + struct.pack("<I", 5) + b"hello\0"
    data = made.wav(bytes(32_000), before=bext) + b"LIST" + struct.pack("<I", 4) + b"INFO"
    assert header(data).duration_s == 1.0


def test_an_mp3_between_tags() -> None:
    tagged = b"ID3\x04\0\0" + bytes([0, 0, 2, 0]) + bytes(256) + made.encoded("mp3", "libmp3lame", rate_hz=16000)
    tagged += b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8) + b"TAG" + bytes(125)
    assert header(tagged).duration_s == pytest.approx(2.0, abs=0.2)


def test_an_mp3_without_a_summary_is_measured_by_its_bit_rate() -> None:
    plain = header(made.encoded("mp3", "libmp3lame", rate_hz=16000, options="write_xing=0"))
    assert plain.duration_s == pytest.approx(2.0, abs=0.2)


def test_an_mp3_of_two_frames_is_one() -> None:
    frame = b"\xff\xfb\x90\xc4" + bytes(413)
    assert header(frame * 2).codec == "mp3"


def test_an_ogg_without_its_last_page_that_ends_between_two_pages() -> None:
    data = made.encoded("ogg", "libopus", rate_hz=48000, seconds=4.0)
    whole_pages = data[: data.rfind(b"OggS")]
    assert header(whole_pages).duration_s == pytest.approx(3.0, abs=1.0)


def test_an_ogg_that_joins_a_running_clock() -> None:
    data = bytearray(made.encoded("ogg", "libopus", rate_hz=48000, seconds=4.0))
    at, page = 0, 0
    while at >= 0:
        granule = int.from_bytes(data[at + 6 : at + 14], "little")
        if page >= 2:
            data[at + 6 : at + 14] = (granule + 48000 * 3600).to_bytes(8, "little")
        at, page = data.find(b"OggS", at + 1), page + 1
    found = header(bytes(data)).duration_s
    assert found is not None
    assert found < 60, "an hour on the clock before the recording began is not part of it"


@pytest.mark.parametrize(
    ("container", "options"),
    [("webm", "live=1"), ("mp4", "movflags=frag_keyframe+empty_moov"), ("mp4", "movflags=faststart")],
)
def test_streamed_and_rearranged_files(container: str, options: str) -> None:
    codec = "libopus" if container == "webm" else "aac"
    found = header(made.encoded(container, codec, rate_hz=48000, options=options))
    assert found.container == container
    assert found.duration_s is None or found.duration_s == pytest.approx(2.0, abs=0.2)


def ogg(first_packet: bytes, granule: int) -> bytes:
    """A stream of two pages: its first packet, and one of sound that ends at `granule`."""

    def page(flags: int, clock: int, payload: bytes) -> bytes:
        head = b"OggS\0" + bytes([flags]) + clock.to_bytes(8, "little") + b"abcd" + bytes(8)
        return head + b"\x01" + bytes([len(payload)]) + payload

    return page(2, 0, first_packet) + page(4, granule, bytes(100))


def test_ogg_with_vorbis_speex_and_flac() -> None:
    vorbis = b"\x01vorbis" + struct.pack("<IBI", 0, 2, 16_000) + bytes(14)
    assert header(ogg(vorbis, 32_000)) == AudioHeader("ogg", "vorbis", 2.0, 2)
    speex = b"Speex   1.2" + bytes(17) + struct.pack("<IIIIII", 1, 80, 8000, 0, 4, 1) + bytes(28)
    assert header(ogg(speex, 16_000)) == AudioHeader("ogg", "speex", 2.0, 1)
    stream_info = bytes(10) + (8000 << 44 | 1 << 41 | 15 << 36).to_bytes(8, "big") + bytes(16)
    flac = b"\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22" + stream_info
    assert header(ogg(flac, 16_000)) == AudioHeader("ogg", "flac", 2.0, 2)


def test_a_length_that_the_file_cannot_hold_is_not_believed() -> None:
    data = bytearray(made.encoded("ipod", "aac"))
    at = data.index(b"mdhd") + 16
    (scale,) = struct.unpack(">I", data[at : at + 4])
    data[at + 4 : at + 8] = struct.pack(">I", scale * 36_000)
    assert header(bytes(data)).duration_s is None
