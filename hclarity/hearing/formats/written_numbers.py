"""Levels and frequencies as people type them."""

import re

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import Point
from hclarity.hearing.strict_json import short

__all__ = ["decibels", "hertz", "typed_point", "untested"]

# U+2212 is the minus sign of word processors.
_NUMBER = r"[-+\u2212]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?"
_HERTZ = re.compile(rf"({_NUMBER})\s*(k?)(?:hz)?", re.IGNORECASE | re.ASCII)
_LEVEL = re.compile(rf"({_NUMBER})\s*(?:db\s*(?:hl)?)?", re.IGNORECASE | re.ASCII)
_NO_RESPONSE = re.compile(
    rf"NR(?:\s*({_NUMBER}))?|({_NUMBER})\s*NR", re.IGNORECASE | re.ASCII
)  # "NR", "NR 110", "110 NR"
_NOT_OBTAINED = {"cnt", "dnt"}  # could not test, did not test
_LONGEST = 400  # letters of a number; no file of numbers needs as many


def untested(text: str) -> bool:
    """Whether a cell says nothing at all."""
    return text.strip() in ("", "-", "\u2013", "\u2014")


def hertz(text: str) -> float:
    """Read a frequency, in Hz.

    Raises:
        BadDataError: when it is none.

    >>> hertz("250"), hertz("1.5 kHz"), hertz("8k")
    (250.0, 1500.0, 8000.0)
    """
    if len(text) > _LONGEST or not (found := _HERTZ.fullmatch(text.strip())):
        raise BadDataError(f"{short(text)} where a frequency in Hz is expected, such as 500")
    return _number(found[1]) * (1000 if found[2] else 1)


def decibels(text: str) -> float:
    """Read a level or a gain in dB.

    Raises:
        BadDataError: when it is none.

    >>> decibels("35,5"), decibels("-3 dB")
    (35.5, -3.0)
    """
    if len(text) > _LONGEST or not (found := _LEVEL.fullmatch(text.strip())):
        raise BadDataError(f"{short(text)} where dB are expected, such as 12.5")
    return _number(found[1])


def typed_point(hz: float, text: str) -> Point:
    """Read a level, or what stands for one: NR 110, 110 NR, NR; CNT, DNT.

    Args:
        hz: where it is.
        text: with a decimal point or comma, with or without dB HL.

    Raises:
        BadDataError: when it is none, or out of range.

    >>> typed_point(500, "35,5")
    Point(hz=500, db_hl=35.5, response='heard')
    >>> typed_point(8000, "NR 110")
    Point(hz=8000, db_hl=110.0, response='none')
    """
    cell = text.strip()
    if len(cell) <= _LONGEST:
        if found := _LEVEL.fullmatch(cell):
            return Point(hz, _number(found[1]))
        if found := _NO_RESPONSE.fullmatch(cell):
            level = found[1] or found[2]
            return Point(hz, _number(level) if level else None, "none")
        if cell.lower() in _NOT_OBTAINED:
            return Point(hz, None)
    raise BadDataError(
        f"{short(text)} at {hz:g} Hz, where dB HL are expected, such as 35, or NR 110 for no"
        " response at 110"
    )


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("\u2212", "-"))
