"""A hearing test becomes a listener, and whatever had to be assumed becomes a note."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.formats.audiometry import HearingTest, OtherEar, Point, Response, Side

__all__ = ["listener_of"]

_MOST_POINTS = 100  # of one ear; Apple Health allows 30
_NEEDED_HZ = (500.0, 1000.0, 2000.0, 4000.0)  # by prescriptions and the pure-tone average
_BEYOND_THE_LOUDEST_DB = 5.0  # the next step of an audiometer
_LOUDEST_DB_HL = 120.0
_ASYMMETRY_DB = 15.0


def listener_of(test: HearingTest, other_ear: OtherEar | None) -> tuple[Listener, tuple[str, ...]]:
    """Make a listener of a hearing test.

    No response at a level stands for a threshold 5 dB above it; other points without a level are
    left out, and no response among them is kept as nothing but that.

    Args:
        test: with one ear or two.
        other_ear: what to do about an ear that was not tested: it hears the "same" as the one
            that was, or is "normal", 0 dB HL.

    Returns:
        The listener, and one line for each thing that the user should know.

    Raises:
        BadDataError: for an ear that is missing (without `other_ear`), has less than three points
            or a frequency twice.
    """
    ears: dict[Side, Audiogram] = {}
    notes = list(test.notes)
    try:
        for side, points in _sides(test):
            if points:
                ears[side] = _audiogram(side, points, notes)
        notes += _completed(ears, other_ear)
    except BadDataError as error:
        raise BadDataError(f"{test.who}{error}") from None
    return Listener(ears["left"], ears["right"], test.name), tuple(notes)


def _sides(test: HearingTest) -> tuple[tuple[Side, tuple[Point, ...]], ...]:
    return (("left", test.left), ("right", test.right))


def _audiogram(side: Side, points: Sequence[Point], notes: list[str]) -> Audiogram:
    """The audiogram of an ear; what it assumes is added to the notes."""
    if len(points) > _MOST_POINTS:
        raise BadDataError(
            f"the {side} ear has {len(points)} points; give an audiogram of at most {_MOST_POINTS}"
        )
    ordered = sorted(points, key=lambda point: point.hz)
    for low, high in pairwise(ordered):
        if low.hz == high.hz:
            raise BadDataError(f"the {side} ear: {low.hz:g} Hz is given twice; keep one")
    notes += _notes(side, ordered)
    levels = {point.hz: _threshold(point) for point in ordered}
    known = {hz: level for hz, level in levels.items() if level is not None}
    silent = {point.hz: point.db_hl for point in ordered if point.response == "none"}
    try:
        return Audiogram(tuple(known), tuple(known.values()), silent)
    except BadDataError as error:
        raise BadDataError(f"the {side} ear: {error}") from None


def _threshold(point: Point) -> float | None:
    if point.db_hl is None or point.response != "none":
        return point.db_hl
    return min(_LOUDEST_DB_HL, round(point.db_hl + _BEYOND_THE_LOUDEST_DB, 9))


def _notes(side: Side, points: Sequence[Point]) -> list[str]:
    """What is assumed of the points of an ear."""

    def hertz(response: Response, *, level: bool) -> str:
        return _listed(
            point.hz
            for point in points
            if point.response == response and (point.db_hl is not None) == level
        )

    def taken(response: Response) -> str:
        return _listed(
            level
            for point in points
            if point.response == response and (level := _threshold(point)) is not None
        )

    notes = []
    if where := hertz("none", level=True):
        levels = taken("none")
        limit = " (120 at most)" if "120" in levels else ""
        notes.append(
            f"no response at {where} Hz, {levels} dB HL taken,"
            f" {_BEYOND_THE_LOUDEST_DB:g} dB above the loudest tone{limit}"
        )
    if where := hertz("none", level=False):
        notes.append(
            f"no response at {where} Hz, at a level that is not told; left out of all that is"
            " computed"
        )
    if where := hertz("heard", level=False):
        notes.append(f"no threshold could be obtained at {where} Hz; left out")
    if where := hertz("at most", level=True):
        notes.append(f"hears at least as well at {where} Hz as the {taken('at most')} dB HL taken")
    measured = {point.hz for point in points if point.db_hl is not None}
    if where := _listed(hz for hz in _NEEDED_HZ if hz not in measured):
        notes.append(f"no threshold at {where} Hz, taken from the frequencies beside")
    return [f"{side} ear: {note}" for note in notes]


def _completed(ears: dict[Side, Audiogram], other_ear: OtherEar | None) -> list[str]:
    """Add the ear that was not tested, if any, and say so."""
    if not ears:
        raise BadDataError("no thresholds in it; give those of both ears")
    if len(ears) == 2:
        unneeded = ["--other-ear is not needed: both ears were tested"] if other_ear else []
        return unneeded + _asymmetry(ears["left"], ears["right"])
    ((there, audiogram),) = ears.items()
    missing: Side = "left" if there == "right" else "right"
    if other_ear is None:
        raise BadDataError(
            f"the {missing} ear is missing; add it, or give --other-ear same if it hears as the"
            f" {there} one, --other-ear normal if it hears normally"
        )
    if other_ear == "same":
        ears[missing] = audiogram
        return [f"{missing} ear: not tested, taken to hear as the {there} one"]
    ears[missing] = Audiogram(audiogram.frequencies, (0.0,) * len(audiogram.frequencies))
    return [f"{missing} ear: not tested, taken to hear normally (0 dB HL)"]


def _asymmetry(left: Audiogram, right: Audiogram) -> list[str]:
    """A word on ears that differ by 15 dB or more at two frequencies in a row, if they do."""
    theirs = dict(zip(right.frequencies, right.thresholds, strict=True))
    shared = [
        (hz, abs(level - theirs[hz]) >= _ASYMMETRY_DB)
        for hz, level in zip(left.frequencies, left.thresholds, strict=True)
        if hz in theirs
    ]
    pairs = [(low, high) for (low, a), (high, b) in pairwise(shared) if a and b]
    if not pairs:
        return []
    where = _listed(dict.fromkeys(hz for pair in pairs for hz in pair))
    return [
        f"the ears differ by {_ASYMMETRY_DB:g} dB or more at {where} Hz: if no doctor or"
        " audiologist has seen this yet, it is worth showing to one"
    ]


def _listed(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
