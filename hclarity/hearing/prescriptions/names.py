"""What prescriptions there are, and where they come from; nothing is computed here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

__all__ = ["PRESCRIPTIONS", "Prescription"]

Prescription = Literal["nalr", "nalrp", "cameq", "camfit", "fig6", "half", "none"]

PRESCRIPTIONS: Mapping[Prescription, str] = MappingProxyType(
    {
        "nalr": "NAL-R (Byrne and Dillon 1986), also the Cadenza challenges' choice",
        "nalrp": "NAL-RP (Byrne, Parkinson and Newall 1990), for severe and profound losses",
        "cameq": "the linear Cambridge formula (Moore and Glasberg 1998)",
        "camfit": "the compressive Cambridge rule at 65 dB SPL (Moore et al. 1999)",
        "fig6": "FIG6 at 65 dB SPL (Killion and Fikret-Pasa 1993)",
        "half": "half the loss at each frequency (Lybarger 1944)",
        "none": "no gain, whatever the audiogram",
    }
)
"""What each is, and from where, in one line."""
