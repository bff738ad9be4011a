"""What somebody may have meant by a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'NAME'?)"`` for the known name nearest to ``word``, or nothing.

    >>> did_you_mean("licens", ["title", "licence"])
    " (did you mean 'licence'?)"
    >>> did_you_mean("colour", ["title", "licence"])
    ''
    """
    nearest = get_close_matches(word, list(known), n=1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""
