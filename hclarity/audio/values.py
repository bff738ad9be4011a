"""What is heard, as values: a piece of audio, and the stems it is made of.

One shape law for the whole package: ``[channels, frames]`` for audio, ``[stems, channels, frames]``
for stems, float32, full scale at ±1.0 (larger values are allowed and kept). Only the file readers
and writers know the other order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hclarity.errors import BadDataError

__all__ = ["Audio", "Samples", "Stems"]

Samples = NDArray[np.float32]


def _checked(samples: NDArray[np.floating], axes: str, sample_rate: int) -> Samples:
    """Return ``samples`` as float32, or refuse what no song can be."""
    wanted = axes.count(",") + 1
    if samples.ndim != wanted:
        raise BadDataError(f"expected samples of shape {axes}, got {samples.ndim} axes")
    if 0 in samples.shape[:-1]:
        raise BadDataError(f"expected samples of shape {axes}, got {list(samples.shape)}")
    if sample_rate <= 0:
        raise BadDataError(f"the sample rate must be above 0 Hz, got {sample_rate}")
    if not np.isfinite(samples).all():
        bad = int(np.size(samples) - np.count_nonzero(np.isfinite(samples)))
        raise BadDataError(f"{bad} of {samples.size} samples are NaN or infinite")
    return samples.astype(np.float32, copy=False)


@dataclass(frozen=True, eq=False)
class Audio:
    """A piece of audio held in memory.

    Args:
        samples: ``[channels, frames]``, finite; other float types are converted to float32.
        sample_rate: in Hz.

    Raises:
        BadDataError: for a wrong shape, a rate of 0 Hz or below, NaN or infinite samples.

    >>> Audio(np.zeros((2, 44100)), 44100).seconds
    1.0
    """

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "samples", _checked(self.samples, "[channels, frames]", self.sample_rate)
        )

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.samples.shape[0])

    @property
    def frames(self) -> int:
        """How many samples each channel has."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """How long it lasts, in s."""
        return self.frames / self.sample_rate


@dataclass(frozen=True, eq=False)
class Stems:
    """The separated sources of one song, equally long by construction.

    Args:
        names: one for each stem, all different.
        samples: ``[stems, channels, frames]``, finite.
        sample_rate: in Hz.

    Raises:
        BadDataError: for a wrong shape or number of names, a name twice, or what `Audio` refuses.
    """

    names: tuple[str, ...]
    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        axes = "[stems, channels, frames]"
        object.__setattr__(self, "samples", _checked(self.samples, axes, self.sample_rate))
        if len(self.names) != self.samples.shape[0]:
            raise BadDataError(f"{len(self.names)} names for {self.samples.shape[0]} stems")
        if len(set(self.names)) != len(self.names):
            raise BadDataError(f"a stem is named twice: {', '.join(self.names)}")

    @classmethod
    def of(cls, stems: Mapping[str, Audio]) -> "Stems":
        """Stack named pieces of audio that agree in rate, channels and length.

        Raises:
            BadDataError: when there is none, or when they disagree, naming both sides.
        """
        if not stems:
            raise BadDataError("a song needs at least one stem, got none")
        first_name, first = next(iter(stems.items()))
        for name, audio in stems.items():
            if (audio.sample_rate, audio.samples.shape) != (first.sample_rate, first.samples.shape):
                raise BadDataError(
                    f"stems must agree: {first_name} has {first.channels} channels of"
                    f" {first.frames} frames at {first.sample_rate} Hz, {name} has"
                    f" {audio.channels} of {audio.frames} at {audio.sample_rate} Hz"
                )
        stacked = np.stack([audio.samples for audio in stems.values()])
        return cls(tuple(stems), stacked, first.sample_rate)

    def __getitem__(self, name: str) -> Audio:
        """One stem, by its name.

        Raises:
            BadDataError: when there is no such stem; the message lists those there are.
        """
        if name not in self.names:
            raise BadDataError(f"no stem named {name!r}; there are {', '.join(self.names)}")
        return Audio(self.samples[self.names.index(name)], self.sample_rate)

    def mix(self) -> Audio:
        """Every stem summed, in float32."""
        return Audio(self.samples.sum(axis=0), self.sample_rate)
