"""Settings of speech that make no sense are refused with what was expected."""

import pytest
from pydantic import ValidationError

from service.settings import Settings


def test_channels_are_counted_from_one_by_people_and_from_nought_by_us() -> None:
    assert Settings(speech_channels="3,1").speech_channel_pair == (2, 0)
    assert Settings().speech_channel_pair is None


@pytest.mark.parametrize("text", ["1", "1,1", "0,1", "left,right", "1,2,3"])
def test_what_is_no_pair_of_channels_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="two different channel numbers from 1, like 3,1"):
        Settings(speech_channels=text)


def test_names_are_a_list() -> None:
    assert Settings(speech_names=" Ромашка, ,Acme Cloud ").speech_name_list == ("Ромашка", "Acme Cloud")
