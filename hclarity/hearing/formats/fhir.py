"""Hearing thresholds in FHIR: an Observation, a Bundle of them, or a list.

A threshold is an Observation, or a component of one, whose code is that of LOINC for one ear and
one frequency. Files exist that use these codes wrongly, the left ear's for the right, or for noise
at work; so where a code comes with a display, this must state the same ear and frequency. Codes
whose meaning could not be confirmed count by their display alone.

The Personal Health Record format has its own shape: an Observation for each frequency, with the
components frequency, leftEarSensitivity and rightEarSensitivity.

Names of patients are not read. A comparator ``>`` means no response at that level.

Source: the value sets of the HL7 implementation guides PACIO-PFE and Personal Health Record Format.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point, Response, Side
from hclarity.hearing.formats.choosing import Found, Only, Several
from hclarity.hearing.formats.moments import moment
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, short

__all__ = ["LOINC", "LOINC_CODES", "display", "fhir_tests", "is_fhir"]

LOINC = "http://loinc.org"
LOINC_CODES: Mapping[str, tuple[Side, float]] = {
    "91375-6": ("left", 250.0),
    "89024-4": ("left", 500.0),
    "89025-1": ("right", 500.0),
    "89016-0": ("left", 1000.0),
    "89017-8": ("right", 1000.0),
    "89018-6": ("left", 2000.0),
    "89019-4": ("right", 2000.0),
    "89020-2": ("left", 3000.0),
    "89021-0": ("right", 3000.0),
    "89022-8": ("left", 4000.0),
    "89023-6": ("right", 4000.0),
    "89026-9": ("left", 6000.0),
    "89027-7": ("right", 6000.0),
    "89028-5": ("left", 8000.0),
    "89029-3": ("right", 8000.0),
}
_DISPLAY = re.compile(
    r"hearing threshold\W+ear\W+(left|right)\W+(\d{2,5}(?:\.\d+)?)\s*Hz", re.IGNORECASE | re.ASCII
)
_EAR = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_HERTZ = re.compile(r"(\d{1,5}(?:\.\d+)?)\s*(k?)Hz", re.IGNORECASE | re.ASCII)
_DB_HL = {"db", "db[hl]", "dbhl", "db hl", "db(hl)"}
_RETRACTED = {"entered-in-error", "cancelled"}
_PRELIMINARY = "preliminary"
_COMPARATORS: Mapping[object, Response] = {
    None: "heard",
    ">": "none",
    ">=": "none",
    "<": "at most",
    "<=": "at most",
}
_SENSITIVITIES: Sequence[tuple[Side, str]] = (
    ("left", "leftEarSensitivity"),
    ("right", "rightEarSensitivity"),
)
_ONE_FREQUENCY = {"frequency", *(key for _, key in _SENSITIVITIES)}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_Object = Mapping[str, object]


def display(side: Side, hz: str) -> str:
    """Return how LOINC names a threshold.

    >>> display("left", "500")
    'Hearing threshold Ear - left --500 Hz'
    """
    return f"Hearing threshold Ear - {side} --{hz} Hz"


def is_fhir(content: object) -> bool:
    """Whether this is a FHIR resource, or a list of them."""
    first = content[0] if isinstance(content, list) and content else content
    return isinstance(first, dict) and "resourceType" in first


def fhir_tests(content: object) -> Found:
    """Read all thresholds; of those measured several times, the newest.

    Several patients are told apart by the reference that the Observations have to them.

    Raises:
        BadDataError: for a code and a display that do not agree, a unit that is not dB, one
            threshold twice without dates, or a value of another kind or out of range.
    """
    found: dict[str, list[_Measured]] = {}
    retracted, preliminary = 0, False
    for number, observation in enumerate(_observations(content), 1):
        status = as_text(observation.get("status", ""), "status")
        if status in _RETRACTED:
            retracted += 1
            continue
        try:
            told = _thresholds(observation)
            found.setdefault(_subject(observation), []).extend(told)
            preliminary |= bool(told) and status == _PRELIMINARY
        except BadDataError as error:
            raise BadDataError(f"Observation {number}: {error}") from None
    people = {subject: measured for subject, measured in found.items() if measured}
    if not people:
        if retracted:
            raise BadDataError(
                "no hearing thresholds but retracted ones (entered-in-error or cancelled:"
                f" {retracted}); ask for the corrected ones"
            )
        raise BadDataError(
            "no hearing thresholds in this FHIR file; it needs Observations with the LOINC codes of"
            " an audiogram"
        )
    notes: tuple[str, ...] = ()
    if retracted:
        notes += (f"retracted Observations left out: {retracted}",)
    if preliminary:
        notes += ("some of it is preliminary, not final; ask for the final results",)
    if len(people) == 1:
        ((_, measured),) = people.items()
        return Only(_test(measured, "", notes))
    return Several(
        {
            subject: partial(_test, measured, f"listener {short(subject)}: ", notes)
            for subject, measured in people.items()
        }
    )


@dataclass(frozen=True)
class _Measured:
    side: Side
    point: Point
    when: datetime


def _observations(content: object) -> Iterator[_Object]:
    """The Observations of a resource or a list of them; Bundles in Bundles are passed over."""
    for resource in content if isinstance(content, list) else [content]:
        item = as_object(resource, "a FHIR resource")
        for one in _entries(item) if item.get("resourceType") == "Bundle" else [item]:
            if one.get("resourceType") == "Observation":
                yield one


def _entries(bundle: _Object) -> list[_Object]:
    entries = as_list(bundle.get("entry", []), "entry")
    return [
        as_object(as_object(entry, "an entry").get("resource", {}), "a resource")
        for entry in entries
    ]


def _subject(observation: _Object) -> str:
    subject = as_object(observation.get("subject", {}), "subject")
    return as_text(subject.get("reference", ""), "the reference to the subject")


def _thresholds(observation: _Object) -> list[_Measured]:
    """All that one Observation tells."""
    when = _when(observation)
    components = [
        as_object(one, "a component")
        for one in as_list(observation.get("component", []), "component")
    ]
    measured = [
        _Measured(side, point, when)
        for item in (observation, *components)
        if (told := _ear_and_hz(item.get("code")))
        for side, hz in [told]
        for point in [_point(item, hz)]
    ]
    measured += _sensitivities(components, when)
    _refuse_another_site(observation, measured)
    return measured


def _refuse_another_site(observation: _Object, measured: Sequence[_Measured]) -> None:
    """Refuse an Observation whose body site is the one ear and whose codes are the other."""
    words = " ".join(shown for _, _, shown in _codings(observation.get("bodySite")))
    site = {word.lower() for word in _EAR.findall(words)}
    for one in measured:
        if len(site) == 1 and one.side not in site:
            raise BadDataError(
                f"the bodySite is {short(words)}, the threshold at {one.point.hz:g} Hz the"
                f" {one.side} ear's; correct one of them"
            )


def _sensitivities(components: Sequence[_Object], when: datetime) -> list[_Measured]:
    """What the components of an Observation tell that is about one frequency."""
    by_code: dict[str, _Object] = {}
    for component in components:
        for _, code, _ in _codings(component.get("code")):
            if code in by_code and code in _ONE_FREQUENCY:
                raise BadDataError(f"{code} is given twice; give each frequency its Observation")
            by_code[code] = component
    if "frequency" not in by_code:
        return []
    hz = _frequency(by_code["frequency"])
    return [
        _Measured(side, _point(by_code[key], hz), when)
        for side, key in _SENSITIVITIES
        if key in by_code
    ]


def _when(observation: _Object) -> datetime:
    period = as_object(observation.get("effectivePeriod", {}), "effectivePeriod")
    for where, key in (
        (observation, "effectiveDateTime"),
        (observation, "effectiveInstant"),
        (period, "end"),
        (period, "start"),
    ):
        if key in where:
            return moment(as_text(where[key], key))
    return _LONG_AGO


def _codings(concept: object) -> Iterator[tuple[str, str, str]]:
    """System, code and display of each coding of a concept; its text counts as one more display."""
    code = as_object({} if concept is None else concept, "code")
    for coding in as_list(code.get("coding", []), "coding"):
        one = as_object(coding, "a coding")
        yield (
            as_text(one.get("system", ""), "system"),
            as_text(one.get("code", ""), "code"),
            as_text(one.get("display", ""), "display"),
        )
    if "text" in code:
        yield "", "", as_text(code["text"], "text")


def _ear_and_hz(concept: object) -> tuple[Side, float] | None:
    """Which ear and frequency a code is about, by all that it says; None for any other code."""
    claims: dict[tuple[Side, float], str] = {}
    coded = ""
    for system, code, shown in _codings(concept):
        known = LOINC_CODES.get(code) if system in (LOINC, "") else None
        if known:
            coded = code
            claims[known] = f"LOINC {code}"
        told = _told(shown) if coded else _named(shown)
        if known and shown and told is None:
            raise BadDataError(
                f"LOINC {code} is {display(known[0], f'{known[1]:g}')}, but its display is"
                f" {short(shown)}; correct one of them"
            )
        if told:
            claims.setdefault(told, f"the display {short(shown)}")
    if len(claims) > 1:
        one, other = list(claims.values())[:2]
        side, hz = LOINC_CODES.get(coded, next(iter(claims)))
        raise BadDataError(
            f"{one} (the {side} ear at {hz:g} Hz) and {other} do not agree; correct one of them"
        )
    return next(iter(claims), None)


def _named(shown: str) -> tuple[Side, float] | None:
    """The ear and frequency in a display, if it is that of a hearing threshold in LOINC."""
    if not (found := _DISPLAY.search(shown)):
        return None
    return "left" if found[1].lower() == "left" else "right", float(found[2])


def _told(shown: str) -> tuple[Side, float] | None:
    """The one ear and the one frequency in a display, whatever else it says."""
    ears = {word.lower() for word in _EAR.findall(shown)}
    hertz = {float(number) * (1000 if kilo else 1) for number, kilo in _HERTZ.findall(shown)}
    if len(ears) != 1 or len(hertz) != 1:
        return None
    return "left" if ears == {"left"} else "right", hertz.pop()


def _frequency(component: _Object) -> float:
    quantity = as_object(component.get("valueQuantity"), "the frequency's valueQuantity")
    unit = quantity.get("code", quantity.get("unit"))
    if unit not in ("Hz", "kHz"):
        raise BadDataError(f"the frequency must be in Hz or kHz, got {short(str(unit))}")
    return as_number(quantity.get("value"), "the frequency") * (1000 if unit == "kHz" else 1)


def _point(item: _Object, hz: float) -> Point:
    """The threshold of an Observation or component."""
    if "valueQuantity" not in item:
        if others := [short(key) for key in item if key.startswith("value")]:
            raise BadDataError(f"{hz:g} Hz has {others[0]}; it needs a valueQuantity in dB")
        return Point(hz, None)
    quantity = as_object(item["valueQuantity"], "valueQuantity")
    units = [as_text(quantity[key], key) for key in ("code", "unit") if key in quantity]
    wrong = [unit for unit in units if unit.lower() not in _DB_HL]
    if wrong or not units:
        got = short(wrong[0]) if wrong else "no unit"
        raise BadDataError(f"the threshold at {hz:g} Hz must be in dB (hearing level), got {got}")
    comparator = quantity.get("comparator")
    if not isinstance(comparator, str | None) or comparator not in _COMPARATORS:
        raise BadDataError(f"the comparator at {hz:g} Hz must be <, <=, >= or >")
    level = as_number(quantity.get("value"), f"the threshold at {hz:g} Hz")
    return Point(hz, level, _COMPARATORS[comparator])


def _test(measured: Sequence[_Measured], who: str, notes: tuple[str, ...]) -> HearingTest:
    """The newest of each threshold, as one test."""
    newest: dict[tuple[Side, float], _Measured] = {}
    repeated = 0
    for one in measured:
        key = one.side, one.point.hz
        before = newest.get(key)
        if before and before.when == one.when:
            raise BadDataError(
                f"{who}the {one.side} ear has {one.point.hz:g} Hz twice at the same time; keep one"
            )
        repeated += before is not None
        if before is None or before.when < one.when:
            newest[key] = one
    if repeated:
        last = max(one.when for one in newest.values()).date()
        notes += (f"some thresholds were measured several times: the newest taken, of {last}",)
    left, right = (
        tuple(one.point for one in newest.values() if one.side == side)
        for side, _ in _SENSITIVITIES
    )
    return HearingTest("FHIR", left, right, notes=notes, who=who)
