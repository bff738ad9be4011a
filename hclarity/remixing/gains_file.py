"""Stem gains from a file, as the Cadenza challenges write them.

Either the gains themselves, ``{"vocals": 3, "drums": -2}``, or several sets of them by their ids::

    {"gain_0001": {"vocals": 3, "drums": 0}, "gain_0002": {"vocals": -6}}

or, as the listening page saves what was chosen, with what the ears shall get::

    {"stem_gains_db": {"vocals": 3}, "prescription_percent": 75, "left_db": 0, "right_db": -2.5}
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.strict_json import as_number, as_object, parse, short
from hclarity.remixing.ear_levels import ALL_PRESCRIBED, EarLevels
from hclarity.remixing.stem_gains import StemGains

__all__ = ["ChosenGains", "read_gains"]

_MOST_IDS_LISTED = 8
_STEMS = "stem_gains_db"


@dataclass(frozen=True)
class ChosenGains:
    """What a file of gains holds.

    Args:
        stems: in dB.
        ears: what they shall get; all that is prescribed where nothing is said.
    """

    stems: StemGains
    ears: EarLevels = ALL_PRESCRIBED


def read_gains(path: Path, gains_id: str | None = None) -> ChosenGains:
    """Read gains.

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
        if _STEMS in content:
            return _chosen_on_page(content, gains_id)
        if any(isinstance(value, dict) for value in content.values()):
            chosen = _chosen(list(content), gains_id)
            content = as_object(content[chosen], short(chosen))
        else:
            _refuse_id(gains_id)
        return ChosenGains(_stem_gains(content))
    except (BadDataError, UsageError) as error:
        raise type(error)(f"{path}: {error}") from None


def _chosen_on_page(content: Mapping[str, object], gains_id: str | None) -> ChosenGains:
    """Refuses what it does not know: a word misspelt must not be a wish unheard."""
    _refuse_id(gains_id)
    of_ears = tuple(field.name for field in fields(EarLevels))
    for key in content:
        if key not in (_STEMS, *of_ears):
            raise BadDataError(
                f"unknown key {short(key)}; beside {_STEMS} there may be {', '.join(of_ears)}"
            )
    levels = {key: as_number(content[key], key) for key in of_ears if key in content}
    return ChosenGains(_stem_gains(as_object(content[_STEMS], _STEMS)), EarLevels(**levels))


def _stem_gains(content: Mapping[str, object]) -> StemGains:
    return StemGains({stem: as_number(gain, short(stem)) for stem, gain in content.items()})


def _refuse_id(gains_id: str | None) -> None:
    if gains_id is not None:
        raise UsageError(f"no gains {gains_id!a}: the file holds one set without an id")


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
