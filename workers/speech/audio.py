"""Decoding: any container and codec -> blocks of 16-bit samples at 16 kHz, one column a channel, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from service.scoring.errors import AudioTooLong, AudioUnreadable
from workers.speech.channels import Envelope, Loudness, choose_two
from workers.speech.container import Source, opened
from workers.speech.recording import Recording
from workers.speech.spans import SAMPLE_RATE_HZ

Block = npt.NDArray[np.int16]
#: Frames are gathered to blocks of about this many samples: one call of the resampler for seconds of sound, not for 20 ms.
_BLOCK_SAMPLES = 1 << 17
#: A jump of the timestamps up to this long is a pause that the recorder did not write; it becomes silence, so that
#: words keep the times that a player shows. A longer jump is a broken clock and is ignored.
_SHORTEST_GAP_S, _LONGEST_GAP_S = 0.2, 60.0
#: A container that announces at least this many times more than it holds is worth a remark.
_ANNOUNCED_MORE = 1.5
_ANNOUNCED_MORE_S = 5.0


def decode(
    audio: Path | BinaryIO,
    *,
    max_duration_s: float,
    scratch_dir: Path | None = None,
    on_progress: Callable[[float], None] | None = None,
    channels: tuple[int, int] | None = None,
) -> Recording:
    """Decode a whole recording: one channel, or two where it has two or more.

    Of more than two, `channels` (from 0, in this order) are kept, else the two loudest different ones in the recording's order.

    Two channels that hold the same sound become one. Damaged stretches are skipped. The caller closes the result.

    Raises:
        AudioUnreadable: nothing in it can be decoded; the message names what was found.
        AudioTooLong: it holds more than `max_duration_s` seconds.
        StoreUnavailable: no space for the decoded sound in `scratch_dir`.
    """
    report = on_progress or (lambda _share: None)
    chosen = _choice(audio, max_duration_s, lambda: report(0.0), channels)
    recording = Recording(scratch_dir)
    try:
        with opened(audio) as source:
            _fill(recording, source, chosen, max_duration_s, report)
    except BaseException:
        recording.close()
        raise
    return recording


def _fill(
    recording: Recording,
    source: Source,
    chosen: tuple[int, ...] | None,
    max_duration_s: float,
    report: Callable[[float], None],
) -> None:
    loudness: Loudness | None = None
    envelope = Envelope()
    warnings = list(source.warnings)
    for block in _blocks(source, max_duration_s, warnings):
        kept = block[:, :2] if chosen is None else block[:, list(chosen)]
        loudness = loudness or Loudness(kept.shape[1])
        loudness.add(kept)
        if kept.shape[1] > 1:
            envelope.add(kept)
        recording.append(kept)
        report(source.share_read)
    if loudness is None:
        raise AudioUnreadable("The recording holds no sound: no part of it could be decoded. Send it again.")
    if chosen is not None:
        names = " and ".join(str(channel + 1) for channel in chosen)
        recording.chosen = chosen
        warnings.append(f"The recording has {source.stream.codec_context.channels} channels; {names} were heard.")
    if loudness.channels > 1 and loudness.alike(0, 1):
        warnings.append("Both channels hold the same sound; it was heard as one channel.")
        recording.merge()
    elif (late_s := envelope.late_s()) is not None:
        warnings.append(f"Both channels hold the same sound, {abs(late_s):.1f} s apart; it was heard as one channel.")
        recording.merge()
    recording.warnings = tuple(warnings)


def _choice(
    audio: Path | BinaryIO,
    max_duration_s: float,
    on_block: Callable[[], None],
    wanted: tuple[int, int] | None,
) -> tuple[int, ...] | None:
    """The channels to keep, in order, of a recording with more than two; None where all are kept."""
    with opened(audio) as source:
        count = source.stream.codec_context.channels
        if count <= 2:  # noqa: PLR2004  a pair is a pair
            return None
        if wanted is not None:
            if max(wanted) >= count:
                raise AudioUnreadable(
                    f"The recording has {count} channels, but CALLSCORE_SPEECH_CHANNELS asks for channel {max(wanted) + 1}. "
                    "Correct the setting, or send the recording with all its channels."
                )
            return wanted
        loudness: Loudness | None = None
        for block in _blocks(source, max_duration_s, []):
            loudness = loudness or Loudness(block.shape[1])
            loudness.add(block)
            on_block()
        return choose_two(loudness) if loudness else None


def _blocks(source: Source, max_duration_s: float, warnings: list[str]) -> Iterator[Block]:
    """int16 arrays (samples, channels) at 16 kHz, all with the channel count of the first one."""
    limit = round(max_duration_s * SAMPLE_RATE_HZ)
    samples = 0
    for block in _resampled(_frames(source, warnings)):
        samples += len(block)
        if samples > limit:
            raise AudioTooLong(
                f"The recording is longer than the limit of {_clock(max_duration_s)}. Split it, or raise the limit."
            )
        yield block
    announced_s = float(source.container.duration or 0) / av.time_base
    held_s = samples / SAMPLE_RATE_HZ
    if announced_s > held_s * _ANNOUNCED_MORE + _ANNOUNCED_MORE_S:
        warnings.append(f"The file announces {_clock(announced_s)} but holds {_clock(held_s)}; it may be cut off.")


def _frames(source: Source, warnings: list[str]) -> Iterator[AudioFrame]:
    """Decoded frames; damaged packets are skipped and mentioned once."""
    damaged = 0
    packets = source.container.demux(source.stream)
    while True:
        try:
            packet = next(packets)
            for frame in packet.decode():
                if isinstance(frame, AudioFrame) and frame.samples:
                    yield frame
        except StopIteration:
            break
        except av.error.InvalidDataError:
            damaged += 1
        except av.error.EOFError:
            break
        except av.error.FFmpegError:
            # Reading itself failed: what came before is kept, nothing comes after.
            damaged += 1
            break
    if damaged:
        warnings.append(f"{damaged} damaged piece(s) of the recording were skipped.")


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[Block]:
    fifo, resampler, shape = AudioFifo(), None, None
    channels = 0
    expected_s: float | None = None
    for frame in frames:
        start_s = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else None
        gap_s = start_s - expected_s if start_s is not None and expected_s is not None else 0.0
        changed = shape != (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is not None and (changed or _SHORTEST_GAP_S <= gap_s <= _LONGEST_GAP_S):
            yield from _drained(fifo, resampler, channels, flush=changed)
            if _SHORTEST_GAP_S <= gap_s <= _LONGEST_GAP_S:
                yield np.zeros((round(gap_s * SAMPLE_RATE_HZ), channels), dtype=np.int16)
        if resampler is None or changed:
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            channels = channels or frame.layout.nb_channels
            layout = None if channels == frame.layout.nb_channels else ("mono" if channels == 1 else "stereo")
            fifo, resampler = AudioFifo(), AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE_HZ)
        expected_s = None if start_s is None else start_s + frame.samples / frame.sample_rate
        frame.pts = None  # The FIFO insists on timestamps without jumps.
        fifo.write(frame)
        if fifo.samples >= _BLOCK_SAMPLES:
            yield from _drained(fifo, resampler, channels, flush=False)
    if resampler is not None:
        yield from _drained(fifo, resampler, channels, flush=True)


def _drained(fifo: AudioFifo, resampler: AudioResampler, channels: int, *, flush: bool) -> Iterator[Block]:
    waiting = fifo.read() if fifo.samples else None
    for frame in (waiting, None) if flush else (waiting,):
        if frame is not None or flush:
            for part in resampler.resample(frame):
                yield np.asarray(part.to_ndarray(), dtype=np.int16).reshape(-1, channels)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
