"""Prescriptions by their names.

All are realised with one gain at each frequency, whatever the level: rules that know more than one
are asked for 65 dB SPL. For recorded music, which is compressed already, listeners with hearing
loss rate linear gain above wide dynamic range compression (Kirchberger and Russo, Trends in Hearing
20, 2016).
"""

from collections.abc import Callable, Mapping

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions.cambridge import cameq, camfit
from hclarity.hearing.prescriptions.fig6 import fig6
from hclarity.hearing.prescriptions.half_gain import half_gain
from hclarity.hearing.prescriptions.nal import nalr, nalrp
from hclarity.hearing.prescriptions.names import Prescription

__all__ = ["prescribe"]

_RULES: Mapping[Prescription, Callable[[Audiogram], InsertionGains]] = {
    "nalr": nalr,
    "nalrp": nalrp,
    "cameq": cameq,
    "camfit": camfit,
    "fig6": fig6,
    "half": half_gain,
    "none": lambda audiogram: NO_GAIN,
}


def prescribe(name: Prescription, audiogram: Audiogram) -> InsertionGains:
    """The gain that a prescription gives to an ear.

    Args:
        name: one of `PRESCRIPTIONS`.
        audiogram: of that ear.

    >>> prescribe("half", Audiogram((500, 1000, 2000), (35, 40, 50))).at(1000)
    20.0
    """
    return _RULES[name](audiogram)
