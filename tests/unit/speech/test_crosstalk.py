"""Bleed from the other line is not heard as this party's words; a real answer spoken over the other party is."""

import numpy as np

from tests.unit.speech.samples import FRAME_S, activity
from workers.speech.crosstalk import bleed, without_bleed


def share(found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], start_s: float, end_s: float) -> float:
    return float(found[round(start_s / FRAME_S) : round(end_s / FRAME_S)].mean())


REP = activity(20, (1, 8, 0.9, -30), (14, 19, 0.9, -30))


def test_the_reps_voice_in_the_customers_channel_is_bleed() -> None:
    for below_db in (15, 21, 25, 40):
        customer = activity(20, (1, 8, 0.9, -30 - below_db), (9, 13, 0.9, -38), (14, 19, 0.9, -30 - below_db))
        found = bleed(customer, REP)
        assert share(found, 1.2, 7.8) == 1
        assert share(found, 9.2, 12.8) == 0
        assert share(found, 14.2, 18.8) == 1


def test_a_customer_who_speaks_over_the_rep_is_heard() -> None:
    customer = activity(20, (3, 5, 0.9, -36), (9, 13, 0.9, -36))
    assert share(bleed(customer, REP), 3.2, 4.8) == 0


def test_a_customer_much_quieter_than_the_rep_is_heard() -> None:
    customer = activity(20, (9, 13, 0.9, -50), floor_db=-70)
    assert not share(bleed(customer, REP), 9.2, 12.8)


def test_two_clean_channels_have_no_bleed() -> None:
    customer = activity(20, (9, 13, 0.9, -30))
    assert not bleed(REP, customer)[round(1 / FRAME_S) : round(8 / FRAME_S)].any()


def test_a_channel_with_nothing_but_bleed_is_all_bleed() -> None:
    customer = activity(20, (1, 8, 0.9, -48), (14, 19, 0.9, -48))
    assert share(bleed(customer, REP), 1, 8) == 1


def test_recordings_without_frames_are_no_error() -> None:
    assert len(bleed(activity(0), activity(0))) == 0


def test_bleed_is_faded_out_and_the_rest_untouched() -> None:
    sound = np.ones(512 * 10, dtype=np.float32)
    flags = np.zeros(30, dtype=np.bool_)
    flags[24:28] = True
    faded = without_bleed(sound, 512 * 20, flags)
    assert faded[: 512 * 3].min() == 1
    assert faded[512 * 5 : 512 * 7].max() == 0
    assert np.abs(np.diff(faded)).max() < 0.01
    assert without_bleed(sound, 0, flags) is sound
