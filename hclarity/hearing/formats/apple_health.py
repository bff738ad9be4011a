"""Hearing tests in an Apple Health export: ``export.xml``, of up to gigabytes.

Heart rates and steps fill nearly all of it, so the bytes are only searched for the beginnings of
``<Audiogram>`` elements, and expat reads what follows them, one element at a time, without the rest
of the document. The document type is never looked at: the files do not keep to it. Without it there
are no entities either, and a file that declares any is refused.

Source: the document types of two exports, and what the Health app writes for each point.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from xml.parsers import expat

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point, Side
from hclarity.hearing.formats.choosing import DatedTest, Found, Newest
from hclarity.hearing.formats.healthkit import APPLE_HEALTH, MOST_TESTS, clamped
from hclarity.hearing.formats.moments import moment
from hclarity.hearing.formats.written_numbers import hertz
from hclarity.hearing.strict_json import short

__all__ = ["health_export", "is_health_export", "refuse_cut_off"]

_ROOT, _ROOT_END = b"<HealthData", b"</HealthData>"
_AUDIOGRAM = b"<Audiogram"
_AFTER_A_NAME = (b" ", b"\t", b"\r", b"\n", b"/", b">")
_LONGEST_PROLOGUE = 64 * 1024  # bytes before the root; the document type takes some 10 kB
_LONGEST_ELEMENT = 64 * 1024  # bytes; 30 points, all that there may be, take 10 kB
_PIECE = 4096
_SIDES: tuple[Side, Side] = ("left", "right")


def is_health_export(head: bytes) -> bool:
    """Whether a file that begins so is an export (that of a clinic, CDA, is not)."""
    return 0 <= head.find(_ROOT) < _LONGEST_PROLOGUE


def refuse_cut_off(end: bytes) -> None:
    """Refuse an export whose last bytes are these, unless its root ends with them."""
    if not end.rstrip().endswith(_ROOT_END):
        raise BadDataError("this Apple Health export is cut off; export or copy it again")


def health_export(chunks: Iterable[bytes]) -> Found:
    """Read all hearing tests of an export in constant memory.

    Args:
        chunks: the bytes of the XML file, 64 KiB or more at a time.

    Raises:
        BadDataError: when it is cut off, declares entities, has no hearing test, or one is wrong.
    """
    tests: list[DatedTest] = []
    for number, xml in enumerate(_audiograms(chunks), 1):
        if number > MOST_TESTS:
            raise BadDataError(f"more than {MOST_TESTS} hearing tests; give one person's export")
        try:
            element = _parsed(xml)
            if element.points:
                tests.append(_dated(element, f"hearing test {number}: "))
        except BadDataError as error:
            raise BadDataError(f"hearing test {number}: {error}") from None
    if not tests:
        raise BadDataError(
            "no hearing test in this Apple Health export; take one, or enter an audiogram, in the"
            " Health app, and export again"
        )
    return Newest(tests)


def _audiograms(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What begins with each element of interest; most of it is what comes after."""
    stream = iter(chunks)
    buffer = _without_entities(next(stream, b""))
    at, end, ended = 0, buffer, False
    while not ended:
        chunk = next(stream, b"")
        ended = not chunk
        buffer, at = buffer[at:] + chunk, 0
        end = chunk if len(chunk) > _PIECE else end[-_PIECE:] + chunk
        while (found := buffer.find(_AUDIOGRAM, at)) >= 0:
            at = found
            if len(buffer) - at < _LONGEST_ELEMENT and not ended:
                break
            if buffer[at + len(_AUDIOGRAM) : at + len(_AUDIOGRAM) + 1] in _AFTER_A_NAME:
                yield buffer[at : at + _LONGEST_ELEMENT]
            at += len(_AUDIOGRAM)
        else:
            at = max(at, len(buffer) - len(_AUDIOGRAM))
    refuse_cut_off(end)


def _without_entities(head: bytes) -> bytes:
    """The first bytes, from the root on."""
    root = head.find(_ROOT)
    if b"<!ENTITY" in head[:root]:
        raise BadDataError("it declares XML entities, as no Apple Health export does; export again")
    return head[root:]


@dataclass
class _Element:
    """What expat tells of one element."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    points: list[Mapping[str, str]] = field(default_factory=list)
    depth: int = 0
    done: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0 and not self.done:
            self.attributes = attributes
        elif self.depth == 1 and name == "SensitivityPoint":
            self.points.append(attributes)
        self.depth += 1

    def end(self, name: str) -> None:
        self.depth -= 1
        self.done = self.done or self.depth == 0


def _parsed(xml: bytes) -> _Element:
    """The element that these bytes begin with."""
    element = _Element()
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = element.start
    parser.EndElementHandler = element.end
    try:
        for at in range(0, len(xml), _PIECE):
            parser.Parse(xml[at : at + _PIECE])
            if element.done:
                return element
    except expat.ExpatError as error:
        if element.done:  # and what follows it cannot be read as a second root
            return element
        raise BadDataError(f"not XML: {expat.ErrorString(error.code)}; export it again") from None
    end = "is cut off" if len(xml) < _LONGEST_ELEMENT else f"is over {_LONGEST_ELEMENT} bytes long"
    raise BadDataError(f"it {end}; export or copy it again")


def _dated(element: _Element, who: str) -> DatedTest:
    date = element.attributes.get("endDate", "")
    return DatedTest(partial(_test, element.points, who), moment(date), date)


def _test(points: Sequence[Mapping[str, str]], who: str) -> HearingTest:
    try:
        left, right = (_points(points, side) for side in _SIDES)
    except BadDataError as error:
        raise BadDataError(f"{who}{error}") from None
    return HearingTest(APPLE_HEALTH, left, right, who=who)


def _points(points: Iterable[Mapping[str, str]], side: Side) -> tuple[Point, ...]:
    return tuple(_point(point, side) for point in points if f"{side}EarValue" in point)


def _point(point: Mapping[str, str], side: Side) -> Point:
    level = f"{side}Ear"
    for key, units in (("frequencyUnit", ("Hz", "kHz")), (f"{level}Unit", ("dBHL",))):
        if (unit := point.get(key, "")) not in units:
            raise BadDataError(f"{key} must be {' or '.join(units)}, got {short(unit)}")
    return clamped(
        hertz(point.get("frequencyValue", "") + point["frequencyUnit"]),
        _number(point, f"{level}Value") or 0.0,
        _number(point, f"{level}ClampingRangeLowerBound"),
        _number(point, f"{level}ClampingRangeUpperBound"),
    )


def _number(point: Mapping[str, str], key: str) -> float | None:
    if key not in point:
        return None
    try:
        return float(point[key])
    except ValueError:
        raise BadDataError(f"{key} must be a number, got {short(point[key])}") from None
