"""Pyclarity's software for hearing, as a witness; what it warns of and logs is its own business."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def unwarned() -> Iterator[None]:
    """While pyclarity is imported or runs; one of its modules gives the root logger a handler."""
    root, before = logging.root, logging.root.manager.disable
    handlers, level = list(root.handlers), root.level
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(before)


def their_audiogram(ours):
    with unwarned():
        from clarity.utils.audiogram import Audiogram
    return Audiogram(np.array(ours.thresholds), np.array(ours.frequencies))


def their_nalr(order, rate):
    with unwarned():
        from clarity.enhancer.nalr import NALR
    return NALR(order, rate)


def their_bands(samples, wdrc, ear, rate):
    """What their multiband compressor makes of one channel: ``[bands, frames]``."""
    with unwarned():
        from clarity.enhancer.multiband_compressor import MultibandCompressor

        compressor = MultibandCompressor(list(wdrc.crossovers_hz), rate)
        compressor.set_compressors(
            attack=[1000 * seconds for seconds in wdrc.attack_s],
            release=[1000 * seconds for seconds in wdrc.release_s],
            threshold=list(wdrc.thresholds_db),
            ratio=list(ear.ratios),
            makeup_gain=list(ear.gains_db),
        )
        return compressor(np.array(samples, np.float64), return_bands=True)[1][:, 0]


def their_camfit(audiogram, bands, levels):
    """Gains by the linear rule, ``[bands]``, and by the compressive one, ``[levels, bands]``."""
    with unwarned():
        from clarity.enhancer.gha import gainrule_camfit
    heard = their_audiogram(audiogram)
    model = {
        "frequencies": np.array(bands.centres),
        "edge_frequencies": np.array(bands.edges),
        "levels": np.array(levels, np.float64),
    }
    with unwarned():
        _, _, _, linear = gainrule_camfit.gainrule_camfit_linear(heard, heard, model)
        compressive, _, _ = gainrule_camfit.gainrule_camfit_compr(heard, heard, model)
    return linear[:, 0], compressive[:, :, 0]
