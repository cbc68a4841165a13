"""A transcript as rules see it: turns of one speaker, sentences within them, words with fillers told apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from service.scoring.errors import LanguageUnsupported
from service.scoring.fillers import FillerFinder
from service.scoring.language import Pipeline, Word, pipeline
from service.scoring.transcript import Speaker, Transcript, Utterance

if TYPE_CHECKING:
    from service.scoring.pack import Pack

#: A longer run of words without a full stop is cut: recognizers drop punctuation, and a rule should still see a sentence.
LONGEST_SENTENCE = 40
#: An unfinished sentence goes on in the speaker's next utterance if it begins within this many seconds.
LONGEST_PAUSE_WITHIN_S = 3.0


@dataclass(slots=True, eq=False)
class Sentence:
    """One sentence of a turn, normally within one utterance.

    `utterance` is where it begins; `first_char`..`last_char` is the slice of that utterance's text (end exclusive).
    `may_ask` is True for a question, and where the recognizer may have left its mark out. `fillers` holds the indices of words that are spoken padding; `starts` the (word index, utterance) pairs where a further
    utterance begins, for the rare sentence that goes on after a pause.
    """

    index: int
    utterance: int
    turn: int
    speaker: Speaker
    first_char: int
    last_char: int
    text: str
    question: bool
    may_ask: bool
    words: tuple[Word, ...]
    fillers: frozenset[int]
    starts: tuple[tuple[int, int], ...]

    def utterance_of(self, word: int) -> int:
        """Index of the utterance in which the word at this index of the sentence was said."""
        return next((utterance for first, utterance in reversed(self.starts) if first <= word), self.utterance)


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive utterances of one speaker. Indices are 0-based, ends exclusive.

    `ordinal` counts the turns of this speaker alone, from 0. Times in seconds, None in calls that came as text.
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


@dataclass(frozen=True, eq=False)
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
        if transcript.language != pack.language:
            raise LanguageUnsupported(
                f"the call is in {transcript.language!r}, pack {pack.id!r} was loaded for {pack.language!r}"
            )
        return _Reader(pipeline(pack.language)).read(transcript)

    def turn_text(self, turn: Turn) -> str:
        """All that was said in the turn, utterances joined by a space."""
        return " ".join(u.text for u in self.transcript.utterances[turn.first_utterance : turn.end_utterance])

    def sentences_of(self, turn: Turn) -> tuple[Sentence, ...]:
        """The turn's sentences in order."""
        return self.sentences[turn.first_sentence : turn.end_sentence]

    @cached_property
    def turns_of_speaker(self) -> dict[Speaker, int]:
        """How many turns each speaker has."""
        counts: dict[Speaker, int] = {}
        for turn in self.turns:
            counts[turn.speaker] = counts.get(turn.speaker, 0) + 1
        return counts


