"""Searching for the text of a window: encoder states -> tokens, what they spell, and the words with their times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from service.scoring.transcript import Word
from workers.speech.loops import loops
from workers.speech.words import Alignment, timed

#: Tokens of a text at most: Whisper's own limit is 448 with the prompt.
_MOST_TOKENS = 448


@dataclass(frozen=True, slots=True)
class Text:
    """Tokens (without the end), what they spell, and how likely they are; `no_speech` is 0..1."""

    tokens: list[int]
    text: str
    avg_logprob: float
    no_speech: float

    @property
    def looped(self) -> bool:
        """True if it repeats itself as recognizers do that lost the thread."""
        return loops(self.text)


class Search:
    """Searching for text in one language: tokenizer, prompt and tokens that are no speech."""

    def __init__(self, model: WhisperModel, language: str, before: str) -> None:
        self._model = model.model
        self.tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        self._prompt = model.get_prompt(
            self.tokenizer, previous_tokens=[], without_timestamps=True, hotwords=before or None
        )
        self._suppressed = get_suppressed_tokens(self.tokenizer, [-1])

    def texts(self, states: Any, count: int, **search: Any) -> list[Text]:
        results = self._model.generate(
            states,
            [self._prompt] * count,
            **search,
            max_length=_MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )
        return [self._text(result) for result in results]

    def _text(self, result: Any) -> Text:
        found = result.sequences_ids[0]
        tokens = [token for token in found if token < self.tokenizer.eot]
        # CTranslate2 divides by the length; Whisper counts the end of the text, too.
        logprob = result.scores[0] * len(found) / (len(found) + 1)
        return Text(tokens, self.tokenizer.decode(tokens), float(logprob), float(result.no_speech_prob))

    def words(self, text: Text, result: Any, state_s: float) -> tuple[Word, ...]:
        pieces, tokens = self.tokenizer.split_to_word_tokens([*text.tokens, self.tokenizer.eot])
        alignment = Alignment(result.alignments, result.text_token_probs)
        return timed(pieces, [len(group) for group in tokens], alignment, state_s=state_s)
