"""What of a sound tells voices apart: cepstra of the telephone band and the pitch, every 10 ms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor
from scipy.fft import dct, irfft, rfft

from workers.speech.spans import SAMPLE_RATE_HZ

Sound = npt.NDArray[np.float32]
#: Samples between two frames (10 ms).
HOP_SAMPLES = 160
_FRAME_SAMPLES, _FFT = 400, 512
_BANDS, _CEPSTRA = 32, 16
#: The bands of about 200 to 3,800 Hz: what a telephone line carries.
_TELEPHONE = slice(3, 27)
_PITCH_SAMPLES, _PITCH_FFT = 640, 2048
_LOWEST_HZ, _HIGHEST_HZ = 70, 400
#: Autocorrelation from which a frame has a pitch.
_VOICED = 0.5
_EMPHASIS = 0.97
_MEL = FeatureExtractor.get_mel_filters(SAMPLE_RATE_HZ, _FFT, n_mels=_BANDS)


def frames_of(sound: Sound) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Features (frames, 17) and loudness (frames,) of a stretch; the last feature is the log of the pitch in Hz, NaN without one."""
    count = 1 + (len(sound) - _PITCH_SAMPLES) // HOP_SAMPLES
    if count <= 0:
        return np.zeros((0, _CEPSTRA + 1), np.float32), np.zeros(0, np.float32)
    emphasized = np.append(sound[:1], sound[1:] - _EMPHASIS * sound[:-1]).astype(np.float32)
    power = np.abs(rfft(_sliced(emphasized, count, _FRAME_SAMPLES), _FFT)) ** 2
    cepstra = dct(np.log(power @ _MEL.T + 1e-8)[:, _TELEPHONE], norm="ortho")[:, : _CEPSTRA + 1]
    features = np.column_stack([cepstra[:, 1:], _pitch(sound, count)]).astype(np.float32)
    return features, cepstra[:, 0].astype(np.float32)


def _pitch(sound: Sound, count: int) -> npt.NDArray[np.float64]:
    """Log of the strongest period's frequency by autocorrelation (Boersma 1993), NaN where nothing repeats itself."""
    shortest, longest = SAMPLE_RATE_HZ // _HIGHEST_HZ, SAMPLE_RATE_HZ // _LOWEST_HZ
    repeats = irfft(np.abs(rfft(_sliced(sound, count, _PITCH_SAMPLES), _PITCH_FFT)) ** 2)[:, : longest + 1]
    window = irfft(np.abs(rfft(np.hanning(_PITCH_SAMPLES), _PITCH_FFT)) ** 2)[: longest + 1]
    repeats = repeats / np.maximum(repeats[:, :1], 1e-9) / (window / window[0])
    period = repeats[:, shortest:].argmax(axis=1) + shortest
    sure = repeats[np.arange(count), period] > _VOICED
    return np.where(sure, np.log(SAMPLE_RATE_HZ / period), np.nan)


def _sliced(sound: Sound, count: int, samples: int) -> npt.NDArray[np.float32]:
    slices = np.lib.stride_tricks.as_strided(
        sound, (count, samples), (sound.strides[0] * HOP_SAMPLES, sound.strides[0]), writeable=False
    )
    return np.asarray(slices * np.hanning(samples).astype(np.float32), dtype=np.float32)
