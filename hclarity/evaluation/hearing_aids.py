"""What the listeners of the Cadenza challenges hear music through."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np

from hclarity.evaluation.ear_quality import Signal
from hclarity.evaluation.scores import Ear
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.cadenza_filter import filtered, nalr_filter
from hclarity.hearing.compressor import EarCompressor
from hclarity.hearing.wdrc import Wdrc

__all__ = [
    "EARS",
    "CompressorAid",
    "HearingAid",
    "NalrAid",
    "audiogram_of",
    "channel_of",
    "numbers_of",
]

EARS: tuple[Ear, ...] = ("left", "right")


class HearingAid(Protocol):
    """Amplifies what each ear hears."""

    @property
    def settings(self) -> Mapping[str, object]:
        """All that it depends on, for JSON."""

    def amplified(self, samples: Signal, ear: Ear, sample_rate: int) -> Signal:
        """Amplify what an ear hears, ``[frames]``; more may come out than went in."""


@dataclass(frozen=True)
class NalrAid:
    """The challenges' NAL-R filter: 220 samples more come out, 110 late."""

    listener: Listener

    @property
    def settings(self) -> Mapping[str, object]:
        """The listener's thresholds."""
        return {"nalr": numbers_of(self.listener)}

    def amplified(self, samples: Signal, ear: Ear, sample_rate: int) -> Signal:
        """Filter what an ear hears."""
        return filtered(samples, nalr_filter(audiogram_of(self.listener, ear), sample_rate))


@dataclass(frozen=True)
class CompressorAid:
    """A multiband compressor for each ear."""

    wdrc: Wdrc

    @property
    def settings(self) -> Mapping[str, object]:
        """All of the compression."""
        return {"compressor": asdict(self.wdrc)}

    def amplified(self, samples: Signal, ear: Ear, sample_rate: int) -> Signal:
        """Compress what an ear hears."""
        of_ear = self.wdrc.left if ear == "left" else self.wdrc.right
        return EarCompressor(self.wdrc, of_ear, sample_rate).push(samples)


def audiogram_of(listener: Listener, ear: Ear) -> Audiogram:
    """One ear of a listener."""
    return listener.left if ear == "left" else listener.right


def channel_of(samples: Signal, ear: Ear) -> Signal:
    """What an ear hears of ``[channels, frames]``: the first channel left, the last right."""
    return np.asarray(samples[0] if ear == "left" else samples[-1])


def numbers_of(listener: Listener) -> Mapping[str, object]:
    """A listener's thresholds, for JSON; no name, for who it is does not matter."""
    return {
        ear: [audiogram_of(listener, ear).frequencies, audiogram_of(listener, ear).thresholds]
        for ear in EARS
    }
