"""Lengths of time as people type them."""

import re

from hclarity.errors import UsageError

__all__ = ["parse_duration"]

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = r"(\d+(?:\.\d+)?)([dhms])"


def parse_duration(word: str) -> float:
    """Return the seconds of a length of time.

    Raises:
        UsageError: for anything else.

    >>> parse_duration("2h30m"), parse_duration("90s")
    (9000.0, 90.0)
    """
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, word))
    if not re.fullmatch(f"(?:{_PART})+", word) or not seconds:
        raise UsageError(f"expected a length of time such as 2h30m or 90s, got {word!r}")
    return seconds
