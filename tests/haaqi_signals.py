"""Sounds and ears for tests of HAAQI, and what pyclarity says of them."""

import warnings
from dataclasses import astuple

import numpy as np
import soxr
from audio_files import stempeg_example
from numpy.typing import NDArray

from hclarity.audio.reading import AudioReader
from hclarity.metrics.haaqi.score import Components, components

__all__ = ["RATE", "both_engines", "ear", "hertz", "noise", "of_music", "quietly"]

RATE = 24000
hertz = (250, 500, 1000, 2000, 3000, 4000, 6000)
Signal = NDArray[np.float64]


def ear(*thresholds: float, equalisation: int = 1, level1: float = 65.0, seed: int = 0) -> dict:
    """Words of a call: thresholds at 250 Hz to 6 kHz, or one for all."""
    return {
        "frequencies": hertz,
        "thresholds": thresholds if len(thresholds) > 1 else thresholds * len(hertz),
        "equalisation": equalisation,
        "level1": level1,
        "seed": seed,
    }


def noise(frames: int, seed: int = 0, level: float = 0.1) -> Signal:
    """White noise."""
    return level * np.random.default_rng(seed).standard_normal(frames)


def of_music(begin: float, seconds: float, rate: int = RATE) -> tuple[Signal, Signal]:
    """The vocals of a real song, and its mixture."""
    heard = []
    for stream in (4, 0):
        with AudioReader(stempeg_example(), stream=stream) as reader:
            its = reader.sample_rate
            stem = reader.excerpt(round(begin * its), round(seconds * its)).mean(axis=0)
        heard.append(soxr.resample(stem.astype(np.float64), its, rate))
    return heard[0], heard[1]


def quietly(reference: Signal, processed: Signal, **words: object) -> Components:
    """Components by pyclarity, without the warnings of its imports and its arithmetic."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return components(reference, processed, engine="reference", **words)


def both_engines(
    reference: Signal, processed: Signal, rates: tuple[int, int] = (RATE, RATE), **words: object
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score and components, by us and by pyclarity."""
    words |= {"reference_rate": rates[0], "processed_rate": rates[1]}
    ours, theirs = components(reference, processed, **words), quietly(reference, processed, **words)
    return np.array([ours.score, *astuple(ours)]), np.array([theirs.score, *astuple(theirs)])
