"""Who is in a file, and whom the user means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol

from hclarity.errors import UsageError
from hclarity.hearing.formats.audiometry import HearingTest
from hclarity.hearing.strict_json import short

__all__ = ["DatedTest", "Found", "Newest", "Only", "Several"]

_MOST_IDS_LISTED = 8


class Found(Protocol):
    """Hearing tests that a file was found to hold."""

    def chosen(self, listener_id: str | None) -> HearingTest:
        """Return one test: that asked for, or the one there is.

        Raises:
            UsageError: when that cannot be told; the message lists what there is.
        """
        ...

    def everybody(self) -> list[HearingTest]:
        """Return one test of each person."""
        ...


@dataclass(frozen=True)
class Only(Found):
    """One test of one person."""

    test: HearingTest

    def chosen(self, listener_id: str | None) -> HearingTest:
        """Return the test, unless somebody else was asked for."""
        name = self.test.name
        if listener_id not in (None, name):
            who = f"only {short(name)}" if name else "one listener without a name"
            raise UsageError(f"no listener {listener_id!a}: there is {who}")
        return self.test

    def everybody(self) -> list[HearingTest]:
        """Return the test."""
        return [self.test]


@dataclass(frozen=True)
class Several(Found):
    """A test of each of several people, read when asked for: who is broken harms nobody else."""

    readers: Mapping[str, Callable[[], HearingTest]]

    def chosen(self, listener_id: str | None) -> HearingTest:
        """Return the test of the person with this id."""
        ids = list(self.readers)
        if listener_id is None:
            if len(ids) > 1:
                raise UsageError(
                    f"{len(ids)} listeners, choose one with --listener: {_listed(ids)}"
                )
            listener_id = ids[0]
        if listener_id not in self.readers:
            nearest = get_close_matches(listener_id, ids, n=len(ids), cutoff=0.0)
            raise UsageError(f"no listener {listener_id!a}; there are {_listed(nearest)}")
        return self.readers[listener_id]()

    def everybody(self) -> list[HearingTest]:
        """Return all tests, in the order of the file."""
        return [read() for read in self.readers.values()]


@dataclass(frozen=True)
class DatedTest:
    """A test, read when it is chosen; when it ended, and the file's own words for that."""

    read: Callable[[], HearingTest]
    ended: datetime
    date: str


@dataclass(frozen=True)
class Newest(Found):
    """Several tests of one person, of whom the last one counts unless a date is given."""

    tests: Sequence[DatedTest]

    def chosen(self, listener_id: str | None) -> HearingTest:
        """Return the newest test, or the newest of those with a date that begins so."""
        dates = [one.date for one in sorted(self.tests, key=_ended, reverse=True)]
        among = [one for one in self.tests if one.date.startswith(listener_id or "")]
        if not among:
            raise UsageError(f"no audiogram of {listener_id!a}; there are {_listed(dates)}")
        newest = max(among, key=_ended)
        if listener_id is not None or len(dates) == 1:
            return newest.read()
        note = (
            f"{len(dates)} audiograms, the newest taken, of {short(newest.date)};"
            f" choose another by its date, as --listener {short(dates[1][:10])}"
        )
        test = newest.read()
        return replace(test, notes=(note, *test.notes))

    def everybody(self) -> list[HearingTest]:
        """Return the newest test of this one person."""
        return [self.chosen(None)]


def _ended(one: DatedTest) -> datetime:
    return one.ended


def _listed(ids: list[str]) -> str:
    more = len(ids) - _MOST_IDS_LISTED
    shown = ", ".join(short(name) for name in ids[:_MOST_IDS_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
