"""What all generated instruments share: wavetables that change in time, envelopes, filters, mixing.

A tone is a table of single cycles, one row for each moment of its life, read along the phase and
down the rows. Pitch, spectrum and level may therefore change freely at the cost of one look-up.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = [
    "TABLE",
    "Curve",
    "Signal",
    "drawn",
    "edges",
    "filtered",
    "harmonic_numbers",
    "hertz",
    "noise",
    "panned",
    "place",
    "scan",
    "wavetable",
]

Signal = NDArray[np.float32]
Curve = NDArray[np.floating]

TABLE = 2048  # samples of one cycle
HIGHEST = 0.45  # share of the sample rate up to which harmonics sound


def drawn(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between ``low`` and ``high``, evenly spread over its logarithm."""
    return float(low * (high / low) ** rng.random())


def hertz(pitch: float) -> float:
    """The frequency of a MIDI number in equal temperament, A4 = 69 = 440 Hz."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def harmonic_numbers(hz: float, sample_rate: int) -> Signal:
    """``[harmonics]``: 1, 2, 3, … as far as a tone of ``hz`` may go without aliasing."""
    count = int(np.clip(HIGHEST * sample_rate / hz, 1, TABLE // 4))
    return np.arange(1, count + 1, dtype=np.float32)


def wavetable(spectra: NDArray[np.floating] | NDArray[np.complexfloating]) -> Signal:
    """Single cycles with the given harmonics.

    Args:
        spectra: ``[rows, harmonics]`` amplitudes of the sines, the fundamental first; complex
            ones carry a phase.

    Returns:
        ``[rows, TABLE + 1]``; the last column repeats the first, for `scan` to interpolate into.
    """
    bins = np.zeros((len(spectra), TABLE // 2 + 1), np.complex64)
    bins[:, 1 : spectra.shape[1] + 1] = -0.5j * TABLE * spectra
    cycles = np.fft.irfft(bins, TABLE).astype(np.float32, copy=False)
    return np.concatenate([cycles, cycles[:, :1]], axis=1)


def scan(table: Signal, cycles: Curve, rows: Curve) -> Signal:
    """Read a wavetable, interpolating linearly along both axes.

    Args:
        table: ``[rows, TABLE + 1]`` of at least two rows.
        cycles: ``[frames]`` phase, in cycles (a whole number is where the table begins).
        rows: ``[frames]`` position down the table, ``0 .. rows - 1``.
    """
    width = table.shape[1]
    column = (cycles - np.floor(cycles)) * (width - 1)
    left = column.astype(np.int32)
    across = (column - left).astype(np.float32)
    upper = np.minimum(rows.astype(np.int32), len(table) - 2)
    down = (rows - upper).astype(np.float32)
    cells = table.ravel()
    corner = upper * width + left
    top, bottom = cells[corner], cells[corner + width]
    top += across * (cells[corner + 1] - top)
    bottom += across * (cells[corner + width + 1] - bottom)
    return np.asarray(top + down * (bottom - top))


def edges(frames: int, attack: float, release: float) -> Signal:
    """``[frames]``: an envelope of 1 with raised-cosine flanks, both given in frames."""
    position = np.arange(frames, dtype=np.float32)
    rise = np.clip((position + 1) / max(attack, 1), 0, 1)
    fall = np.clip((frames - position) / max(release, 1), 0, 1)
    return np.asarray(np.sin(np.pi / 2 * np.minimum(rise, fall)) ** 2, np.float32)


def noise(rng: np.random.Generator, frames: int) -> Signal:
    """``[frames]`` of white noise with an RMS of 1."""
    return rng.standard_normal(frames, np.float32)


def filtered(
    sound: Signal,
    kind: Literal["lowpass", "highpass", "bandpass"],
    hz: float | tuple[float, float],
    sample_rate: int,
    order: int = 2,
) -> Signal:
    """A Butterworth filter along the last axis; edges move below the Nyquist frequency."""
    sections = signal.butter(
        order, np.minimum(hz, HIGHEST * sample_rate), kind, fs=sample_rate, output="sos"
    )
    return np.asarray(signal.sosfilt(sections, sound), np.float32)


def panned(sound: Signal, pan: float) -> Signal:
    """``[2, frames]`` with constant power; ``pan`` runs from -1 (left) to 1 (right)."""
    angle = np.pi / 4 * (1 + pan)
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
    return gains * sound


def place(track: Signal, sound: Signal, start: int) -> None:
    """Add ``sound`` to ``track`` from frame ``start`` on; what lies outside the track is lost."""
    first, last = max(start, 0), min(start + sound.shape[-1], track.shape[-1])
    if first < last:
        track[..., first:last] += sound[..., first - start : last - start]
