"""A transcript as rules see it: turns of one speaker, sentences within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.scoring.transcript import Speaker, Transcript

if TYPE_CHECKING:
    from service.scoring.pack import Pack


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an utterance. `first_char`..`last_char` is a slice of the utterance's text (end exclusive)."""

    index: int
    utterance: int
    turn: int
    speaker: Speaker
    first_char: int
    last_char: int
    text: str
    question: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive utterances of one speaker. Indices are 0-based, ends exclusive.

    `ordinal` counts the turns of this speaker alone. Times in seconds, None in calls that came as text.
    """

    index: int
    ordinal: int
    speaker: Speaker
    first_utterance: int
    end_utterance: int
    first_sentence: int
    end_sentence: int
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Dialogue:
    """A call prepared for its rules; built once per call."""

    transcript: Transcript
    turns: tuple[Turn, ...]
    sentences: tuple[Sentence, ...]

    @classmethod
    def of(cls, transcript: Transcript, pack: Pack) -> Dialogue:
        """Split and lemmatize with the pipeline of the pack's language.

        Raises:
            LanguageUnsupported: the transcript is in another language than the pack.
        """
        from service.scoring.reading import read  # noqa: PLC0415

        return read(transcript, pack)

    def turn_text(self, turn: Turn) -> str:
        """All that was said in the turn, utterances joined by a space."""
        return " ".join(u.text for u in self.transcript.utterances[turn.first_utterance : turn.end_utterance])

    def sentences_of(self, turn: Turn) -> tuple[Sentence, ...]:
        """The turn's sentences in order."""
        return self.sentences[turn.first_sentence : turn.end_sentence]
