"""A recognizer that lost the thread repeats itself; people who repeat themselves are left alone."""

import pytest

from workers.speech.loops import loops, repeated


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("so bring it in bring it in bring it in bring it in today", [(4, 12)]),
        ("о скидках, по-моему, по-моему по-моему по-моему, полно", [(3, 5)]),
        ("Thank you. Thank you. Thank you. Thank you.", [(2, 7)]),
    ],
)
def test_a_run_said_too_often_is_a_loop_and_its_first_round_is_kept(text: str, runs: list[tuple[int, int]]) -> None:
    assert repeated(text.split()) == runs
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "да да да да, понял",
        "нет, нет, нет",
        "двадцать пять двадцать пять",
        "ха ха ха ха ха",
        "конечно, конечно, конечно, без вопросов",
        "",
    ],
)
def test_ordinary_repeats_are_no_loop(text: str) -> None:
    assert repeated(text.split()) == []
    assert not loops(text)


def test_a_text_that_says_the_same_in_other_runs_is_a_loop_by_its_compression() -> None:
    assert loops("we go on and on, " * 12)
