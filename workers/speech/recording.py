"""A decoded recording: random access to its sound without holding it in memory."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from service.scoring.errors import StoreUnavailable
from workers.speech.spans import SAMPLE_RATE_HZ, Span

#: Sound up to this size stays in memory (17 minutes of stereo); the rest goes to a nameless file that ends with the process.
_IN_MEMORY_BYTES = 64 * 1024 * 1024
_SAMPLE_BYTES = 2
_FULL_SCALE = 32768.0


class Recording:
    """int16 samples at 16 kHz, channels interleaved, in a spooled temporary file; read as float32 in -1..1."""

    def __init__(self, scratch_dir: Path | None = None) -> None:
        self._scratch_dir = scratch_dir
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  closed by close()
            max_size=_IN_MEMORY_BYTES, dir=None if scratch_dir is None else str(scratch_dir)
        )
        self._columns = 0
        self._reading = threading.Lock()
        self._merged = False
        self.samples = 0
        self.warnings: tuple[str, ...] = ()
        #: The channels that were kept (from 0) of more than two.
        self.chosen: tuple[int, ...] | None = None

    @property
    def channels(self) -> int:
        """1 or 2."""
        return 1 if self._merged else self._columns

    @property
    def duration_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ

    def append(self, block: npt.NDArray[np.int16]) -> None:
        """Add a block (samples, channels).

        Raises:
            StoreUnavailable: the disk is full.
        """
        self._columns = self._columns or block.shape[1]
        try:
            self._file.write(block.tobytes())
            self._file.flush()
        except OSError as error:
            where = self._scratch_dir or tempfile.gettempdir()
            raise StoreUnavailable(
                f"No space for the decoded sound in {where} ({error.strerror}): an hour of two channels takes 230 MB. "
                "Free some space; the call will be tried again."
            ) from error
        self.samples += len(block)

    def merge(self) -> None:
        """Treat all channels as one, the first: they hold the same sound."""
        self._merged = True

    def read(self, channel: int, span: Span) -> npt.NDArray[np.float32]:
        """The samples of a span of one channel, fewer where the recording ends before it; threads may read at the same time."""
        with self._reading:
            self._file.seek(span.start * self._columns * _SAMPLE_BYTES)
            data = self._file.read(span.samples * self._columns * _SAMPLE_BYTES)
        frames = np.frombuffer(data, dtype=np.int16).reshape(-1, self._columns)
        return frames[:, channel].astype(np.float32) / np.float32(_FULL_SCALE)

    def close(self) -> None:
        """Give back memory and disk."""
        # What could not be written to a full disk was told by append(); it needs no second complaint.
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
