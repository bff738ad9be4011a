"""Hearing tests of Apple's HealthKit, whichever way they left the phone.

A sensitivity point is one frequency with a threshold for the left ear, the right, or both. Since
iOS 18.1 a threshold can have been clamped to a range of levels, for safety or because that is what
the equipment can play. A threshold at or above the upper bound is then one that was not reached:
no response at that bound. At or below the lower bound the ear may hear better still. Whether the
other ear was masked makes no difference to the threshold.

Besides the XML of an export (`apple_health`), programs dump the samples as JSON::

    {"sensitivityPoints": [{"frequency": 500, "leftEarSensitivity": 10}], "endDate": "2026-01-15"}

alone, in a list, or within ``"harmonized"``.

Source: Apple's documentation of HKAudiogramSensitivityPoint and its clamping range.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point
from hclarity.hearing.formats.choosing import DatedTest, Found, Newest, Only
from hclarity.hearing.formats.moments import moment
from hclarity.hearing.strict_json import as_list, as_number, as_object, kind

__all__ = ["APPLE_HEALTH", "MOST_TESTS", "clamped", "healthkit_tests", "is_healthkit"]

APPLE_HEALTH = "Apple Health"
MOST_TESTS = 1000
_POINTS = "sensitivityPoints"
_ENDS = ("endDate", "endTimestamp", "startDate", "startTimestamp")


def clamped(hz: float, level: float, lowest: float | None, highest: float | None) -> Point:
    """Return a point, for what it is worth within the range that its level was clamped to."""
    if highest is not None and level >= highest:
        return Point(hz, highest, "none")
    if lowest is not None and level <= lowest:
        return Point(hz, lowest, "at most")
    return Point(hz, level)


def is_healthkit(content: object) -> bool:
    """Whether this is a sample of a hearing test, or a list of them."""
    first = content[0] if isinstance(content, list) and content else content
    return isinstance(first, dict) and (_POINTS in first or _POINTS in _harmonized(first))


def healthkit_tests(content: object) -> Found:
    """Read a sample, or a list of them.

    Raises:
        BadDataError: for a value of another kind or out of range, or several samples without dates.
    """
    samples = content if isinstance(content, list) else [content]
    if len(samples) > MOST_TESTS:
        raise BadDataError(f"{len(samples)} hearing tests; give a file of at most {MOST_TESTS}")
    tests = []
    for number, sample in enumerate(samples, 1):
        what = f"hearing test {number}"
        content = as_object(sample, what)
        if len(samples) == 1:
            return Only(_test(content, ""))
        try:
            tests.append(_dated(content, f"{what}: "))
        except BadDataError as error:
            raise BadDataError(f"{what}: {error}") from None
    return Newest(tests)


def _harmonized(sample: Mapping[str, object]) -> Mapping[str, object]:
    inner = sample.get("harmonized")
    return inner if isinstance(inner, dict) else {}


def _dated(sample: Mapping[str, object], who: str) -> DatedTest:
    date = next((sample[key] for key in _ENDS if key in sample), None)
    ended = _ended(date)
    shown = date if isinstance(date, str) else f"{ended:%Y-%m-%d %H:%M:%S}"
    return DatedTest(partial(_test, sample, who), ended, shown)


def _test(sample: Mapping[str, object], who: str) -> HearingTest:
    try:
        points = as_list(sample.get(_POINTS, _harmonized(sample).get(_POINTS)), _POINTS)
        frequencies = [as_object(point, "a sensitivity point") for point in points]
        left = _points(frequencies, "leftEarSensitivity")
        right = _points(frequencies, "rightEarSensitivity")
    except BadDataError as error:
        raise BadDataError(f"{who}{error}") from None
    return HearingTest(APPLE_HEALTH, left, right, who=who)


def _points(points: Sequence[Mapping[str, object]], key: str) -> tuple[Point, ...]:
    return tuple(
        Point(as_number(point.get("frequency"), "frequency"), as_number(point[key], key))
        for point in points
        if point.get(key) is not None
    )


def _ended(date: object) -> datetime:
    if isinstance(date, str):
        return moment(date)
    try:
        return datetime.fromtimestamp(as_number(date, "endDate"), UTC)
    except (OverflowError, ValueError, OSError):
        raise BadDataError(f"endDate must be a date such as 2026-01-15, got {kind(date)}") from None
