"""Read an audiogram from wherever it is: a file, the name of a standard one, or typed pairs.

=============  =====================================================================  ==============
format         content                                                                read by
=============  =====================================================================  ==============
hclarity       ``{"left": {"250": 20, ...}, "right": {...}}``                         own_json
Cadenza        ``listeners.json`` of the Cadenza and Clarity challenges               cadenza
Apple Health   ``export.xml`` or ``export.zip``; samples dumped as JSON               apple_health
FHIR           an Observation, a Bundle or a list of them                             fhir
CSV            a table by ears or by frequencies, with commas, semicolons or tabs     csv_table
standard       ``N1`` to ``N7``, ``S1`` to ``S3``, no file                            standard
typed          ``right=250:20,500:35,...;left=...`` or ``both=...``, no file          typed
=============  =====================================================================  ==============
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.formats.audiometry import HearingTest, OtherEar
from hclarity.hearing.formats.choosing import Found, Only
from hclarity.hearing.formats.contents import found_in
from hclarity.hearing.formats.ears import listener_of
from hclarity.hearing.formats.typed import is_typed, typed_test
from hclarity.hearing.standard import STANDARD_LISTENERS

__all__ = ["OtherEar", "Reading", "read_listener", "read_listeners"]


_STANDARD_NAME = re.compile(r"[ns]\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """A listener, and what there is to say about how the audiogram was read.

    Args:
        listener: whose name is empty if the file does not tell it, or is a health record.
        notes: what had to be assumed, or is worth knowing; one line each, without the file's name.
        format: what the audiogram was: "hclarity", "Cadenza", "Apple Health", "FHIR", "CSV",
            "standard" or "typed".
    """

    listener: Listener
    notes: tuple[str, ...] = ()
    format: str = "hclarity"


def read_listener(
    source: str | Path, listener_id: str | None = None, other_ear: OtherEar | None = None
) -> Reading:
    """Read one listener's audiogram.

    Args:
        source: a file of any format above; or the name of a standard audiogram, unless a file is
            called so; or typed pairs.
        listener_id: whose audiogram to take from a file that names its listeners; the date, or how
            it begins, of a test in an Apple Health export, of which otherwise the newest is taken.
        other_ear: what to do about an ear that was not tested: it hears the "same" as the one that
            was, or is "normal", 0 dB HL.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is not an audiogram, or one ear is missing without `other_ear`; the
            message starts with the path.
        UsageError: when `listener_id` is needed or unknown; the message lists those there are.
    """
    with _named(source):
        if _standard(source):
            return _standard_reading(str(source), listener_id)
        return _reading(_found(source).chosen(listener_id), other_ear)


def read_listeners(source: str | Path) -> list[Reading]:
    """Read all listeners of a file, in its order; one from a file about one person.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when any of it is not an audiogram, or one ear is missing; the message starts
            with the path and names the listener.
    """
    with _named(source):
        if _standard(source):
            return [_standard_reading(str(source), None)]
        return [_reading(test, None) for test in _found(source).everybody()]


@contextmanager
def _named(source: str | Path) -> Iterator[None]:
    """Errors begin with the file."""
    where = "the typed audiogram" if _typed(source) else source
    try:
        yield
    except BadDataError as error:
        raise BadDataError(f"{where}: {error}") from None
    except UsageError as error:
        raise UsageError(f"{where}: {error}" if where else str(error)) from None


def _typed(source: str | Path) -> bool:
    return isinstance(source, str) and not os.path.lexists(source) and is_typed(source)


def _standard(source: str | Path) -> bool:
    return str(source).upper() in STANDARD_LISTENERS and not os.path.lexists(source)


def _found(source: str | Path) -> Found:
    if isinstance(source, str) and _typed(source):
        return Only(typed_test(source))
    if not os.path.lexists(source) and _STANDARD_NAME.fullmatch(str(source)):
        raise UsageError("there are no more standard audiograms than N1 to N7 and S1 to S3")
    if source == "":
        raise UsageError("an audiogram is needed: a file, a standard one such as N3, or pairs")
    return found_in(Path(source))


def _standard_reading(name: str, listener_id: str | None) -> Reading:
    listener = STANDARD_LISTENERS[name.upper()]
    if listener_id not in (None, listener.name):
        raise UsageError(f"no listener {listener_id!a}: there is only {listener.name!a}")
    return Reading(listener, format="standard")


def _reading(test: HearingTest, other_ear: OtherEar | None) -> Reading:
    listener, notes = listener_of(test, other_ear)
    return Reading(listener, notes, test.format)
