"""Words of a template that stand together are found where spaCy's Matcher finds them: it is the reference."""

from __future__ import annotations

import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc

from service.scoring.dialogue import Sentence
from service.scoring.language import Word, pipeline
from service.scoring.phrases import WordClasses
from service.scoring.views import View
from service.scoring.ways import Piece

NLP = spacy.blank("ru")
CLASSES = WordClasses(pipeline("ru"), ())
LETTERS = "абв"
SLOTS = st.lists(
    st.tuples(st.one_of(st.none(), st.frozensets(st.sampled_from(LETTERS), min_size=1, max_size=2)), st.booleans()),
    min_size=1,
    max_size=5,
).filter(lambda slots: any(keys is not None and not optional for keys, optional in slots))


def _view(letters: str) -> View:
    words = tuple(
        Word(letter, (letter,), place, place + 1, False, False, False) for place, letter in enumerate(letters)
    )
    sentence = Sentence(0, 0, 0, "agent", 0, len(letters), letters, False, False, words, frozenset(), ())
    return View(sentence, range(len(letters)), [frozenset(letter) for letter in letters], CLASSES)


@given(slots=SLOTS, letters=st.text(alphabet=LETTERS, min_size=1, max_size=8))
def test_a_piece_stands_where_spacy_finds_it(slots: list[tuple[frozenset[str] | None, bool]], letters: str) -> None:
    matcher = Matcher(NLP.vocab)
    pattern = [
        {**({"ORTH": {"IN": sorted(keys)}} if keys else {}), **({"OP": "?"} if optional else {})}
        for keys, optional in slots
    ]
    matcher.add("piece", [pattern])
    expected = sorted({(first, end) for _, first, end in matcher(Doc(NLP.vocab, words=list(letters)))})
    assert Piece(0, None, tuple(slots)).find(_view(letters)) == expected
