"""How BandSplitRNN cuts a spectrum into bands.

Source: Y. Luo and J. Yu, "Music Source Separation With Band-Split RNN", IEEE/ACM TASLP 31, 2023,
sections III-B (V1 to V7) and IV (one scheme for each stem).
"""

from collections.abc import Callable, Iterator

__all__ = ["SCHEMES", "band_count", "band_widths", "band_widths_by_edges"]

_VOCALS = ((1000, 100), (4000, 250), (8000, 500), (16000, 1000), (20000, 2000))
_DRUMS = ((1000, 50), (2000, 100), (4000, 250), (8000, 500), (16000, 1000))

SCHEMES = {
    "v1": ((21000, 1000),),
    "v2": ((16000, 1000), (20000, 2000)),
    "v3": ((8000, 1000), (16000, 2000), (20000, 4000)),
    "v4": ((1000, 100), (8000, 1000), (16000, 2000), (20000, 4000)),
    "v5": ((1000, 100), (16000, 1000), (20000, 2000)),
    "v6": ((1000, 100), (4000, 500), (8000, 1000), (16000, 2000), (20000, 4000)),
    "v7": _VOCALS,
    "vocals": _VOCALS,
    "other": _VOCALS,
    "bass": ((500, 50), (1000, 100), (4000, 500), (8000, 1000), (16000, 2000)),
    "drums": _DRUMS,
    "joint": (*_DRUMS, (20000, 2000)),
}
"""Name -> (up to this many Hz, bands of this many Hz), from the lowest; above them is one more."""


def band_count(scheme: str) -> int:
    """How many bands one of `SCHEMES` has, at any sample rate.

    >>> band_count("v7")
    41
    """
    return sum(1 for _ in _edges(scheme)) + 1


def band_widths(scheme: str, *, sample_rate: int, n_fft: int) -> tuple[int, ...]:
    """Return the bins of each band, where bands of as many Hz have as many bins.

    A band of w Hz has ``floor(w * (n_fft / 2 + 1) / (sample_rate / 2))`` bins, as in the code of
    the paper's authors; so the edges drift below the Hz that name them.

    Args:
        scheme: one of `SCHEMES`.
        sample_rate: in Hz.
        n_fft: frames in a window of the spectrogram.

    Raises:
        ValueError: for an unknown scheme, or one with a band that would hold no bin.

    >>> band_widths("v2", sample_rate=44100, n_fft=2048)[-3:]
    (92, 92, 105)
    """

    def narrow(low: int, high: int) -> int:
        return 2 * (high - low) * (n_fft // 2 + 1) // sample_rate

    return _widths(scheme, sample_rate, n_fft, narrow)


def band_widths_by_edges(scheme: str, *, sample_rate: int, n_fft: int) -> tuple[int, ...]:
    """Return the bins of each band, where a band holds the bins that lie between its edges.

    A bin on an edge belongs to the band above it; so bands of as many Hz can differ by a bin.

    Args:
        scheme: one of `SCHEMES`.
        sample_rate: in Hz.
        n_fft: frames in a window of the spectrogram.

    Raises:
        ValueError: as for `band_widths`.

    >>> band_widths_by_edges("v7", sample_rate=44100, n_fft=2048)[:3]
    (5, 5, 4)
    """

    def below(edge: int) -> int:
        return -(-edge * n_fft // sample_rate)

    return _widths(scheme, sample_rate, n_fft, lambda low, high: below(high) - below(low))


def _widths(
    scheme: str, sample_rate: int, n_fft: int, bins_between: Callable[[int, int], int]
) -> tuple[int, ...]:
    if scheme not in SCHEMES:
        raise ValueError(f"no band scheme {scheme!r}; there are {', '.join(SCHEMES)}")
    if sample_rate <= 0 or n_fft <= 0 or n_fft % 2:
        raise ValueError(f"no spectrogram has n_fft={n_fft} at {sample_rate} Hz")
    widths = [bins_between(low, high) for low, high in _edges(scheme)]
    widths.append(n_fft // 2 + 1 - sum(widths))
    if min(widths) < 1:
        raise ValueError(
            f"band {1 + widths.index(min(widths))} of the band scheme {scheme!r} would hold"
            f" {min(widths)} bins with n_fft={n_fft} at {sample_rate} Hz; a longer n_fft, a higher"
            " sample rate or another scheme is needed"
        )
    return tuple(widths)


def _edges(scheme: str) -> Iterator[tuple[int, int]]:
    """From and to how many Hz every band but the last reaches."""
    low = 0
    for top, width in SCHEMES[scheme]:
        while low < top:
            yield low, low + width
            low += width
