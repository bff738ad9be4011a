"""Stem gains from a file, as the Cadenza challenges write them.

Either the gains themselves, ``{"vocals": 3, "drums": -2}``, or several sets of them by their ids::

    {"gain_0001": {"vocals": 3, "drums": 0}, "gain_0002": {"vocals": -6}}
"""

from difflib import get_close_matches
from pathlib import Path

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.strict_json import as_number, as_object, parse, short
from hclarity.remixing.stem_gains import StemGains

__all__ = ["read_gains"]

_MOST_IDS_LISTED = 8


def read_gains(path: Path, gains_id: str | None = None) -> StemGains:
    """Read stem gains in dB.

    Args:
        path: the file, at most 4 MB of text.
        gains_id: which set to take from a file that holds several.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it holds no stem gains; the message starts with the path.
        UsageError: when ``gains_id`` is needed or unknown; the message lists those there are.
    """
    try:
        content = as_object(parse(text_in(path, "stem gains")), "a file of stem gains")
        if any(isinstance(value, dict) for value in content.values()):
            chosen = _chosen(list(content), gains_id)
            content = as_object(content[chosen], short(chosen))
        elif gains_id is not None:
            raise UsageError(f"no gains {gains_id!a}: the file holds one set without an id")
        return StemGains({stem: as_number(gain, short(stem)) for stem, gain in content.items()})
    except (BadDataError, UsageError) as error:
        raise type(error)(f"{path}: {error}") from None


def _chosen(ids: list[str], wanted: str | None) -> str:
    if wanted is None and len(ids) == 1:
        return ids[0]
    if wanted in ids:
        return wanted
    nearest = get_close_matches(wanted or "", ids, n=_MOST_IDS_LISTED, cutoff=0.0)
    listed = ", ".join(map(short, nearest)) + (" …" if len(ids) > len(nearest) else "")
    if wanted is None:
        raise UsageError(f"{len(ids)} sets of gains, choose one with --gains-id: {listed}")
    raise UsageError(f"no gains {wanted!a}; there are {listed}")
