"""Audiograms for the laws, and those with known answers."""

from hypothesis import strategies as st

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ

BISGAARD_HZ = (250, 375, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000)

# Bisgaard, Vlaming and Dahlquist 2010: the standard audiograms of IEC 60118-15, in dB HL.
BISGAARD = {
    name: Audiogram(BISGAARD_HZ, thresholds)
    for name, thresholds in {
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
    }.items()
}

NO_LOSS = Audiogram((250, 1000, 8000), (0, -5, 0))

hertz = st.floats(125, 16000)
decibels_hl = st.floats(-10, 120)


@st.composite
def audiograms(draw: st.DrawFn) -> Audiogram:
    """Any ear that an audiogram can describe."""
    # Closer than a hertz, two points can have one logarithm, and then there is none between them.
    frequencies = draw(st.lists(hertz, min_size=3, max_size=12, unique_by=round))
    count = len(frequencies)
    thresholds = draw(st.lists(decibels_hl, min_size=count, max_size=count))
    return Audiogram(tuple(sorted(frequencies)), tuple(thresholds))


@st.composite
def audiometric_audiograms(draw: st.DrawFn) -> Audiogram:
    """Any ear, measured at some of the usual frequencies."""
    frequencies = draw(st.sets(st.sampled_from(AUDIOMETRIC_HZ), min_size=3))
    count = len(frequencies)
    thresholds = draw(st.lists(decibels_hl, min_size=count, max_size=count))
    return Audiogram(tuple(sorted(frequencies)), tuple(thresholds))
