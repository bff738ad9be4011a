"""The auditory model: what the nerves of an ear get of two signals.

All bands at once are kept only of the reference's noise; what a few bands hear is reduced to
segments before the next ones begin.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.alignment import band_delays, shift
from hclarity.metrics.haaqi.cochlea import Place
from hclarity.metrics.haaqi.compression import average_level, widened
from hclarity.metrics.haaqi.covariance import covariances
from hclarity.metrics.haaqi.envelopes import smoothed
from hclarity.metrics.haaqi.gammatone import group_delay, pole
from hclarity.metrics.haaqi.hair_cells import firing
from hclarity.metrics.haaqi.membrane import GROUP, control_powers, vibrate
from hclarity.metrics.haaqi.noise import Noise

__all__ = ["Heard", "hear"]

Signal = NDArray[np.float64]

_NOISE_DB = -10.0  # the noise that is heard in silence, above threshold


@dataclass(frozen=True)
class Heard:
    """What an ear heard of a reference and of a processed signal.

    Attributes:
        envelopes: smoothed, dB above threshold, ``[2, bands, segments]``.
        covariance: of the two motions, ``[bands, other segments]``.
        level: mean square of the reference's motion, of the same shape.
        spectra: long-term levels, dB above threshold, ``[2, bands]``.
    """

    envelopes: Signal
    covariance: Signal
    level: Signal
    spectra: Signal


def hear(
    places: Sequence[Place],
    signals: tuple[Signal, Signal],
    level1: float,
    seed: int,
    threads: int,
) -> Heard:
    """Let an ear listen to two signals.

    Args:
        places: of the ear's cochlea.
        signals: reference and processed, behind the middle ear, at 24 kHz, ``[frames]``.
        level1: dB SPL of a signal whose RMS is 1.
        seed: of the noise that is heard in silence.
        threads: that share the work; the result does not depend on them.
    """
    noise = Noise(seed)
    hiss = np.empty((len(places), signals[0].size))
    with ThreadPoolExecutor(threads) as pool:
        drawn = pool.submit(noise.fill, hiss.reshape(-1))
        controls = np.array(list(pool.map(lambda signal: control_powers(signal, places), signals)))
        drawn.result()
        ear = _Ear(places, signals, level1, controls, hiss, noise)
        shares = pool.map(ear.listen, range(threads))
        bands = [band for _, band in sorted(chain(*shares), key=itemgetter(0))]
    return Heard(
        envelopes=np.stack([band.envelopes for band in bands], axis=1),
        covariance=np.stack([band.covariance for band in bands]),
        level=np.stack([band.level for band in bands]),
        spectra=np.stack([band.averages for band in bands], axis=1),
    )


@dataclass(frozen=True)
class _BandHeard:
    """What is kept of a band; see `Heard`."""

    envelopes: Signal
    covariance: Signal
    level: Signal
    averages: Signal


@dataclass
class _Ear:
    """Listens to the bands one group after the other, in any thread.

    Args:
        places: of the ear's cochlea.
        signals: that it listens to, ``[frames]``.
        level1: dB SPL of a signal whose RMS is 1.
        controls: their power in the filters that control each place, ``[signals, bands]``.
        hiss: noise for the first signal, ``[bands, frames]``.
        noise: for the second, yet to be drawn.
    """

    places: Sequence[Place]
    signals: tuple[Signal, Signal]
    level1: float
    controls: Signal
    hiss: Signal
    noise: Noise
    _turn: Lock = field(default_factory=Lock)
    _next: int = 0

    def __post_init__(self) -> None:
        self._poles = [
            [self._pole(place, power) for power in pair]
            for place, pair in zip(self.places, self.controls.T.tolist(), strict=True)
        ]
        delays = [group_delay(first) for first, _ in self._poles]
        self._waits = [max(delays) - delay for delay in delays]

    def listen(self, _: object) -> list[tuple[int, _BandHeard]]:
        """Listen to the next bands, and the next, until all are heard; return those, numbered."""
        frames, head = self.signals[0].size, max(self._waits)
        hiss = np.empty((GROUP, frames))
        vibrations = np.zeros((2, 2, GROUP, head + frames))
        heard: list[tuple[int, _BandHeard]] = []
        while (first := self._draw(hiss)) < len(self.places):
            bands = range(first, first + GROUP)
            powers = vibrate(
                self.signals,
                [self.places[band] for band in bands],
                [self._poles[band] for band in bands],
                self.level1,
                vibrations,
            )
            for k, band in enumerate(bands):
                noises = self.hiss[band], hiss[k]
                heard.append((band, self._reduced(band, vibrations[:, :, k], powers[:, k], noises)))
        return heard

    def _draw(self, hiss: Signal) -> int:
        """Fill in noise for the next bands; return the first of them."""
        with self._turn:  # for noise is one stream, band after band
            first, self._next = self._next, self._next + GROUP
            if first < len(self.places):
                self.noise.fill(hiss.reshape(-1))
        return first

    def _reduced(
        self, band: int, vibrations: Signal, powers: Signal, noises: tuple[Signal, Signal]
    ) -> _BandHeard:
        """What is kept of a band's vibrations, ``[2, signals, head and frames]``."""
        place, frames = self.places[band], self.signals[0].size
        head, wait = vibrations.shape[-1] - frames, self._waits[band]
        (x, y), (u, v) = vibrations[..., head:]
        for signal, delay in zip((y, v), band_delays((x, u), (y, v)), strict=True):
            shift(signal, delay)
        noise_gain = 10.0 ** ((_NOISE_DB - self.level1) / 20.0)
        firing((x, u, noises[0]), (y, v, noises[1]), self.level1 - place.inner_loss, noise_gain)
        envelopes, motions = vibrations[..., head - wait : head - wait + frames]
        covariance, level = covariances(*motions)
        loss = place.outer_loss + place.inner_loss
        averages = [
            average_level(power, control, self.level1, place.lower_knee, place.compression, loss)
            for power, control in zip(powers, self.controls[:, band], strict=True)
        ]
        kept = np.stack([smoothed(envelope) for envelope in envelopes])
        return _BandHeard(kept, covariance, level, np.array(averages))

    def _pole(self, place: Place, power: float) -> float:
        """A place's filter for a signal of that power in the filter that controls it."""
        width = widened(power, place.bandwidth, place.widest, self.level1)
        return pole(width * place.equivalent)
