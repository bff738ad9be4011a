"""Everything that a remix will do, as one value that prints, is saved and is fed back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions import Prescription, prescribe
from hclarity.hearing.strict_json import as_number, as_object, parse, short
from hclarity.remixing.stem_gains import StemGains

__all__ = ["GainPlan", "Loudness", "plan_for"]

Loudness = float | Literal["match"]

_SOFTEST_LUFS, _LOUDEST_LUFS = -60.0, 0.0
_LOWEST_CEILING_DB, _HIGHEST_CEILING_DB = -20.0, 0.0
_KEYS = ("stem_gains_db", "left_db_at_hz", "right_db_at_hz", "loudness_lufs", "ceiling_dbtp")


@dataclass(frozen=True)
class GainPlan:
    """What a remix will do.

    Args:
        stem_gains: in dB for each stem that shall change.
        left: insertion gain of the left ear.
        right: insertion gain of the right ear.
        loudness: integrated loudness of the result in LUFS, -60 to 0; ``"match"`` is the song's.
        ceiling_db: true peak never exceeded, -20 to 0 dBTP; -1 is that of EBU R 128.

    Raises:
        BadDataError: for a value out of range.
    """

    stem_gains: Mapping[str, float]
    left: InsertionGains = NO_GAIN
    right: InsertionGains = NO_GAIN
    loudness: Loudness = "match"
    ceiling_db: float = -1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem_gains", StemGains(self.stem_gains))
        object.__setattr__(self, "ceiling_db", float(self.ceiling_db))
        limits = (_LOWEST_CEILING_DB, _HIGHEST_CEILING_DB)
        _refuse_outside(limits, "ceiling", self.ceiling_db, "dBTP")
        if self.loudness != "match":
            object.__setattr__(self, "loudness", float(self.loudness))
            _refuse_outside((_SOFTEST_LUFS, _LOUDEST_LUFS), "loudness", self.loudness, "LUFS")

    @property
    def is_identity(self) -> bool:
        """Whether the song comes out as it went in: no gain for any stem, ear or the whole."""
        unamplified = self.left.is_zero and self.right.is_zero
        return unamplified and not any(self.stem_gains.values()) and self.loudness == "match"

    def to_json(self) -> str:
        """The plan as a JSON document, which `from_json` reads back without loss."""
        return json.dumps(
            {
                "stem_gains_db": dict(self.stem_gains),
                "left_db_at_hz": _written(self.left),
                "right_db_at_hz": _written(self.right),
                "loudness_lufs": self.loudness,
                "ceiling_dbtp": self.ceiling_db,
            },
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str) -> "GainPlan":
        """Read a plan that `to_json` wrote, perhaps changed by hand since.

        Raises:
            BadDataError: when it is not JSON, or a key is unknown or missing, or a value is wrong.
        """
        content = as_object(parse(text), "a gain plan")
        for key in content:
            if key not in _KEYS:
                raise BadDataError(f"unknown key {short(key)}; a gain plan has {', '.join(_KEYS)}")
        for key in _KEYS:
            if key not in content:
                raise BadDataError(f"the gain plan has no {key}")
        lufs = content["loudness_lufs"]
        loudness: Loudness = (
            "match" if lufs == "match" else as_number(lufs, 'loudness_lufs, unless "match",')
        )
        return cls(
            stem_gains=_numbers(content, "stem_gains_db"),
            left=_read(content, "left_db_at_hz"),
            right=_read(content, "right_db_at_hz"),
            loudness=loudness,
            ceiling_db=as_number(content["ceiling_dbtp"], "ceiling_dbtp"),
        )


def plan_for(
    listener: Listener | None,
    *,
    prescription: Prescription = "nalr",
    stem_gains: Mapping[str, float],
    loudness: Loudness = "match",
    ceiling: float = -1.0,
) -> GainPlan:
    """The plan of a remix for one listener.

    Args:
        listener: whose ears get their prescribed gain; None for 0 dB.
        prescription: as in `prescribe`.
        stem_gains: in dB for each stem that shall change.
        loudness: LUFS, or ``"match"`` for the loudness of the song.
        ceiling: true peak never exceeded, in dBTP.

    Raises:
        BadDataError: for a value out of range.
    """
    left, right = NO_GAIN, NO_GAIN
    if listener is not None:
        left = prescribe(prescription, listener.left)
        right = prescribe(prescription, listener.right)
    return GainPlan(stem_gains, left, right, loudness, ceiling)


def _refuse_outside(limits: tuple[float, float], what: str, value: float, unit: str) -> None:
    low, high = limits
    if not low <= value <= high:
        raise BadDataError(f"the {what} must be {low:g} to {high:g} {unit}, got {value:g}")


def _written(gains: InsertionGains) -> dict[str, float]:
    hertz = (repr(hz).removesuffix(".0") for hz in gains.frequencies)
    return dict(zip(hertz, gains.gains_db, strict=True))


def _read(content: dict[str, object], key: str) -> InsertionGains:
    try:
        points = sorted((float(hz), gain) for hz, gain in _numbers(content, key).items())
        return InsertionGains(tuple(hz for hz, _ in points), tuple(gain for _, gain in points))
    except BadDataError as error:
        raise BadDataError(f"{key}: {error}") from None
    except ValueError:
        raise BadDataError(f"{key} needs frequencies in Hz as its keys") from None


def _numbers(content: dict[str, object], key: str) -> dict[str, float]:
    values = as_object(content[key], key)
    return {name: as_number(value, f"{short(name)} in {key}") for name, value in values.items()}
