"""Dates and times as health records write them."""

import re
from datetime import UTC, datetime

from hclarity.errors import BadDataError
from hclarity.hearing.strict_json import short

__all__ = ["moment"]

# 2026, 2026-01, 2026-01-15, 2026-01-15T10:00:00.5+01:00 (FHIR), 2026-01-15 10:00:00 +0100 (Apple).
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?)?)? ?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


def moment(text: str) -> datetime:
    """Read a date, with or without a time; the start of what it leaves open, UTC if it tells none.

    Raises:
        BadDataError: when it is none.

    >>> moment("2026-01-15 10:00:00 +0100").isoformat()
    '2026-01-15T10:00:00+01:00'
    """
    try:
        if (parts := _MOMENT.fullmatch(text)) is None:
            raise ValueError
        year, month, day, time, zone = parts.groups()
        written = f"{year}-{month or '01'}-{day or '01'}T{time or '00:00:00'}"
        found = datetime.fromisoformat(written + (zone or ""))
    except ValueError:
        raise BadDataError(f"{short(text)} is no date such as 2026-01-15") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
