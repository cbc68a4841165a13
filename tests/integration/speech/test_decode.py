"""Any recording is decoded as it is, damage and odd headers included; what is none is refused with its name."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from service.scoring.errors import AudioTooLong, AudioUnreadable, StoreUnavailable
from tests.fixtures.encoding import EN_SHORT, RU_SHORT, Sound, read, write
from workers.speech.audio import decode
from workers.speech.spans import Span

RATE = 16_000


@dataclass(frozen=True)
class Decoded:
    """A closed recording: its sound as float32 (channels, samples) and what was said about it."""

    sound: Sound
    duration_s: float
    warnings: tuple[str, ...]


def decoded(audio: Path | bytes, *, max_duration_s: float = 600.0) -> Decoded:
    source = io.BytesIO(audio) if isinstance(audio, bytes) else audio
    with decode(source, max_duration_s=max_duration_s) as recording:
        whole = Span(0, recording.samples)
        sound = np.stack([recording.read(channel, whole) for channel in range(recording.channels)])
        return Decoded(sound, recording.duration_s, recording.warnings)


def correlation(first: Sound, second: Sound) -> float:
    length = min(len(first), len(second))
    return float(np.corrcoef(first[:length], second[:length])[0, 1])


@pytest.mark.parametrize("rate", [6_000, 8_000, 11_025, 44_100, 48_000, 96_000, 192_000])
def test_any_sample_rate_keeps_length_and_sound(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "call.wav", read(EN_SHORT, rate), codec="pcm_s16le", rate=rate, container="wav")
    sound = decoded(path).sound
    reference = read(EN_SHORT)
    assert abs(sound.shape[1] - reference.shape[1]) < RATE // 50
    assert correlation(sound[0], reference[0]) > (0.9 if rate < 8_000 else 0.98)


@pytest.mark.parametrize("channels", [3, 4, 6, 8])
def test_of_many_channels_the_two_parties_are_found(tmp_path: Path, channels: int) -> None:
    rep, customer = read(EN_SHORT)
    tracks = np.zeros((channels, len(rep)), dtype=np.float32)
    tracks[1], tracks[-1] = customer, rep
    tracks[0] = 0.1 * rep
    recording = decoded(many(tmp_path, tracks))
    assert len(recording.sound) == 2
    assert any(f"2 and {channels} were heard" in warning for warning in recording.warnings)
    assert correlation(recording.sound[0], customer) > 0.99
    assert correlation(recording.sound[1], rep) > 0.99


def test_the_channels_of_the_parties_can_be_told(tmp_path: Path) -> None:
    rep, customer = read(EN_SHORT)
    path = many(tmp_path, np.stack([customer, np.zeros_like(rep), 0.05 * rep, rep + customer]))
    with decode(path, max_duration_s=600, channels=(2, 0)) as recording:
        first, second = (recording.read(channel, Span(0, recording.samples)) for channel in (0, 1))
        assert recording.chosen == (2, 0)
    assert correlation(first, rep) > 0.99
    assert correlation(second, customer) > 0.99


def test_a_channel_that_is_not_there_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = many(tmp_path, np.stack([*read(EN_SHORT), read(EN_SHORT)[0]]))
    with pytest.raises(AudioUnreadable, match="3 channels, but CALLSCORE_SPEECH_CHANNELS asks for channel 5"):
        decode(path, max_duration_s=600, channels=(4, 0))


def many(folder: Path, tracks: Sound) -> Path:
    """A WAV file with any number of channels."""
    path, channels = folder / "many.wav", len(tracks)
    data = (tracks.T * 32767).astype("<i2").tobytes()
    header = struct.pack("<HHIIHH", 1, channels, RATE, RATE * channels * 2, channels * 2, 16)
    path.write_bytes(
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + header
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )
    return path


def test_damage_in_the_middle_costs_only_what_is_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "call.mp3", read(EN_SHORT), codec="libmp3lame", rate=RATE, container="mp3", bit_rate=64_000)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 4_000] = np.random.default_rng(1).integers(0, 256, 4_000, dtype=np.uint8).tobytes()
    recording = decoded(bytes(data))
    assert 14.0 < recording.duration_s < 16.5
    sound = recording.sound
    assert correlation(sound[0][: RATE * 4], read(EN_SHORT)[0][: RATE * 4]) > 0.9


def test_a_header_that_promises_ten_hours_over_ten_seconds_is_heard() -> None:
    data = bytearray(EN_SHORT.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = struct.pack("<I", 10 * 3600 * 16_000)
    assert decoded(bytes(data)).duration_s == pytest.approx(15.6, abs=0.1)


def test_a_recording_that_was_cut_off_is_heard_with_a_remark(tmp_path: Path) -> None:
    path = write(tmp_path / "call.mka", np.tile(read(EN_SHORT), 3), codec="flac", rate=RATE, container="matroska")
    recording = decoded(path.read_bytes()[: path.stat().st_size // 3])
    assert 10 < recording.duration_s < 20
    assert any("announces 0:00:47 but holds 0:00:1" in warning for warning in recording.warnings)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_recording_whose_recorder_never_wrote_its_length_is_heard(size: int) -> None:
    data = bytearray(RU_SHORT.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = struct.pack("<I", size)
    data[4:8] = struct.pack("<I", size)
    assert decoded(bytes(data)).duration_s == pytest.approx(14.9, abs=0.1)


def test_a_pause_that_the_recorder_left_out_is_silence_so_that_times_stay_true(tmp_path: Path) -> None:
    first = write(tmp_path / "call.mka", read(EN_SHORT, 48_000), codec="libopus", rate=48_000, container="matroska")
    paused = tmp_path / "paused.mka"
    with av.open(str(first)) as source, av.open(str(paused), "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is None or packet.time_base is None:
                continue
            if packet.pts * packet.time_base > 5:
                packet.pts += round(10 / packet.time_base)
                packet.dts = packet.pts
            packet.stream = stream
            target.mux(packet)
    recording = decoded(paused)
    assert recording.duration_s == pytest.approx(25.6, abs=0.1)
    sound = recording.sound
    assert float(np.abs(sound[:, 6 * RATE : 14 * RATE]).max()) == 0
    reference = read(EN_SHORT)
    assert correlation(sound[0][16 * RATE :], reference[0][6 * RATE :]) > 0.9


def test_cover_art_is_no_video(tmp_path: Path) -> None:
    song = write(tmp_path / "call.m4a", read(EN_SHORT), codec="aac", rate=RATE, container="ipod")
    covered = tmp_path / "covered.mp4"
    with av.open(str(song)) as source, av.open(str(covered), "w", format="mp4") as target:
        sound = target.add_stream_from_template(source.streams.audio[0])
        art = target.add_stream("mjpeg", rate=1)
        art.width = art.height = 16
        art.pix_fmt = "yuvj420p"
        art.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), dtype=np.uint8), format="rgb24")
        frame.pts = 0
        target.mux(art.encode(frame))
        target.mux(art.encode(None))
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = sound
                target.mux(packet)
    assert decoded(covered).duration_s == pytest.approx(15.6, abs=0.2)


def video(path: Path, *, with_sound: bool) -> Path:
    with av.open(str(path), "w", format="mp4") as target:
        pictures = target.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 64
        sound = target.add_stream("aac", rate=RATE) if with_sound else None
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index * 20, dtype=np.uint8), format="rgb24")
            target.mux(pictures.encode(frame))
        target.mux(pictures.encode(None))
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
            frame.rate = RATE
            target.mux(sound.encode(frame))
            target.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("with_sound", "named"), [(True, "found a video"), (False, "found a video or picture without sound")]
)
def test_a_video_is_refused_by_name(tmp_path: Path, with_sound: bool, named: str) -> None:
    with pytest.raises(AudioUnreadable, match=named):
        decoded(video(tmp_path / "call.mp4", with_sound=with_sound))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "an empty file"),
        ("Это не запись, а текст.\n".encode() * 50, "found text"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "found text"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "found text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "a PNG picture"),
        (bytes(10_000), "nothing but zero bytes"),
        (np.random.default_rng(3).integers(0, 256, 20_000, dtype=np.uint8).tobytes(), "unknown data"),
        (EN_SHORT.read_bytes()[:30], "WAV file without readable sound"),
        (EN_SHORT.read_bytes()[:44], "no sound|without readable sound"),
    ],
    ids=[
        "empty",
        "text",
        "playlist",
        "concat script",
        "picture",
        "zeros",
        "noise",
        "cut in the header",
        "cut before the sound",
    ],
)
def test_what_is_no_recording_is_refused_by_name(data: bytes, named: str) -> None:
    with pytest.raises(AudioUnreadable, match=named):
        decoded(data)


def test_an_m4a_that_lost_its_index_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "call.m4a", read(EN_SHORT), codec="aac", rate=RATE, container="ipod")
    with pytest.raises(AudioUnreadable, match="an MP4/M4A file without readable sound"):
        decoded(path.read_bytes()[: path.stat().st_size // 2])


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="cannot be opened"):
        decoded(tmp_path / "none.wav")


def test_too_long_is_told_with_the_limit() -> None:
    with pytest.raises(AudioTooLong, match="limit of 0:00:10"):
        decoded(EN_SHORT, max_duration_s=10)


@pytest.mark.parametrize(("rate", "channels"), [(1, 1), (50_000_000, 1)])
def test_a_hostile_header_is_refused(rate: int, channels: int) -> None:
    header = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    data = bytes(100_000)
    file = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + header + b"data"
    with pytest.raises(AudioUnreadable, match="sample rate"):
        decoded(file + struct.pack("<I", len(data)) + data)


def test_clipping_offset_and_a_late_channel_are_decoded_as_they_are(tmp_path: Path) -> None:
    rep, customer = read(EN_SHORT)
    late = np.concatenate([np.zeros(RATE, dtype=np.float32), customer])[: len(customer)]
    path = write(tmp_path / "bad.wav", np.stack([rep * 20 + 0.3, late]), codec="pcm_s16le", rate=RATE, container="wav")
    sound = decoded(path).sound
    assert float(sound.max()) <= 1.0
    assert correlation(sound[1], late) > 0.99


class Interrupted(io.BytesIO):
    """An object store that goes away after `most` bytes."""

    most = 100_000

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.most:
            raise StoreUnavailable("the audio store does not answer")
        return super().read(size)


@pytest.mark.parametrize("most", [4_000, 100_000])
def test_an_audio_store_that_goes_away_is_no_shorter_call(most: int) -> None:
    file = Interrupted(EN_SHORT.read_bytes())
    file.most = most
    with pytest.raises(StoreUnavailable, match="does not answer"):
        decode(file, max_duration_s=600)
