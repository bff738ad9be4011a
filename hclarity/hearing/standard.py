"""Ten standard listeners, from a very mild to a profound hearing loss, to compare programs with.

N1 to N7 are flat or moderately sloping, S1 to S3 steep; each hears the same with both ears.

Source: N. Bisgaard, M. S. M. G. Vlaming and M. Dahlquist, "Standard audiograms for the IEC 60118-15
measurement procedure", Trends in Amplification 14 (2010) 113-120, tables 2 and 3.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from hclarity.hearing.audiogram import Audiogram, Listener

__all__ = ["STANDARD_LISTENERS", "example_listener"]

_HZ = (250, 375, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000)
_DB_HL = {
    "N1": (10, 10, 10, 10, 10, 10, 15, 20, 30, 40),
    "N2": (20, 20, 20, 22.5, 25, 30, 35, 40, 45, 50),
    "N3": (35, 35, 35, 35, 40, 45, 50, 55, 60, 65),
    "N4": (55, 55, 55, 55, 55, 60, 65, 70, 75, 80),
    "N5": (65, 67.5, 70, 72.5, 75, 80, 80, 80, 80, 80),
    "N6": (75, 77.5, 80, 82.5, 85, 90, 90, 95, 100, 100),
    "N7": (90, 92.5, 95, 100, 105, 105, 105, 105, 105, 105),
    "S1": (10, 10, 10, 10, 10, 10, 15, 30, 55, 70),
    "S2": (20, 20, 20, 22.5, 25, 35, 55, 75, 95, 95),
    "S3": (30, 30, 35, 47.5, 60, 70, 75, 80, 80, 85),
}


def _both_ears(name: str, thresholds: tuple[float, ...]) -> Listener:
    ear = Audiogram(_HZ, thresholds)
    return Listener(ear, ear, name)


STANDARD_LISTENERS: Mapping[str, Listener] = MappingProxyType(
    {name: _both_ears(name, thresholds) for name, thresholds in _DB_HL.items()}
)


def example_listener() -> Listener:
    """A moderate sloping loss, the same in both ears, to try things with: the standard N3."""
    return replace(STANDARD_LISTENERS["N3"], name="a moderate sloping loss")
