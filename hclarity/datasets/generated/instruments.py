"""Play a `Part` with nothing but numpy and scipy: four players, each with a new timbre every call.

All take the part, the number of frames, the sample rate in Hz (from 16 kHz on) and the random
generator that decides everything; the same seed gives the same samples. All return
``[2, frames]`` with an RMS of -20 dBFS where the part sounds; peaks may pass full scale and are
kept. A part that plays nothing is silent.
"""

import numpy as np

from hclarity.audio.values import Samples
from hclarity.datasets.generated.composition import Part
from hclarity.datasets.generated.drum_machine import drum_track
from hclarity.datasets.generated.formant_singer import singer_track
from hclarity.datasets.generated.synthesisers import accompaniment_track, bass_track
from hclarity.datasets.generated.waveforms import edges

__all__ = ["play_accompaniment", "play_bass", "play_drums", "sing"]

LEVEL = 0.1  # RMS, -20 dBFS
SILENCE = 1e-4  # of the loudest block's energy: below it nothing plays
BLOCK = 0.05  # s
FADE = 0.005  # s, where the piece is cut


def play_drums(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play General MIDI percussion keys on a kit: ``[2, frames]``."""
    return _finished(drum_track(part, frames, sample_rate, rng), sample_rate)


def play_bass(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play a bass line, plucked or synthetic, clean or driven: ``[2, frames]``."""
    return _finished(bass_track(part, frames, sample_rate, rng), sample_rate)


def play_accompaniment(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Play a part on an instrument that suits its style: ``[2, frames]``."""
    return _finished(accompaniment_track(part, frames, sample_rate, rng), sample_rate)


def sing(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Sing a melody on nonsense syllables: ``[2, frames]``."""
    return _finished(singer_track(part, frames, sample_rate, rng), sample_rate)


def _finished(track: Samples, sample_rate: int) -> Samples:
    """Fade the cut end and bring the track to its level over the blocks that sound."""
    frames = track.shape[1]
    track = np.multiply(track, edges(frames, 0, FADE * sample_rate))
    starts = np.arange(0, frames, round(BLOCK * sample_rate))
    energy = np.add.reduceat((track.astype(np.float64) ** 2).sum(axis=0), starts)
    active = energy > SILENCE * energy.max(initial=0)
    if not active.any():
        return track
    power = energy[active].sum() / (2 * np.diff(starts, append=frames)[active].sum())
    return track * np.float32(LEVEL / np.sqrt(power))