class _Reader:
    def __init__(self, language: Pipeline) -> None:
        self._pipeline = language
        self._fillers = _fillers(language)
        self._turns: list[Turn] = []
        self._sentences: list[Sentence] = []
        self._marks_missing = False

    def read(self, transcript: Transcript) -> Dialogue:
        utterances = transcript.utterances
        self._marks_missing = transcript.recognizer is not None and not self._pipeline.lexicon.question_marks
        ordinals: dict[Speaker, int] = {}
        first = 0
        while first < len(utterances):
            speaker = utterances[first].speaker
            end = first + 1
            while end < len(utterances) and utterances[end].speaker == speaker:
                end += 1
            ordinal = ordinals.get(speaker, 0)
            ordinals[speaker] = ordinal + 1
            first_sentence = len(self._sentences)
            self._read_turn(utterances, first, end)
            self._turns.append(
                Turn(
                    index=len(self._turns),
                    ordinal=ordinal,
                    speaker=speaker,
                    first_utterance=first,
                    end_utterance=end,
                    first_sentence=first_sentence,
                    end_sentence=len(self._sentences),
                    start_s=utterances[first].start_s,
                    end_s=utterances[end - 1].end_s,
                )
            )
            first = end
        return Dialogue(transcript, tuple(self._turns), tuple(self._sentences))

    def _read_turn(self, utterances: tuple[Utterance, ...], first: int, end: int) -> None:
        waiting: list[tuple[Word, int]] = []
        for index in range(first, end):
            if waiting and not _goes_on(utterances[index - 1], utterances[index]):
                self._add(utterances, waiting)
                waiting = []
            marked = marked_chars(utterances[index])
            for word in self._pipeline.words(utterances[index].text):
                if marked and any(start < word.last_char and word.first_char < stop for start, stop in marked):
                    self._add(utterances, waiting)
                    waiting = []
                    continue
                waiting.append((word, index))
                if word.ends:
                    self._add(utterances, waiting)
                    waiting = []
        self._add(utterances, waiting)

    def _add(self, utterances: tuple[Utterance, ...], spoken: list[tuple[Word, int]]) -> None:
        """Close a sentence; an overlong one in pieces, cut at its last pause."""
        while len(spoken) > LONGEST_SENTENCE:
            pauses = [i for i in range(LONGEST_SENTENCE // 2, LONGEST_SENTENCE + 1) if spoken[i][0].pause]
            cut = pauses[-1] if pauses else LONGEST_SENTENCE
            self._close(utterances, spoken[:cut])
            spoken = spoken[cut:]
        if spoken:
            self._close(utterances, spoken)

    def _close(self, utterances: tuple[Utterance, ...], spoken: list[tuple[Word, int]]) -> None:
        words = tuple([word for word, _ in spoken])
        utterance = spoken[0][1]
        starts: tuple[tuple[int, int], ...] = ()
        if utterance != spoken[-1][1]:
            starts = tuple((i, spoken[i][1]) for i in range(1, len(spoken)) if spoken[i][1] != spoken[i - 1][1])
        first_char = words[0].first_char
        last_char = words[(starts[0][0] if starts else len(words)) - 1].last_char
        text = utterances[utterance].text[first_char:last_char]
        for number, (first, index) in enumerate(starts):
            last = starts[number + 1][0] if number + 1 < len(starts) else len(words)
            text += " " + utterances[index].text[words[first].first_char : words[last - 1].last_char]
        fillers = self._fillers.find(words)
        asks = self._asks(words, fillers)
        self._sentences.append(
            Sentence(
                index=len(self._sentences),
                utterance=utterance,
                turn=len(self._turns),
                speaker=utterances[utterance].speaker,
                first_char=first_char,
                last_char=last_char,
                text=text,
                question=asks,
                may_ask=asks or self._marks_missing,
                words=words,
                fillers=fillers,
                starts=starts,
            )
        )

    def _asks(self, words: tuple[Word, ...], fillers: frozenset[int]) -> bool:
        """A question mark, or a question word in front where the recognizer wrote no full stop either."""
        if words[-1].ends:
            return words[-1].asks
        opening = next((word for index, word in enumerate(words) if index not in fillers), words[0])
        return opening.text in self._pipeline.lexicon.asking


@cache
def _fillers(language: Pipeline) -> FillerFinder:
    return FillerFinder(language.lexicon.fillers)


def _goes_on(before: Utterance, after: Utterance) -> bool:
    if before.end_s is None or after.start_s is None:
        return True
    return after.start_s - before.end_s <= LONGEST_PAUSE_WITHIN_S


def marked_chars(utterance: Utterance) -> tuple[tuple[int, int], ...]:
    """Slices of the utterance's text that are marked as not to be trusted (end exclusive)."""
    if not utterance.marks:
        return ()
    places = word_places(utterance)
    spans = []
    for mark in utterance.marks:
        inside = places[max(mark.first, 0) : mark.last + 1]
        if inside:
            spans.append((inside[0][0], inside[-1][1]))
    return tuple(spans)


def word_places(utterance: Utterance) -> list[tuple[int, int]]:
    """The slice of the text of each of the utterance's words (of each run of non-space where there are no words)."""
    heard = [word.text.strip() for word in utterance.words] or utterance.text.split()
    places: list[tuple[int, int]] = []
    position = 0
    for text in heard:
        found = utterance.text.find(text, position)
        start = found if found >= 0 else position
        position = min(start + len(text), len(utterance.text))
        places.append((start, position))
    return places
