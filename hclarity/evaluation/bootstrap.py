"""Mean and median over songs, and how far other songs like them might have moved these."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hclarity.evaluation.definitions import Statistic

__all__ = ["interval", "over_songs"]

RESAMPLES = 2000
SEED = 0
COVERED = (0.025, 0.975)
_AT_ONCE = 4_000_000  # values, so that a thousand songs need no gigabyte

Values = NDArray[np.float64]


def over_songs(values: Values, statistic: Statistic) -> Values:
    """Take a statistic over songs, then the mean over stems; NaN stands for no value.

    Args:
        values: ``[..., songs, stems]``.
        statistic: over songs.

    Returns:
        ``[...]``; NaN where there are no values, or infinite ones of both signs.

    >>> float(over_songs(np.array([[1.0, 5], [2, np.nan], [6, 7]]), "median"))
    4.0
    """
    by_stem = _mean(values, axis=-2) if statistic == "mean" else _median(values)
    return _mean(by_stem, axis=-1)


def interval(values: Values, statistic: Statistic) -> tuple[float, float] | None:
    """Return the 95 % interval of a statistic: percentile bootstrap over songs, always the same.

    Songs are drawn with all their stems. Source: B. Efron and R. Tibshirani, "An Introduction to
    the Bootstrap", 1993, ch. 13.

    Args:
        values: ``[songs, stems]``; NaN for no value.
        statistic: over songs.

    Returns:
        Where it begins and ends; None for fewer than two songs with values, which tell nothing.
    """
    songs = len(values)
    if np.count_nonzero(~np.isnan(values).all(axis=1)) < 2:
        return None
    parts = [over_songs(values[drawn], statistic) for drawn in _draws(songs, values.shape[1])]
    statistics = np.concatenate(parts)
    # No interpolation, for between infinite values there is nothing.
    valued = np.sort(statistics[~np.isnan(statistics)])
    if not valued.size:
        return None
    low, high = (valued[round(share * (valued.size - 1))] for share in COVERED)
    return float(low), float(high)


def _draws(songs: int, stems: int) -> Iterator[NDArray[np.int64]]:
    """Songs drawn with replacement, ``[resamples, songs]``, in handy parts."""
    rng = np.random.default_rng(SEED)
    step = max(1, _AT_ONCE // (songs * stems))
    for done in range(0, RESAMPLES, step):
        yield rng.integers(0, songs, (min(step, RESAMPLES - done), songs))


def _mean(values: Values, axis: int) -> Values:
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):  # none at all, or infinite ones of both signs
        total = np.sum(values, axis=axis, where=there)
        return np.asarray(total / np.count_nonzero(there, axis=axis))


def _median(values: Values) -> Values:
    """The median over songs. Sorting, which puts NaN last, is far faster than `numpy.nanmedian`."""
    ordered = np.sort(values, axis=-2)
    count = np.count_nonzero(~np.isnan(values), axis=-2)[..., np.newaxis, :]
    middle = [np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2]
    low, high = (np.take_along_axis(ordered, at, axis=-2)[..., 0, :] for at in middle)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(low == high, low, (low + high) / 2))
