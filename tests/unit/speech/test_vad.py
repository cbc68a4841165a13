"""Speech is found without clicks, without holes where the detector loses a voice, and without the other party's bleed."""

from tests.unit.speech.samples import activity, flags
from workers.speech.vad import VadOptions, speech_spans


def seconds(spans: object) -> list[tuple[float, float]]:
    return [(round(span.start_s, 1), round(span.end_s, 1)) for span in spans]  # type: ignore[attr-defined]


def test_speech_is_found_and_silence_is_not() -> None:
    assert seconds(speech_spans(activity(10, (2, 4, 0.9, -30), (7, 8, 0.9, -30)))) == [(2.0, 4.0), (7.0, 8.0)]
    assert speech_spans(activity(10)) == ()
    assert speech_spans(activity(0)) == ()


def test_a_click_is_no_speech() -> None:
    assert speech_spans(activity(10, (2, 2.06, 0.9, -30))) == ()


def test_a_breath_does_not_end_a_sentence() -> None:
    assert seconds(speech_spans(activity(10, (2, 4, 0.9, -30), (4.2, 6, 0.9, -30)))) == [(2.0, 6.0)]


def test_a_voice_that_the_detector_loses_for_a_second_is_kept() -> None:
    lost = activity(10, (1, 3, 0.9, -30), (3, 4.5, 0.1, -32), (4.5, 6, 0.9, -30))
    assert seconds(speech_spans(lost)) == [(1.0, 6.0)]
    pause = activity(10, (1, 3, 0.9, -30), (4.5, 6, 0.9, -30))
    assert seconds(speech_spans(pause)) == [(1.0, 3.0), (4.5, 6.0)]


def test_ignored_frames_are_silence() -> None:
    heard = activity(10, (1, 3, 0.9, -30), (5, 8, 0.9, -50))
    assert seconds(speech_spans(heard, ignored=flags(heard, (5, 8)))) == [(1.0, 3.0)]


def test_speech_up_to_the_very_end_is_kept() -> None:
    assert seconds(speech_spans(activity(5, (3, 5, 0.9, -30)), VadOptions(min_silence_s=1))) == [(3.0, 5.0)]
