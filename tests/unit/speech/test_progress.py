"""A progress bar never runs backwards, and a stage that stands still still shows a sign of life."""

from workers.speech.progress import Progress


def test_stages_add_up_and_never_fall() -> None:
    seen: list[float] = []
    progress = Progress(seen.append)
    first, second = progress.between(0.0, 0.4), progress.between(0.4, 1.0)
    for share in (0.0, 0.5, 1.0, 0.2):
        first(share)
    for share in (0.0, 0.5, 1.5):
        second(share)
    assert seen == [0.0, 0.2, 0.4, 0.4, 0.4, 0.7, 1.0]


def test_without_a_listener_nothing_happens() -> None:
    Progress(None).between(0, 1)(0.5)
