"""A cursor works on the list that gave it out, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api import cursors
from service.api.problems import Refused


@given(name=st.text(max_size=200))
def test_a_list_understands_its_own_cursor(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert cursors.decode("reps", cursors.encode("reps", name)) == name


@given(cursor=st.text())
def test_any_other_text_is_refused(cursor: str) -> None:
    with pytest.raises(Refused) as caught:
        cursors.decode("reps", cursor)
    assert caught.value.errors[0].field == "cursor"


def test_the_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Refused):
        cursors.decode("reps", cursors.encode("teams", "North"))
