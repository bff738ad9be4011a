"""Which scheme of bands the weights of a BandSplitRNN belong to."""

from collections.abc import Callable, Sequence

from hclarity.errors import BadDataError
from hclarity.nets.bands import SCHEMES, band_count

__all__ = ["scheme_of"]


def scheme_of(
    widths: Sequence[int],
    sample_rate: int | None,
    rule: Callable[..., tuple[int, ...]],
) -> str:
    """Return the first scheme that has these bands; schemes of as many bands are the same.

    Args:
        widths: bins of each band.
        sample_rate: in Hz; where it is not told, only the number of bands is compared.
        rule: `hclarity.nets.bands.band_widths` or `band_widths_by_edges`.

    Raises:
        BadDataError: when there is none.
    """
    scheme = next((name for name in SCHEMES if band_count(name) == len(widths)), None)
    if scheme is None:
        raise BadDataError(f"no known band scheme has {len(widths)} bands")
    if sample_rate is None:
        return scheme
    n_fft = 2 * (sum(widths) - 1)
    try:
        expected = rule(scheme, sample_rate=sample_rate, n_fft=n_fft)
    except ValueError as error:
        raise BadDataError(str(error)) from error
    if tuple(widths) != expected:
        raise BadDataError(
            f"expected bands of {list(expected)} bins with n_fft={n_fft} at {sample_rate} Hz,"
            f" got {list(widths)}"
        )
    return scheme
