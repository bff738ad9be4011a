"""The hearing aid of the second Cadenza challenge, with parameters of each listener's own."""

from math import sqrt

from hclarity.errors import BadDataError
from hclarity.evaluation.hearing_aids import CompressorAid
from hclarity.evaluation.protocols.metadata import Entry
from hclarity.hearing.cadenza.multiband_compressor import Band, MultibandCompressor

__all__ = ["CROSSOVERS", "PARAMETERS", "hearing_aid"]

PARAMETERS = "compressor_params"
CROSSOVERS = tuple(round(hz * sqrt(2), 2) for hz in (250, 500, 1000, 2000, 4000))  # Hz
_THRESHOLD = -30.0  # dB full scale
_ATTACK = (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)  # s
_RELEASE = (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)


def hearing_aid(parameters: Entry, listener: str) -> CompressorAid:
    """Return the aid of a listener.

    Args:
        parameters: of all listeners, ``compressor_params.SPLIT.json``: ratios ``cr_l`` and ``cr_r``
            and gains in dB ``gain_l`` and ``gain_r``, six each. They were fitted for the challenge
            with CAMFIT; nothing in its software makes them from an audiogram.
        listener: whose.

    Raises:
        BadDataError: when any is missing or out of range.
    """
    of_listener = parameters.entry(listener)
    return CompressorAid(_compressor(of_listener, "l"), _compressor(of_listener, "r"))


def _compressor(parameters: Entry, ear: str) -> MultibandCompressor:
    ratios, gains = parameters.numbers(f"cr_{ear}"), parameters.numbers(f"gain_{ear}")
    count = len(_ATTACK)
    if not len(ratios) == len(gains) == count:
        got = f"{len(ratios)} ratios and {len(gains)} gains"
        raise BadDataError(f"{parameters.where}: {count} bands have {got} in ear {ear}")
    if not all(ratio > 0 for ratio in ratios):
        raise BadDataError(f"{parameters.where}: a ratio must be above 0, got {min(ratios):g}")
    bands = zip(ratios, _ATTACK, _RELEASE, gains, strict=True)
    return MultibandCompressor(CROSSOVERS, tuple(Band(_THRESHOLD, *band) for band in bands))
