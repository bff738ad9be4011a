"""A gain plan as JSON: written to be edited by hand, read with every value checked."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields

from hclarity.errors import BadDataError
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, parse, short
from hclarity.hearing.wdrc import EarCompression, Wdrc
from hclarity.remixing.plan import GainPlan, Loudness

__all__ = ["plan_document", "plan_text", "read_plan"]


def plan_document(plan: GainPlan) -> dict[str, object]:
    """A plan as what JSON can hold; `read_plan` reads it back without loss."""
    return {
        "stem_gains_db": dict(plan.stem_gains),
        "left_db_at_hz": _written(plan.left),
        "right_db_at_hz": _written(plan.right),
        "filter": plan.filter,
        "wdrc": plan.wdrc and asdict(plan.wdrc),
        "loudness_lufs": plan.loudness,
        "ceiling_dbtp": plan.ceiling_db,
    }


def plan_text(plan: GainPlan) -> str:
    """A plan as a file holds it: numbers for each band on one line."""
    lines = json.dumps(plan_document(plan), indent=2)
    return re.sub(r"\[[^]]*]", lambda numbers: " ".join(numbers[0].split()), lines) + "\n"


def read_plan(text: str) -> GainPlan:
    """Read a plan, perhaps changed by hand, or that within the report on a remix.

    Raises:
        BadDataError: when it is not JSON, or a key is unknown or missing, or a value is wrong.
    """
    content = as_object(parse(text), "a gain plan")
    if "plan" in content:  # a report on a remix
        content = as_object(content["plan"], "the plan")
    _refuse_unknown_or_missing(content, plan_document(GainPlan({})), "a gain plan")
    filter = as_text(content["filter"], "filter")
    if filter not in ("linear-phase", "cadenza"):
        raise BadDataError(f"the filter must be linear-phase or cadenza, got {short(filter)}")
    return GainPlan(
        stem_gains=_numbers(content, "stem_gains_db"),
        left=_read(content, "left_db_at_hz"),
        right=_read(content, "right_db_at_hz"),
        filter="cadenza" if filter == "cadenza" else "linear-phase",
        wdrc=None if content["wdrc"] is None else _read_wdrc(content["wdrc"]),
        loudness=_loudness(content["loudness_lufs"]),
        ceiling_db=as_number(content["ceiling_dbtp"], "ceiling_dbtp"),
    )


def _loudness(value: object) -> Loudness:
    return "match" if value == "match" else as_number(value, 'loudness_lufs, unless "match",')


def _written(gains: InsertionGains) -> dict[str, float]:
    hertz = (repr(hz).removesuffix(".0") for hz in gains.frequencies)
    return dict(zip(hertz, gains.gains_db, strict=True))


def _read(content: Mapping[str, object], key: str) -> InsertionGains:
    try:
        points = sorted((float(hz), gain) for hz, gain in _numbers(content, key).items())
        return InsertionGains(tuple(hz for hz, _ in points), tuple(gain for _, gain in points))
    except BadDataError as error:
        raise BadDataError(f"{key}: {error}") from None
    except ValueError:
        raise BadDataError(f"{key} needs frequencies in Hz as its keys") from None


def _read_wdrc(value: object) -> Wdrc:
    content = as_object(value, "wdrc")
    _refuse_unknown_or_missing(content, _words(Wdrc), "wdrc")
    try:
        return Wdrc(
            crossovers_hz=_bands(content, "crossovers_hz"),
            thresholds_db=_bands(content, "thresholds_db"),
            attack_s=_bands(content, "attack_s"),
            release_s=_bands(content, "release_s"),
            input_lufs=as_number(content["input_lufs"], "input_lufs"),
            left=_read_ear(content["left"], "left"),
            right=_read_ear(content["right"], "right"),
        )
    except BadDataError as error:
        raise BadDataError(f"wdrc: {error}") from None


def _read_ear(value: object, ear: str) -> EarCompression:
    content = as_object(value, ear)
    _refuse_unknown_or_missing(content, _words(EarCompression), ear)
    return EarCompression(_bands(content, "ratios"), _bands(content, "gains_db"))


def _refuse_unknown_or_missing(
    content: Mapping[str, object], words: Collection[str], what: str
) -> None:
    for key in content:
        if key not in words:
            raise BadDataError(f"unknown key {short(key)}; {what} has {', '.join(words)}")
    for key in words:
        if key not in content:
            raise BadDataError(f"{what} has no {key}")


def _words(value: type[Wdrc] | type[EarCompression]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(value))


def _bands(content: Mapping[str, object], key: str) -> tuple[float, ...]:
    return tuple(as_number(item, f"each of {key}") for item in as_list(content[key], key))


def _numbers(content: Mapping[str, object], key: str) -> dict[str, float]:
    values = as_object(content[key], key)
    return {name: as_number(value, f"{short(name)} in {key}") for name, value in values.items()}
