"""What a process has met before makes the next call cheaper, and changes nothing in what is found in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from service.scoring.example_scores import LinearScores
from service.scoring.hits import Hits
from service.scoring.language import Word, pipeline
from service.scoring.ngrams import Vocabulary
from tests.unit.scoring.rulefiles import hits_in, pack_with

RULE = "phrases: [дорого ... клиент, не потянуть, '(скидка|процент) [ещё] будет', '<number> рублей']\nunless: [дорогой клиент]\nnegation: false"
SAID = (
    "Дорого это для нас, дорогой клиент.",
    "Не потянем.",
    "А скидка ещё будет?",
    "Дорого для наших клиентов, да и сто рублей — деньги.",
    "Угу.",
)


def _found(hits: Hits) -> list[tuple[int, int, int, str]]:
    return [(hit.utterance, hit.first_char, hit.last_char, hit.evidence.template) for hit in hits]


def test_a_call_of_thousands_of_sentences_finds_what_each_of_them_says() -> None:
    pack = pack_with(RULE)
    alone = [_found(hits_in(pack, ("customer", text))) for text in SAID]
    said = [SAID[index % len(SAID)] for index in range(1_500)]
    expected = [(index, *hit[1:]) for index in range(len(said)) for hit in alone[index % len(SAID)]]
    assert sum(map(len, alone)) >= 4
    assert _found(hits_in(pack, *(("customer", text) for text in said))) == expected


@pytest.mark.parametrize("remembered", [1, 5, 30_000])
def test_nothing_depends_on_what_is_remembered(monkeypatch: pytest.MonkeyPatch, remembered: int) -> None:
    fresh = [_found(hits_in(pack_with(RULE), ("customer", text))) for text in SAID]
    monkeypatch.setattr("service.scoring.way_index.MOST_WORDS", remembered)
    pack = pack_with(RULE)
    for _ in range(2):
        assert [_found(hits_in(pack, ("customer", text))) for text in SAID] == fresh


def test_a_pack_that_has_met_thousands_of_words_finds_the_same() -> None:
    pack = pack_with(RULE)
    alone = [_found(hits_in(pack, ("customer", text))) for text in SAID]
    for first in range(0, 5_000, 100):
        words = " ".join(f"слово{number}" for number in range(first, first + 100))
        assert not _found(hits_in(pack, ("customer", words)))
        assert [_found(hits_in(pack, ("customer", f"{text} {words}"))) for text in SAID[:1]] == alone[:1]
    assert [_found(hits_in(pack, ("customer", text))) for text in SAID] == alone


@pytest.mark.parametrize("remembered", [1, 30_000])
def test_similarities_have_the_same_bits_whatever_was_heard_before(
    monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    rows: list[list[Word]] = [pipeline("ru").words(text) for text in SAID]
    vocabulary = Vocabulary.of(rows[1:])
    weights = np.random.default_rng(7).normal(size=(len(vocabulary), 3)).astype(np.float32)
    bias = np.zeros(3, dtype=np.float32)
    fresh = [LinearScores(vocabulary, weights, bias).of([row]).tobytes() for row in rows]
    monkeypatch.setattr("service.scoring.example_scores.MOST_WORDS", remembered)
    scores = LinearScores(vocabulary, weights, bias)
    assert b"".join(fresh) == scores.of(rows).tobytes()
    assert [scores.of([row]).tobytes() for row in reversed(rows)] == fresh[::-1]


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """Threads that take turns every few instructions."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("impatient_threads")
@pytest.mark.parametrize("remembered", [40, 30_000])
def test_threads_that_learn_words_at_the_same_time_do_not_take_each_others(
    monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    """The API explains several sentences at once with one pack in memory."""
    monkeypatch.setattr("service.scoring.way_index.MOST_WORDS", remembered)
    monkeypatch.setattr("service.scoring.example_scores.MOST_WORDS", remembered)
    rows = [
        pipeline("ru").words(f"Дорого для клиента номер слово{index} и прочее{index} дальше{index}")
        for index in range(400)
    ]
    vocabulary = Vocabulary.of(rows[::2])
    weights = np.random.default_rng(7).normal(size=(len(vocabulary), 3)).astype(np.float32)
    bias = np.zeros(3, dtype=np.float32)
    expected = [LinearScores(vocabulary, weights, bias).of([row]).tobytes() for row in rows]
    scores = LinearScores(vocabulary, weights, bias)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda row: scores.of([row]).tobytes(), rows)) == expected
    texts = [f"Это дорого для клиента{index}, скидка ещё будет, слово{index}" for index in range(300)]
    alone = [_found(hits_in(pack_with(RULE), ("customer", text))) for text in texts[:20]]
    pack = pack_with(RULE)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda text: _found(hits_in(pack, ("customer", text))), texts))[:20] == alone
