"""Write a listener as others read audiograms."""

import json
from collections.abc import Mapping
from math import nan
from typing import Literal

import numpy as np

from hclarity.hearing.audiogram import Audiogram, Listener, interpolated
from hclarity.hearing.formats.audiometry import Side
from hclarity.hearing.formats.cadenza import CADENZA_EARS, CADENZA_HZ
from hclarity.hearing.formats.fhir import LOINC, LOINC_CODES, display

__all__ = ["AudiogramFormat", "audiogram_text"]

AudiogramFormat = Literal["json", "cadenza", "csv", "fhir"]

_UCUM = "http://unitsofmeasure.org"
_PANEL = "89015-2"
_NAMELESS = "listener"


def audiogram_text(listener: Listener, format: AudiogramFormat) -> str:
    """Write a listener, as `read_listener` reads it back.

    Args:
        listener: whose ears to write. "csv" and "fhir" do not hold the name.
        format: "json", ours; "cadenza", a ``listeners.json``, where both ears have the same
            frequencies (a threshold that was not measured lies on the line between its
            neighbours) and no response is a threshold like any other; "csv", a row for each
            frequency; "fhir", an Observation with LOINC codes where there are any, and without no
            response at a level that is not known.

    Returns:
        The whole content of a file, with a line end.
    """
    write = {"json": _own, "cadenza": _cadenza, "csv": _csv, "fhir": _fhir}[format]
    return write(listener)


def _own(listener: Listener) -> str:
    name = {"name": listener.name} if listener.name else {}
    return _json({**name, "left": _own_ear(listener.left), "right": _own_ear(listener.right)})


def _own_ear(ear: Audiogram) -> dict[str, object]:
    return {
        _written(hz): _unheard(ear, hz) if hz in ear.no_response else _plain(level)
        for hz, level in _points(ear).items()
    }


def _points(ear: Audiogram) -> dict[float, float]:
    """Thresholds by frequency; not a number where nothing but no response is known."""
    known = dict(zip(ear.frequencies, ear.thresholds, strict=True))
    return {hz: known.get(hz, nan) for hz in sorted({*known, *ear.no_response})}


def _unheard(ear: Audiogram, hz: float) -> str:
    level = ear.no_response[hz]
    return "NR" if level is None else f"NR {_written(level)}"


def _cadenza(listener: Listener) -> str:
    ears = _ears(listener)
    frequencies = sorted({hz for ear in ears.values() for hz in ear.frequencies})
    name = listener.name or _NAMELESS
    levels = {
        CADENZA_EARS[side]: [_plain(level) for level in _levels(ear, frequencies)]
        for side, ear in ears.items()
    }
    person = {"name": name, CADENZA_HZ: [_plain(hz) for hz in frequencies], **levels}
    return _json({name: person})


def _levels(ear: Audiogram, frequencies: list[float]) -> list[float]:
    between = interpolated(np.array(frequencies), ear.frequencies, ear.thresholds).tolist()
    known = dict(zip(ear.frequencies, ear.thresholds, strict=True))
    return [known.get(hz, round(level, 2)) for hz, level in zip(frequencies, between, strict=True)]


def _csv(listener: Listener) -> str:
    left, right = (_cells(ear) for ear in _ears(listener).values())
    rows = [
        f"{_written(hz)},{left.get(hz, '')},{right.get(hz, '')}" for hz in sorted({*left, *right})
    ]
    return "\n".join(["frequency_hz,left_db_hl,right_db_hl", *rows, ""])


def _cells(ear: Audiogram) -> dict[float, str]:
    return {
        hz: _unheard(ear, hz) if hz in ear.no_response else _written(level)
        for hz, level in _points(ear).items()
    }


def _fhir(listener: Listener) -> str:
    components = [
        {"code": _code(side, hz), "valueQuantity": _quantity(level, ear.no_response.get(hz))}
        for side, ear in _ears(listener).items()
        for hz, level in zip(ear.frequencies, ear.thresholds, strict=True)
    ]
    panel = {
        "system": LOINC,
        "code": _PANEL,
        "display": "Pure tone air conduction threshold audiometry panel",
    }
    return _json(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [panel]},
            "component": components,
        }
    )


def _code(side: Side, hz: float) -> dict[str, object]:
    """LOINC's code and name; the name alone where no code is confirmed."""
    shown = display(side, _written(hz))
    for code, meaning in LOINC_CODES.items():
        if meaning == (side, hz):
            return {"coding": [{"system": LOINC, "code": code, "display": shown}]}
    return {"text": shown}


def _quantity(level: float, unheard: float | None) -> dict[str, object]:
    value: Mapping[str, object] = (
        {"value": _plain(level)}
        if unheard is None
        else {"value": _plain(unheard), "comparator": ">"}
    )
    return {**value, "unit": "dB", "system": _UCUM, "code": "dB"}


def _ears(listener: Listener) -> dict[Side, Audiogram]:
    return {"left": listener.left, "right": listener.right}


def _plain(number: float) -> float:
    """A whole number without its .0."""
    return int(number) if number.is_integer() else number


def _written(number: float) -> str:
    return repr(_plain(number))


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
