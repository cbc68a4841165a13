"""Which channels are heard: a mono call written twice is one voice line, and of many channels the two parties are taken."""

import numpy as np
import numpy.typing as npt

from workers.speech.channels import Envelope, Loudness, choose_two


def loudness(*channels: npt.NDArray[np.float64]) -> Loudness:
    measured = Loudness(len(channels))
    block = np.stack(channels, axis=1).astype(np.int16)
    for part in np.array_split(block, 3):
        measured.add(part)
    return measured


def voice(seed: int, level: float = 3000.0) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, level, 16_000)


def test_the_same_sound_at_another_level_is_one_channel() -> None:
    sound = voice(1)
    assert loudness(sound, sound * 0.3).alike(0, 1)
    assert loudness(sound, -sound).alike(0, 1)
    assert loudness(sound, sound + voice(2, 300)).alike(0, 1)


def test_two_parties_with_loud_bleed_stay_two_channels() -> None:
    rep, customer = voice(1), voice(2)
    bleed = 10 ** (-15 / 20)
    assert not loudness(rep + bleed * customer, customer + bleed * rep).alike(0, 1)


def test_a_silent_channel_is_like_nothing() -> None:
    assert not loudness(voice(1), np.zeros(16_000)).alike(0, 1)
    assert not loudness(np.zeros(16_000), np.zeros(16_000)).alike(0, 1)


def test_a_constant_offset_is_no_sound() -> None:
    assert loudness(np.full(16_000, 5000.0), voice(1)).power(0) == 0


def test_of_many_channels_the_two_loudest_different_ones_are_heard_in_their_order() -> None:
    rep, customer = voice(1, 4000), voice(2, 2000)
    assert choose_two(loudness(np.zeros(16_000), customer, rep, rep * 0.9)) == (1, 2)


def test_where_all_channels_are_alike_one_is_heard() -> None:
    assert choose_two(loudness(voice(1), voice(1), voice(1))) == (0,)


def envelope(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> Envelope:
    measured = Envelope()
    block = np.stack([first, second], axis=1).astype(np.int16)
    for part in np.array_split(block, 7):
        measured.add(part)
    return measured


def talk(seed: int, seconds: int = 20, level: float = 3000.0) -> npt.NDArray[np.float64]:
    """Sound that gets louder and softer as speech does."""
    draw = np.random.default_rng(seed)
    loud = np.repeat(draw.random(seconds * 5), 3_200)
    return draw.normal(0, level, len(loud)) * loud


def test_a_copy_that_comes_later_is_told_with_how_late_it_is() -> None:
    sound = talk(1)
    noise = talk(2, level=200.0)
    assert envelope(sound[16_000:], sound[:-16_000] * 0.5 + noise[16_000:]).late_s() == 1.0
    assert envelope(sound[:-8_000], sound[8_000:]).late_s() == -0.5


def test_two_parties_a_faint_echo_and_silence_are_no_copies() -> None:
    sound = talk(1)
    assert envelope(sound, talk(2)).late_s() is None
    assert envelope(sound[16_000:], sound[:-16_000] * 0.05).late_s() is None
    assert envelope(sound, np.zeros_like(sound)).late_s() is None
    assert Envelope().late_s() is None
