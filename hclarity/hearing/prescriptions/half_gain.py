"""The half-gain rule, from which the later prescriptions come.

Source: S. F. Lybarger's rule of 1944, as told by K. W. Berger in the American Journal of Audiology
(1993).
"""

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, InsertionGains
from hclarity.hearing.prescriptions.formulae import insertion_gains, thresholds_at

__all__ = ["half_gain"]


def half_gain(audiogram: Audiogram) -> InsertionGains:
    """Half the loss at each frequency: ``max(0, H(f) / 2)``.

    This is Lybarger's half taken at each frequency, not of the average loss, which would amplify
    all frequencies alike. Low frequencies get no less of it: POGO takes 10 dB off at 250 Hz and 5
    dB at 500 Hz, but is a rule of another name, and who wants less there has NAL-R.

    >>> half_gain(Audiogram((500, 1000, 2000, 4000), (35, 40, 50, 60))).at(4000)
    30.0
    """
    return insertion_gains(audiogram, AUDIOMETRIC_HZ, thresholds_at(audiogram, AUDIOMETRIC_HZ) / 2)
