"""Audiogram files, told apart by what is in them, not by their names.

Two shapes are read. Ours, which can be typed by hand (dB HL at Hz, ``name`` may be left out)::

    {"name": "Ada", "left": {"250": 20, "1000": 35, "4000": 60},
                    "right": {"250": 15, "1000": 30, "4000": 55}}

and that of the Cadenza and Clarity challenges, one object for each listener, either alone or
under its id in a ``listeners.json``::

    {"L1": {"name": "L1", "audiogram_cfs": [250, 1000, 4000],
            "audiogram_levels_l": [20, 35, 60], "audiogram_levels_r": [15, 30, 55]}}
"""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from hclarity.errors import BadDataError, MissingInputError, UsageError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.standard import STANDARD_LISTENERS
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, kind, parse, short

__all__ = ["example_listener", "read_listener", "read_listeners"]

_LARGEST_FILE = 1_000_000  # bytes; a listeners.json of a thousand people is a quarter of this
_MOST_IDS_LISTED = 8
_CADENZA_EARS = {"left": "audiogram_levels_l", "right": "audiogram_levels_r"}


def read_listener(path: Path, listener_id: str | None = None) -> Listener:
    """Read one listener's audiogram from a JSON file.

    Args:
        path: the file, at most 1 MB of UTF-8.
        listener_id: whose audiogram to take from a file that names its listeners.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is not an audiogram; the message starts with the path.
        UsageError: when ``listener_id`` is needed or unknown; the message lists those there are.
    """
    try:
        return _listener(_text(path), listener_id)
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def read_listeners(path: Path) -> list[Listener]:
    """Read all listeners of a JSON file, in its order; one from a file that holds one audiogram.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when any of it is not an audiogram; the message starts with the path and names
            the listener.
    """
    try:
        return _listeners(_text(path))
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from None


def example_listener() -> Listener:
    """A moderate sloping loss, the same in both ears, to try things with: the standard N3."""
    return replace(STANDARD_LISTENERS["N3"], name="a moderate sloping loss")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        raise MissingInputError(f"{path}: there is no such audiogram file") from None
    except IsADirectoryError:
        raise BadDataError("this is a folder; give the audiogram file in it") from None
    except OSError as error:
        raise MissingInputError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST_FILE:
        raise BadDataError(f"larger than {_LARGEST_FILE} bytes, which no audiogram is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDataError(f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _listener(text: str, listener_id: str | None) -> Listener:
    content = _content(text)
    if _names_listeners(content):
        chosen = _chosen(list(content), listener_id)
        return _cadenza(as_object(content[chosen], f"listener {short(chosen)}"), chosen)
    return _only(_alone(content), listener_id)


def _listeners(text: str) -> list[Listener]:
    content = _content(text)
    if not _names_listeners(content):
        return [_alone(content)]
    listeners = []
    for name, entry in content.items():
        who = f"listener {short(name)}"
        person = as_object(entry, who)
        try:
            listeners.append(_cadenza(person, name))
        except BadDataError as error:
            raise BadDataError(f"{who}: {error}") from None
    return listeners


def _content(text: str) -> dict[str, object]:
    content = parse(text)
    if not isinstance(content, dict):
        raise BadDataError(f"expected an object with left and right ears, got {kind(content)}")
    return content


def _names_listeners(content: dict[str, object]) -> bool:
    return any(isinstance(value, dict) and "audiogram_cfs" in value for value in content.values())


def _alone(content: dict[str, object]) -> Listener:
    read = _cadenza if "audiogram_cfs" in content else _simple
    return read(content, _name(content))


def _simple(content: dict[str, object], name: str) -> Listener:
    for key in content:
        if key not in ("name", "left", "right"):
            raise BadDataError(f"unknown key {short(key)}; an audiogram has name, left and right")
    return Listener(_simple_ear(content, "left"), _simple_ear(content, "right"), name)


def _simple_ear(content: dict[str, object], ear: str) -> Audiogram:
    if ear not in content:
        raise BadDataError(
            f"the {ear} ear is missing; if both ears hear alike,"
            f' repeat the thresholds as "{ear}": {{...}}'
        )
    points = [
        (_hertz(hz, ear), as_number(level, f"the {ear} ear at {short(hz)} Hz"))
        for hz, level in as_object(content[ear], f"the {ear} ear").items()
    ]
    return _audiogram(ear, sorted(points))


def _cadenza(content: dict[str, object], name: str) -> Listener:
    if "audiogram_cfs" not in content:
        raise BadDataError("audiogram_cfs, the frequencies in Hz, are missing")
    frequencies = _numbers(content["audiogram_cfs"], "audiogram_cfs")
    return Listener(
        _cadenza_ear(content, "left", frequencies),
        _cadenza_ear(content, "right", frequencies),
        name,
    )


def _cadenza_ear(content: dict[str, object], ear: str, frequencies: list[float]) -> Audiogram:
    key = _CADENZA_EARS[ear]
    if key not in content:
        raise BadDataError(
            f"the {ear} ear is missing; if both ears hear alike,"
            f' repeat the thresholds as "{key}": [...]'
        )
    levels = _numbers(content[key], key)
    if len(levels) != len(frequencies):
        raise BadDataError(f"{len(frequencies)} audiogram_cfs for {len(levels)} {key}")
    return _audiogram(ear, zip(frequencies, levels, strict=True))


def _audiogram(ear: str, points: Iterable[tuple[float, float]]) -> Audiogram:
    pairs = list(points)
    try:
        return Audiogram(tuple(hz for hz, _ in pairs), tuple(level for _, level in pairs))
    except BadDataError as error:
        raise BadDataError(f"the {ear} ear: {error}") from None


def _only(listener: Listener, listener_id: str | None) -> Listener:
    """The one listener of a file, unless somebody else was asked for."""
    if listener_id not in (None, listener.name):
        who = f"only {listener.name!a}" if listener.name else "one listener without a name"
        raise UsageError(f"no listener {listener_id!a}: the file holds {who}")
    return listener


def _chosen(ids: list[str], listener_id: str | None) -> str:
    if listener_id is None:
        if len(ids) == 1:
            return ids[0]
        raise UsageError(f"{len(ids)} listeners, choose one with --listener: {_listed(ids)}")
    if listener_id not in ids:
        nearest = get_close_matches(listener_id, ids, n=len(ids), cutoff=0.0)
        raise UsageError(f"no listener {listener_id!a}; there are {_listed(nearest)}")
    return listener_id


def _listed(ids: list[str]) -> str:
    more = len(ids) - _MOST_IDS_LISTED
    shown = ", ".join(short(name) for name in ids[:_MOST_IDS_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown


def _name(content: dict[str, object]) -> str:
    return as_text(content.get("name", ""), "the name")


def _numbers(value: object, what: str) -> list[float]:
    return [as_number(item, what) for item in as_list(value, what)]


def _hertz(key: str, ear: str) -> float:
    try:
        return float(key)
    except ValueError:
        raise BadDataError(f"the {ear} ear has {short(key)} where Hz are expected") from None
